package io.kindling.postinstall.net;

import java.util.List;

/// Takes what a judge finds.
@FunctionalInterface
interface Faults {
  void add(String network, List<String> ports, NetError error, String seen);
}
