package io.kindling.appliance.power;

/// What can go wrong between the appliance and a machine's BMC; ids are stable and the same in
/// logs, API bodies and the manual.
public enum PowerError {
  NOT_SET(
      "APP-401",
      "Nothing is known of how to switch the machine",
      "Say `kindling node power NODE --set ipmi --user USER` (or `redfish`; the password comes on"
          + " standard input), or the same with `--label LABEL` for many.",
      409),
  NO_ADDRESS(
      "APP-402",
      "The BMC's address is not known",
      "The machine's report names none: give it with `--address`.",
      409),
  AMBIGUOUS(
      "APP-403",
      "Two of the node's labels say differently how to switch it",
      "Set it for the node itself, or take one of the labels away.",
      409),
  UNREACHABLE(
      "APP-404",
      "The BMC does not answer",
      "Check its cable, its address (`ipmitool lan print` on the machine), that IPMI over LAN"
          + " (UDP 623) or Redfish (TCP 443) is switched on in it, and that the appliance reaches"
          + " its network.",
      504),
  CREDENTIALS(
      "APP-405",
      "The BMC does not take the user and password",
      "Set them anew: `kindling node power NODE --set …`. Some BMCs lock a user for minutes after"
          + " some wrong passwords.",
      502),
  PRIVILEGE(
      "APP-406",
      "The BMC's user may not do that",
      "Give it the role operator or higher in the BMC, or set another user.",
      502),
  UNSUPPORTED(
      "APP-407",
      "The BMC cannot do that",
      "Do it by hand or in the BMC's own pages; newer firmware or the other of IPMI and Redfish"
          + " may be able to.",
      502),
  NOT_IN_TIME(
      "APP-408",
      "The machine did not reach the state in time",
      "Look at it: the order was taken. Ask `kindling node power NODE status` again; a hanging BMC"
          + " is reset in its own pages or by unplugging the machine.",
      504),
  NOT_TRUSTED(
      "APP-409",
      "The BMC's certificate is not trusted",
      "Compare the fingerprint with the BMC's own pages, then set it again with `--fingerprint`, or"
          + " with `--ca FILE` of the authority that signed it.",
      502),
  SYSTEMS(
      "APP-410",
      "The BMC has not exactly the one system that is meant",
      "Name one of those listed: set it again with `--system ID`.",
      409),
  REFUSED(
      "APP-411",
      "The BMC failed or gave an answer that is not understood",
      "See the message; try again, and if it stays, restart the BMC in its own pages.",
      502),
  NO_TOOL(
      "APP-412",
      "ipmitool is not installed on the appliance",
      "Install it: `apt-get install ipmitool`.",
      500),
  NEEDS_YES(
      "APP-413",
      "Switching the machine off would stop what runs on it",
      "If that is meant, say it again with `--yes`.",
      409);

  private final String id;
  private final String summary;
  private final String cure;
  private final int status;

  PowerError(String id, String summary, String cure, int status) {
    this.id = id;
    this.summary = summary;
    this.cure = cure;
    this.status = status;
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

  /// The status of an answer of the API.
  public int status() {
    return status;
  }
}
