package io.kindling.inventory;

/// Everything that can go wrong in the inventory, by a stable id: the same in logs, API answers and
/// the troubleshooting pages.
public enum InventoryError {
  DOCUMENT_TOO_LARGE(
      1,
      "The discovery document is larger than 16 MiB.",
      "Look at the machine's console for a tool that prints without end; report again."),
  DOCUMENT_NOT_UTF8(
      2,
      "The discovery document is not UTF-8.",
      "Send what the agent of this version prints; a file must not be re-encoded."),
  DOCUMENT_TRUNCATED(
      3,
      "The discovery document ends too early.",
      "The connection broke or the file was cut; report again."),
  DOCUMENT_NOT_JSON(
      4, "The discovery document is not JSON.", "Send what the agent of this version prints."),
  DOCUMENT_OVER_LIMIT(
      5,
      "The discovery document is nested too deeply or has too many or too long values.",
      "No real machine's report is like this; look at what sends it."),
  DOCUMENT_UNKNOWN(
      6,
      "The discovery document is of a kind or version that this appliance does not know.",
      "Boot the machine with this appliance's bootstrap image, or upgrade the appliance."),
  NO_IDENTITY(
      7,
      "The report has nothing that tells the machine from others: no PCI or virtio NIC and no"
          + " usable system UUID.",
      "Give the machine a PCI NIC, or look why `ip` told none (its driver, its firmware)."),
  NIC_MOVED(
      8,
      "The report has evidence of two known nodes; a NIC seems to have moved.",
      "Boot the node that lost the NIC so that it reports without it, or remove that node; then"
          + " boot this one again."),
  TOKEN_NEEDED(
      9,
      "The report is for a node that is installed or being installed and came without that node's"
          + " own token.",
      "If the machine really is this node, order its wipe or rescue: that boot carries the token."),
  UUID_SHARED(
      10,
      "Two machines have the same system UUID; it no longer counts for either.",
      "Nothing has to be done; a firmware update or the vendor's tool can give each its own."),
  STATE_IN_USE(
      11,
      "Another appliance uses this state directory.",
      "Stop the other appliance, or give this one its own state directory."),
  STATE_DAMAGED(
      12,
      "The database file cannot be read.",
      "Restore the last backup (`kindling restore`); keep the damaged file for a diagnosis."),
  STATE_NEWER(
      13,
      "The database was written by a newer version of the appliance.",
      "Start that version, or restore a backup made by this one."),
  STATE_FOREIGN(
      14,
      "The database's history of migrations is not this appliance's.",
      "Start the version that wrote it, or restore a backup."),
  STATE_UNUSABLE(
      15,
      "The state directory cannot be used.",
      "Give a directory that exists or can be made, is writable, and has no semicolon in its"
          + " path."),
  STORE_BROKEN(
      16,
      "Writing to stable storage failed; nothing is acknowledged any more.",
      "Look for a full or failing disk under the state directory, then start the appliance again."),
  NOT_INVITED(
      17,
      "A machine with its own operating system reported without a token that admits it.",
      "Make a join token with `kindling node join-token` and run the lines that it prints on the"
          + " machine."),
  KNOWN_OTHERWISE(
      18,
      "A machine that wants to join with its own operating system is already another node.",
      "It has a NIC of the node named. If that is the same machine, it belongs to Kindling: its"
          + " system is installed, not joined.");

  private final int number;
  private final String summary;
  private final String cure;

  InventoryError(int number, String summary, String cure) {
    this.number = number;
    this.summary = summary;
    this.cure = cure;
  }

  /// The stable id, `INV-007`.
  public String id() {
    return "INV-%03d".formatted(number);
  }

  /// What happened.
  public String summary() {
    return summary;
  }

  /// What to do.
  public String cure() {
    return cure;
  }
}
