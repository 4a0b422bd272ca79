package io.kindling.pxe.dhcp;

/// What a reply says about booting.
sealed interface Boot {
  /// A lease and no boot options.
  record Nothing() implements Boot {}

  record From(Loaders.Loader loader) implements Boot {}
}
