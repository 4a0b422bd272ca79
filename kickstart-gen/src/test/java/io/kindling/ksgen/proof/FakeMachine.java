package io.kindling.ksgen.proof;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A machine in a folder: `/dev`, `/sys`, `/proc` and `/run` for a partition script that believes
/// it runs on the disks of its plan. The disks are sparse files, on which the real sfdisk and
/// wipefs work; tools that need a kernel are shims. The script is the product's own but for the
/// places of these four folders, and for files standing where it asks for block devices.
final class FakeMachine {

  private final Path root;
  private final String script;

  FakeMachine(Path root, String script) throws Exception {
    this.root = root;
    this.script = script;
    for (String folder :
        List.of("dev/disk/by-id", "dev/disk/by-path", "sys/class/block", "sys/block", "bin")) {
      Files.createDirectories(root.resolve(folder));
    }
    write("proc/self/mountinfo", "");
    write("proc/swaps", "Filename Type Size Used Priority\n");
    write("run/here", "");
    shim("blockdev", "[ \"$1\" != --getsize64 ] || exec stat -Lc %s \"$2\"");
    shim("blkdiscard", "exit 0");
    shim("partx", PARTX.replace("ROOT", root.toString()));
    for (String tool : List.of("udevadm", "lsblk")) {
      shim(tool, "exit 1");
    }
    for (String tool : List.of("pvs", "mdadm", "modprobe", "multipath", "dmsetup", "vgchange")) {
      shim(tool, "exit 0");
    }
  }

  /// Tells the "kernel" of a disk's partitions, as partx would.
  private static final String PARTX =
      """
      case $1 in -d | --delete) exit 0 ;; esac
      for disk in "$@"; do :; done
      kernel=${disk#ROOT/dev/}
      sys=ROOT/sys/class/block
      sfdisk --dump "$disk" 2>/dev/null | sed -n \
        's|^\\(.*[^0-9]\\([0-9]*\\)\\) : start= *\\([0-9]*\\), size= *\\([0-9]*\\),.*|\\1 \\2 \\3 \\4|p' |
        while read -r node number start size; do
          part=${node#ROOT/dev/}
          mkdir -p "$sys/$part" "$sys/$kernel/$part"
          : >"$node"
          for at in "$sys/$part" "$sys/$kernel/$part"; do
            echo "$number" >"$at/partition"
            echo "$start" >"$at/start"
            echo "$size" >"$at/size"
            echo 0:0 >"$at/dev"
          done
        done
      """;

  /// Adds a disk of the plan.
  void plug(ScriptPlan.Disk disk, String model, String serial) throws IOException {
    String name = disk.about().text("NAME");
    Path file = root.resolve("dev/" + name);
    try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(disk.about().number("BYTES"));
    }
    for (String link : disk.links()) {
      Path at = root.resolve("dev").resolve(link);
      if (!at.equals(file)) {
        Files.createSymbolicLink(at, file);
      }
    }
    String sys = "sys/class/block/" + name;
    write(sys + "/size", disk.about().number("BYTES") / 512 + "\n");
    write(sys + "/ro", "0\n");
    write(sys + "/dev", "8:0\n");
    write(sys + "/queue/logical_block_size", "512\n");
    write(sys + "/device/model", model + "\n");
    write(sys + "/device/serial", serial + "\n");
    Files.createSymbolicLink(
        root.resolve("sys/block/" + name), root.resolve("sys/class/block/" + name));
  }

  void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void shim(String name, String body) throws IOException {
    Path file = Files.writeString(root.resolve("bin/" + name), "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  /// Runs the script here, in an empty folder, with a shell of that name.
  ShellPlan.Result run(String shell, String... arguments) throws Exception {
    String head = ScriptPlan.head(script);
    String body =
        script
            .substring(head.length())
            .replaceAll("(?<![A-Za-z0-9_.}])/(sys|proc|run)/", root + "/$1/")
            .replaceAll("(?<![A-Za-z0-9_.}])/dev/(?!null|zero)", root + "/dev/")
            .replace("[ -b ", "[ -e ");
    String path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n";
    if (!head.contains(path)) {
      throw new AssertionError("the script sets PATH otherwise");
    }
    head = head.replace(path, "PATH=" + root + "/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
    Path file = Files.writeString(root.resolve("script.sh"), head + body);
    Path work = Files.createDirectories(root.resolve("work"));
    var command = new ArrayList<String>(List.of(shell.split(" ")));
    command.add(file.toString());
    command.addAll(List.of(arguments));
    ShellPlan.Result result = ShellPlan.result(work, "", command.toArray(String[]::new));
    try (var left = Files.list(work)) {
      List<Path> files = left.toList();
      if (!files.isEmpty()) {
        throw new AssertionError("the script has made " + files);
      }
    }
    return result;
  }

  /// A disk's table as sfdisk tells it, in the words of [#planned].
  List<String> table(ScriptPlan.Disk disk) throws Exception {
    String file = root.resolve("dev/" + disk.about().text("NAME")).toString();
    var lines = new ArrayList<String>();
    ShellPlan.Result dump = ShellPlan.result(root, "", "sfdisk", "--dump", file);
    for (String line : dump.out().lines().toList()) {
      if (line.startsWith("label-id: ")) {
        lines.addFirst(line.substring(10).toLowerCase(Locale.ROOT));
      } else if (line.contains("start=")) {
        lines.add(
            line.substring(line.indexOf("start="))
                .replace(" ", "")
                .replace("\"", "")
                .toLowerCase(Locale.ROOT));
      }
    }
    return lines;
  }

  static List<String> planned(ScriptPlan.Disk disk) {
    var lines = new ArrayList<String>();
    lines.add(disk.about().text("GUID"));
    for (ScriptPlan.Row p : disk.partitions()) {
      lines.add(
          "start=%d,size=%d,type=%s,uuid=%s,name=%s"
              .formatted(
                  p.number("START-MIB") * 2048,
                  p.number("SIZE-MIB") * 2048,
                  p.text("TYPE"),
                  p.text("PARTUUID"),
                  p.text("LABEL")));
    }
    return lines;
  }
}
