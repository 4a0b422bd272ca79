package io.kindling.pxe;

import java.util.List;
import java.util.Optional;

/// What a machine that asks to boot is to do now.
public sealed interface BootAnswer {

  /// Boot the bootstrap image.
  ///
  /// @param token bearer token of this boot, handed over in the second initrd; empty for DHCP,
  ///   which hands over none
  /// @param appliancePublicKey OpenSSH public key line that may log in to the bootstrap
  /// @param kernelArguments extra kernel arguments (consoles); url and boot MAC are added by `pxe`
  record Bootstrap(String token, String appliancePublicKey, List<String> kernelArguments)
      implements BootAnswer {
    /// What a script that leads there is called in the detail of its stage.
    public static final String NAME = "bootstrap image";

    public Bootstrap {
      kernelArguments = List.copyOf(kernelArguments);
    }
  }

  /// Boot a release's own installer.
  ///
  /// @param kernel path of its kernel on the machines' listener: `/releases/rocky-9.4/…`
  /// @param initrd path of its initial RAM disk there
  /// @param kernelArguments all of them; in each, `{base}` stands for the listener's address
  record Installer(String kernel, String initrd, List<String> kernelArguments)
      implements BootAnswer {
    public Installer {
      kernelArguments = List.copyOf(kernelArguments);
    }
  }

  /// Start the machine's own disk.
  ///
  /// @param espSerial FAT serial of its EFI system partition (`ABCD-EF01`)
  record OwnDisk(Optional<String> espSerial) implements BootAnswer {}

  /// Leave the machine to its firmware's next boot device.
  record FirmwareNext(String reason) implements BootAnswer {}

  /// Do not answer at all.
  record Silence(String reason) implements BootAnswer {}
}
