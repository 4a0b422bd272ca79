package io.kindling.ksgen.kickstart;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// The releases that are installed by kickstart.
public enum Release {
  ROCKY_9("rocky-9", "Rocky Linux", 9),
  ROCKY_10("rocky-10", "Rocky Linux", 10),
  ALMA_9("alma-9", "AlmaLinux", 9),
  ALMA_10("alma-10", "AlmaLinux", 10),
  CENTOS_STREAM_9("centos-stream-9", "CentOS Stream", 9),
  CENTOS_STREAM_10("centos-stream-10", "CentOS Stream", 10);

  private final String label;
  private final String family;
  private final int major;

  Release(String label, String family, int major) {
    this.label = label;
    this.family = family;
    this.major = major;
  }

  /// The name in cluster files and on the command line: `rocky-9`.
  public String label() {
    return label;
  }

  /// What its installer calls itself (`[general] family` of `.treeinfo`).
  public String family() {
    return family;
  }

  public int major() {
    return major;
  }

  public static Optional<Release> of(String label) {
    return Arrays.stream(values()).filter(r -> r.label.equals(label)).findFirst();
  }

  /// The release of an installer's family and version (`9.4`, `10`).
  public static Optional<Release> of(String family, String version) {
    return Arrays.stream(values())
        .filter(r ->
            r.family.equals(family)
                && (version.equals("" + r.major) || version.startsWith(r.major + ".")))
        .findFirst();
  }

  /// All labels, for messages.
  public static String labels() {
    return Arrays.stream(values()).map(Release::label).collect(Collectors.joining(", "));
  }
}
