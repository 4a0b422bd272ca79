package io.kindling.appliance.boot;

/// What the table says a machine is to do.
public enum BootAction {
  /// Boot the bootstrap image.
  BOOTSTRAP,
  /// Boot its release's own installer.
  INSTALLER,
  /// Start the machine's own disk.
  OWN_DISK,
  /// Leave it to the firmware's next device: no part of the bootstrap is handed out any more.
  FIRMWARE_NEXT
}
