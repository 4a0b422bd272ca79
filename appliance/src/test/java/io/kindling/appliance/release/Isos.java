package io.kindling.appliance.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;

/// Installation trees and their ISOs for tests, small stand-ins for the real files; made by
/// xorriso.
public final class Isos {

  private Isos() {}

  /// A tree such as a DVD holds.
  public static Path tree(Path dir, String family, String version, String arch) throws Exception {
    var random = new Random(version.hashCode());
    for (String file :
        new String[] {
          "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img", "images/install.img"
        }) {
      byte[] content = new byte[200_000];
      random.nextBytes(content);
      write(dir.resolve(file), content);
    }
    for (String repository : new String[] {"BaseOS", "AppStream"}) {
      write(
          dir.resolve(repository + "/repodata/repomd.xml"),
          "<repomd/>".getBytes(StandardCharsets.US_ASCII));
    }
    String treeInfo =
        """
        [checksums]
        images/install.img = sha256:%s
        images/pxeboot/vmlinuz = sha256:%s
        images/boot.iso = sha256:%s

        [general]
        arch = %s
        family = %s
        name = %s %s
        version = %s

        [images-%s]
        initrd = images/pxeboot/initrd.img
        kernel = images/pxeboot/vmlinuz

        [stage2]
        mainimage = images/install.img

        [tree]
        arch = %s
        variants = AppStream,BaseOS

        [variant-AppStream]
        repository = AppStream

        [variant-BaseOS]
        repository = BaseOS
        """
            .formatted(
                sha256(dir.resolve("images/install.img")),
                sha256(dir.resolve("images/pxeboot/vmlinuz")),
                "0".repeat(64),
                arch,
                family,
                family,
                version,
                version,
                arch,
                arch);
    write(dir.resolve(TreeInfo.FILE), treeInfo.getBytes(StandardCharsets.US_ASCII));
    return dir;
  }

  /// The tree as an ISO.
  public static Path iso(Path tree, Path iso) throws Exception {
    Process process =
        new ProcessBuilder(
                "xorriso",
                "-as",
                "mkisofs",
                "-quiet",
                "-R",
                "-J",
                "-o",
                iso.toString(),
                tree.toString())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(out);
    }
    return iso;
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(java.util.Objects.requireNonNull(file.getParent()));
    Files.write(file, content);
  }

  private static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
