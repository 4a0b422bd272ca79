package io.kindling.isobuild;

import java.nio.file.Path;

/// The root of an installed node: `tar`, compressed by zstd, with extended attributes. `/vmlinuz`
/// and `/initrd.img` in it are links to the newest kernel.
///
/// @param sha256 of the archive, in hexadecimal
/// @param bytes the archive's length
/// @param hash of the build's inputs
public record NodeImage(Path archive, String sha256, long bytes, String hash) {}
