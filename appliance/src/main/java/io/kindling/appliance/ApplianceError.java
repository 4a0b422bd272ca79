package io.kindling.appliance;

/// The appliance's own errors; ids are stable and the same in logs, API bodies and the manual.
public enum ApplianceError {
  CONFIG_INVALID(
      "APP-001",
      "The configuration file is wrong",
      "Correct the file at the line named, then start again."),
  CONFIG_UNREADABLE(
      "APP-002",
      "A file cannot be read",
      "Check that the path is right and that this user may read it."),
  CLUSTER_INVALID(
      "APP-003",
      "The cluster file is wrong",
      "Correct the file at the line named, then apply it again."),
  UNKNOWN_NODE("APP-004", "There is no such node", "List the nodes with `kindling node list`."),
  NAME_TAKEN(
      "APP-005",
      "The name cannot be used",
      "Choose another: lower-case letters, digits and dashes, at most 63, not used by another"
          + " node."),
  NO_CLUSTER(
      "APP-006",
      "No cluster has been applied",
      "Apply one: `kindling cluster apply -f cluster.yaml`."),
  LAYOUT_IMPOSSIBLE(
      "APP-007",
      "A node cannot get the layout its roles need",
      "See the reason; add disks, change roles or `disks:`, then apply the cluster again."),
  FROZEN(
      "APP-008",
      "An installed node would have to change",
      "Say `kindling deploy --reinstall NODE` to install it anew, or take the change back."),
  NEEDS_RESUME(
      "APP-009",
      "A node is in error",
      "Say `kindling deploy --resume` to go on where it stopped, or `--reinstall NODE` to start"
          + " anew."),
  NO_IMAGE("APP-010", "The node image is not built", "Build it: `kindling image node`."),
  NO_ADDRESS(
      "APP-011",
      "A network has no free address for a node",
      "Enlarge the network's `nodes:` range and apply the cluster again."),
  TOO_LARGE(
      "APP-013", "The request is larger than allowed", "Send less; the limit is in the message."),
  TOO_SLOW(
      "APP-014",
      "The request took too long to arrive",
      "Check the network between the sender and the appliance."),
  BAD_REQUEST("APP-015", "The request makes no sense", "See the message for what was expected."),
  FORBIDDEN_ORIGIN(
      "APP-016",
      "A web page of another origin asked for a change",
      "Use the console at the appliance's own address."),
  NOT_FOUND(
      "APP-017",
      "There is nothing at this address",
      "Check the path against the API's description."),
  METHOD(
      "APP-018",
      "This address does not take that method",
      "Check the method against the API's description."),
  TOKEN(
      "APP-019",
      "The boot token is missing or not this node's",
      "Boot the machine again from the appliance; its loader gets a new token."),
  CHANGED(
      "APP-020",
      "Another has changed it meanwhile",
      "Read it again, see what is different, and send the change anew with the new `ETag`."),
  REPEATED(
      "APP-022",
      "An order with this key was given before",
      "Look at the nodes what became of it; a new order wants a new `Idempotency-Key`."),
  INTERNAL(
      "APP-021",
      "The appliance failed at something it should be able to do",
      "Look into the appliance's log for the same id and time; report it with a snapshot."),
  SOCKET(
      "APP-023",
      "The operators' socket cannot be used",
      "Run the command as the user that runs the appliance (root), or check the state directory."),
  LISTEN(
      "APP-024",
      "A listener cannot be opened",
      "Check that the address is this machine's and that no other program holds the port."),
  BUSY(
      "APP-025",
      "The node is being worked on",
      "Wait until it is done; follow it with `kindling logs -f NODE`."),
  EXISTING(
      "APP-026",
      "A machine with its own operating system would have to change",
      "It keeps its name, disks and networks: take `name:`, `disks:` and `interfaces:` out of its"
          + " rule, and give it an address in each network with `nodes:` yourself."),
  NOT_AN_INSTALLER(
      "APP-061",
      "The file is not an installer's image",
      "Take the distribution's DVD or minimal ISO, and compare its checksum."),
  ISO_DAMAGED(
      "APP-062",
      "The image is damaged or not whole",
      "Fetch it again and compare its checksum, then import it."),
  RELEASE_UNKNOWN(
      "APP-063",
      "The image is of a release that this version does not install",
      "See the message for those it does."),
  NO_PACKAGES(
      "APP-064",
      "The image holds an installer but no packages",
      "Take the DVD or minimal ISO instead of the boot ISO."),
  IMPORT_FAILED(
      "APP-065",
      "The image could not be imported",
      "See the message; make room or install what is missing, then import it again."),
  NO_RELEASE(
      "APP-066", "The release is not imported", "Import its ISO: `kindling release import FILE`."),
  SECURE_BOOT(
      "APP-067",
      "A machine has Secure Boot on, and its release's installer cannot be booted so",
      "Switch Secure Boot off in its firmware, let it report again and apply the cluster."),
  UNCONFIRMED(
      "APP-068",
      "A disk to be wiped is known only by its place in the machine",
      "Look at that drive, then say `kindling deploy --confirm NODE`, or `--confirm` with `kindling"
          + " node wipe`."),
  NOT_SPARED(
      "APP-069",
      "The phases cannot go on without this node",
      "Mend what stopped it and go on; or install it anew: `kindling deploy --reinstall NODE`."),
  IN_USE(
      "APP-070",
      "The node runs a system that was installed",
      "Where it is meant to be forgotten all the same, say `kindling node remove NODE --yes`."),
  IN_CLUSTER(
      "APP-083",
      "The node is part of a cluster that serves",
      "Its daemons would be missed: switch it off and mend it, or install it anew. A node that is"
          + " only to be left alone is left out by `kindling deploy --skip NODE`."),
  PASSPHRASE(
      "APP-071",
      "The passphrase cannot be used",
      "Choose one of 12 to 1,024 characters, best several words, and keep it apart from the backup:"
          + " without it nobody reads it."),
  BACKUP_FAILED(
      "APP-072",
      "The backup could not be made",
      "Make room in the state directory for a copy of the database, then say it again."),
  NOT_A_BACKUP(
      "APP-073",
      "The file is not an appliance's backup",
      "Name a file that `kindling backup` wrote."),
  BACKUP_DAMAGED(
      "APP-074",
      "The backup is not whole, or was changed",
      "Copy it again from where it is kept, or take the one before it. Nothing was restored."),
  WRONG_PASSPHRASE(
      "APP-075",
      "The passphrase is not the backup's",
      "Say it again, with the passphrase that this backup was made with. Nothing was restored."),
  BACKUP_NEWER(
      "APP-076",
      "The backup is of a newer appliance",
      "Install that version or a later one, then restore. Nothing was restored."),
  OCCUPIED(
      "APP-077",
      "The state directory is not empty",
      "An appliance has been here. Stop it, move what is in the directory elsewhere, then say it"
          + " again. Nothing was restored."),
  RESTORE_FAILED(
      "APP-078",
      "The backup could not be restored",
      "See the message; make room or let this user write there, then say it again. Nothing was"
          + " left behind."),
  RESTORE_UNFINISHED(
      "APP-079",
      "A restore broke off in the state directory",
      "Say `kindling restore` again: it begins anew."),
  RESTORED_MIDWAY(
      "APP-080",
      "The backup that this appliance was restored from was made in the midst of it",
      "See what the machine holds by now: where nothing of worth, `kindling deploy --resume` or"
          + " `--reinstall NODE`; an operation goes on by `kindling operation resume`."),
  NOT_ADOPTABLE(
      "APP-081",
      "The node is not one that another appliance installed",
      "List those that are: `kindling node list --in-state adoptable`."),
  NOT_ADOPTED(
      "APP-082",
      "The machine could not be adopted",
      "See the message. Without the former appliance's key leave `--key` away: then the machine has"
          + " to boot once over the network."),
  NOT_ASIDE(
      "APP-090",
      "Nothing of that kind is under way on the node",
      "List those in rescue or to be wiped: `kindling node list --in-state rescue --in-state"
          + " wiping`."),
  WOULD_STOP(
      "APP-091",
      "The node's system would stop for the rescue",
      "Take a host of the cluster into maintenance first; then say it again with `--yes`."),
  WHO_IS_IT(
      "APP-092",
      "It is in doubt which machine the node is",
      "Clear that up first: its reason says what contradicts."),
  NO_SUCH_DISKS(
      "APP-093",
      "The disks to be wiped cannot be told",
      "Name them by their ids from `kindling node show NODE`."),
  WOULD_ERASE(
      "APP-094",
      "What is on these disks would be lost for good",
      "Where that is meant, say it again with `--yes`."),
  STATE_DIR(
      "APP-029",
      "The state directory cannot be used",
      "Check that it exists on a local file system, is writable, and that no other appliance runs"
          + " on it."),
  TLS(
      "APP-032",
      "The operators' listener cannot speak TLS",
      "Correct the files named under `listen: tls:`: a certificate with its chain and its key, both"
          + " PEM, the key not encrypted; or say `tls: own`."),
  SEALED(
      "APP-031",
      "A kept secret cannot be read",
      "The key in the state directory's secrets.key is not the one it was sealed with: put that"
          + " file back from the backup that the database is of."),
  TIME_SERVER(
      "APP-030",
      "The appliance does not give the machines the time",
      "Install chrony; where another time server has port 123 on this machine, let that one answer"
          + " the provisioning network.");

  private final String id;
  private final String summary;
  private final String cure;

  ApplianceError(String id, String summary, String cure) {
    this.id = id;
    this.summary = summary;
    this.cure = cure;
  }

  /// The stable id, `APP-001`.
  public String id() {
    return id;
  }

  /// What happened, without the particulars.
  public String summary() {
    return summary;
  }

  /// What to do.
  public String cure() {
    return cure;
  }
}
