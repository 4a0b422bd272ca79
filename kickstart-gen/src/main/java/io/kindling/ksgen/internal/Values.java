package io.kindling.ksgen.internal;

import io.kindling.ksgen.LayoutError;
import io.kindling.ksgen.LayoutException;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an allocation may hold where it meets the system; a document can come from anybody.
public final class Values {

  private static final int MAX_TEXT = 1000;
  private static final Pattern LVM_NAME = Pattern.compile("[a-zA-Z0-9_+.][a-zA-Z0-9_+.-]{0,99}");
  private static final Pattern MOUNT = Pattern.compile("(/[A-Za-z0-9_@:=,.+-]+)+|/");
  private static final Set<String> FILE_SYSTEMS = Set.of("ext2", "ext3", "ext4", "xfs", "swap");

  private Values() {}

  public static String text(String what, String value) {
    if (value.isEmpty()
        || value.length() > MAX_TEXT
        || value.chars().anyMatch(c -> Character.isISOControl(c))) {
      throw bad(what + " is empty, too long or has control characters: `" + value + "`");
    }
    return value;
  }

  /// A link relative to /dev that stays below it.
  public static String link(String link) {
    text("a link", link);
    if (link.startsWith("/") || ("/" + link + "/").contains("/../")) {
      throw bad("a link is relative to /dev: `" + link + "`");
    }
    return link;
  }

  static String lvmName(String name) {
    if (!LVM_NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw bad("LVM allows no name `" + name + "`");
    }
    return name;
  }

  static @Nullable String mount(@Nullable String mount) {
    if (mount != null
        && (!MOUNT.matcher(mount).matches()
            || mount.contains("/./")
            || (mount + "/").contains("/../"))) {
      throw bad("no mount point: `" + mount + "`");
    }
    return mount;
  }

  static @Nullable String fileSystem(@Nullable String name) {
    if (name != null && !FILE_SYSTEMS.contains(name)) {
      throw bad("no file system this version makes: `" + name + "`");
    }
    return name;
  }

  private static LayoutException bad(String why) {
    return new LayoutException(LayoutError.BAD_VALUE, why);
  }
}
