package io.kindling.postinstall.engine;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// One thing that is to be so on a host. Items of a task are looked at in order; one that is as
/// planned is left alone, another is applied and looked at again. Immutable.
public sealed interface Item {

  /// In words for plans and logs: `file /etc/ceph/ceph.conf`.
  String title();

  /// A whole file.
  ///
  /// @param mode octal, `0644`
  /// @param secrets the words in it that show nowhere: not in plans, not in logs, on no command
  ///   line
  record ManagedFile(
      String path, String owner, String group, String mode, String content, List<String> secrets)
      implements Item {
    public ManagedFile {
      secrets = List.copyOf(secrets);
      for (String secret : secrets) {
        if (secret.length() < Secrets.SHORTEST || !content.contains(secret)) {
          throw new IllegalArgumentException("too short for a secret, or not in " + path);
        }
      }
      Checks.path(path);
      Checks.names(owner, group);
      Checks.mode(mode);
      Checks.text(content);
    }

    public static ManagedFile of(String path, String content) {
      return new ManagedFile(path, "root", "root", "0644", content, List.of());
    }

    public static ManagedFile program(String path, String content) {
      return new ManagedFile(path, "root", "root", "0755", content, List.of());
    }

    /// Whether its content must not be shown.
    public boolean secret() {
      return !secrets.isEmpty();
    }

    @Override
    public String title() {
      return "file " + path;
    }
  }

  /// A folder; what is in it is not looked at.
  record Folder(String path, String owner, String group, String mode) implements Item {
    public Folder {
      Checks.path(path);
      Checks.names(owner, group);
      Checks.mode(mode);
    }

    @Override
    public String title() {
      return "folder " + path;
    }
  }

  /// A path that is not to be.
  ///
  /// @param path of a file; a folder in its place is a failure
  record Absent(String path) implements Item {
    public Absent {
      Checks.path(path);
    }

    @Override
    public String title() {
      return "no file " + path;
    }
  }

  /// Debian packages, installed without their recommendations and without starting a service.
  record Packages(List<String> names) implements Item {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9+.-]+");

    public Packages {
      names = List.copyOf(names);
      for (String name : names) {
        if (!NAME.matcher(name).matches()) {
          throw new IllegalArgumentException("not a package: " + name);
        }
      }
    }

    @Override
    public String title() {
      return "packages " + String.join(" ", names);
    }
  }

  /// A systemd unit.
  ///
  /// @param enabled whether it starts at boot
  /// @param running whether it runs now
  /// @param restartAfter files it reads at its start: newer than the start means a restart
  record Unit(String name, boolean enabled, boolean running, List<String> restartAfter)
      implements Item {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9:_.@\\\\-]+");

    public Unit {
      restartAfter = List.copyOf(restartAfter);
      restartAfter.forEach(Checks::path);
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException("not a unit: " + name);
      }
    }

    public static Unit running(String name, String... restartAfter) {
      return new Unit(name, true, true, List.of(restartAfter));
    }

    public static Unit off(String name) {
      return new Unit(name, false, false, List.of());
    }

    @Override
    public String title() {
      return "unit " + name;
    }
  }

  /// Commands for what has no simpler form.
  ///
  /// @param present says whether it is so: exit 0 yes, 1 no, 75 cannot tell just now (tried again),
  ///   anything else a failure; a line `KINDLING-ERROR id text` names one
  /// @param apply run in order until one fails
  record Action(String title, Command present, List<Command> apply) implements Item {
    public Action {
      apply = List.copyOf(apply);
    }
  }

  /// A condition the rest waits for; changes nothing.
  ///
  /// @param ready exit 0 yes, 1 or 75 not yet, anything else never
  /// @param patience how long to wait
  /// @param late what it is called when it does not come true in that time
  record Gate(String title, Command ready, Duration patience, NamedError late) implements Item {}
}
