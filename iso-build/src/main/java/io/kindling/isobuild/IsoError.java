package io.kindling.isobuild;

/// What can go wrong while images are built. The ids are stable and stand in
/// docs/troubleshooting.md.
public enum IsoError {
  TOOLS_MISSING(
      "ISO-001",
      "Tools that build the images are not installed",
      "Install the packages the message names with apt-get install."),
  NOT_ROOT(
      "ISO-002",
      "Building images needs root",
      "Run it as root: the images hold device nodes and files of several owners."),
  BUILD_FAILED(
      "ISO-003",
      "A tool failed while an image was built",
      "Read its last lines in the message, or the whole log it names; then run it again."),
  MIRROR_UNREACHABLE(
      "ISO-004",
      "Packages could not be fetched from the Debian mirror",
      "Check that this machine reaches the mirror the message names, or configure another one."),
  NO_SPACE(
      "ISO-005",
      "The disk is full",
      "Free at least 4 GiB where the cache is, or configure another cache directory."),
  INCOMPLETE(
      "ISO-006",
      "The build ended without leaving every file",
      "Run it again; if that does not help, report the log the message names."),
  CACHE_UNUSABLE(
      "ISO-007",
      "The cache directory cannot be read or written",
      "Check its permissions and its disk, or configure another one."),
  INTERRUPTED("ISO-008", "The build was interrupted", "Run it again: it starts anew."),
  NO_MIRROR(
      "ISO-009",
      "This machine's apt names no Debian mirror",
      "Add a Debian archive (an address that ends in /debian) to /etc/apt/sources.list."),
  HASH_MISMATCH(
      "ISO-010",
      "A package is not what the source's signed lists say",
      "Run it again: what was wrong is fetched anew. If it stays wrong, the source or something"
          + " before it changes files: configure another one."),
  UNVERIFIED(
      "ISO-011",
      "The source's signature cannot be verified",
      "Check this machine's clock and its package debian-archive-keyring; take no packages from a"
          + " source that stays unverified."),
  NO_PACKAGES(
      "ISO-012",
      "There is no package mirror to put into the ISO",
      "Fetch it first: kindling mirror sync.");

  private final String id;
  private final String summary;
  private final String cure;

  IsoError(String id, String summary, String cure) {
    this.id = id;
    this.summary = summary;
    this.cure = cure;
  }

  public String id() {
    return id;
  }

  public String summary() {
    return summary;
  }

  public String cure() {
    return cure;
  }
}
