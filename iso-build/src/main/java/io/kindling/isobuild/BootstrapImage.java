package io.kindling.isobuild;

import java.nio.file.Path;

/// The system that a machine runs until it is installed. A second initrd with `/etc/kindling/token`
/// and `/etc/kindling/appliance.pub` goes behind [#initrd], whose length is a multiple of four
/// bytes.
///
/// @param hash of the build's inputs
public record BootstrapImage(Path kernel, Path initrd, String hash) {}
