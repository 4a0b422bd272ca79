package io.kindling.appliance.power;

/// A connection to one machine's management controller. Each method is one order or question, is
/// safe to repeat and returns once the controller has taken it; what comes of it is asked by
/// [#state]. Confined to one thread. Failures are [PowerException]s.
public interface Bmc extends AutoCloseable {

  /// Whether the machine is on.
  enum State {
    ON,
    OFF,
    /// On its way from one to the other.
    CHANGING;

    /// As the API says it.
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  State state() throws InterruptedException;

  void on() throws InterruptedException;

  /// Cuts the power, without asking the operating system.
  void off() throws InterruptedException;

  /// The next boot, and only that, is over the network; looked at afterwards, for some controllers
  /// accept it and forget it.
  ///
  /// @param uefi by UEFI, else by BIOS: an override of the other kind is ignored by firmware
  void networkOnce(boolean uefi) throws InterruptedException;

  /// Lights the machine's identification LED, or ends that.
  void locate(boolean lit) throws InterruptedException;

  @Override
  void close();

  /// Connects to controllers.
  @FunctionalInterface
  interface Connector {
    /// @param access with its address
    Bmc connect(BmcAccess access) throws InterruptedException;
  }
}
