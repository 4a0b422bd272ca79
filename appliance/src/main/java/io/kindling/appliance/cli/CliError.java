package io.kindling.appliance.cli;

/// What can go wrong on the command line; ids are stable and the same in the manual.
public enum CliError {
  USAGE("APP-301", "The command line makes no sense", "See `--help` of the command."),
  NOT_RUNNING(
      "APP-302",
      "The appliance does not answer",
      "Start it: `kindling serve --config kindling.yaml`. If it runs with another state directory,"
          + " name that with --state."),
  NOT_ALLOWED(
      "APP-303",
      "The operators' socket may not be used",
      "Run the command as the user that runs the appliance (root)."),
  BROKEN_OFF(
      "APP-304",
      "The appliance's answer broke off",
      "Look whether the appliance still runs and into its log, then say the command again."),
  REFUSED("APP-305", "The appliance refused", "See the message; look into the appliance's log."),
  FILE("APP-306", "A file cannot be read", "Check the path and that this user may read it."),
  NOT_INSTALLED(
      "APP-307",
      "Not every node got there",
      "Read `kindling logs NODE`, remove the cause, then `kindling deploy --resume`."),
  STOPPED(
      "APP-309",
      "The operation stopped half way",
      "Mend what the reason names, then `kindling operation resume`."),
  INTERNAL(
      "APP-308",
      "The command failed at something it should be able to do",
      "Say it again with --debug and report what it prints.");

  private final String id;
  private final String summary;
  private final String cure;

  CliError(String id, String summary, String cure) {
    this.id = id;
    this.summary = summary;
    this.cure = cure;
  }

  /// The stable id.
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
