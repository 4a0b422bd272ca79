package io.kindling.postinstall.ceph;

import java.util.List;

/// How copies are kept, chosen by one rule (docs/ceph.md):
///
/// | hosts with OSDs | failure domain | copies |
/// |---|---|---|
/// | as many as copies asked for, or more | host | as asked |
/// | two or more, but fewer than copies | host | one for each host |
/// | one | OSD | as asked, at most one for each OSD |
///
/// A write needs `size - size / 2` copies (Ceph's own default): 2 of 3, 1 of 2.
///
/// @param warnings what an operator must know, in words
public record Redundancy(int size, int minSize, Domain domain, List<String> warnings) {

  /// What two copies never share.
  public enum Domain {
    HOST,
    OSD
  }

  public Redundancy {
    warnings = List.copyOf(warnings);
  }

  /// @param wanted copies asked for
  /// @param osdsByHost how many OSDs each host with OSDs has
  public static Redundancy of(int wanted, List<Integer> osdsByHost) {
    int hosts = osdsByHost.size();
    int osds = osdsByHost.stream().mapToInt(n -> n).sum();
    if (wanted < 1 || hosts < 1) {
      throw new IllegalArgumentException(wanted + " copies on " + hosts + " hosts");
    }
    Domain domain = hosts == 1 && wanted > 1 ? Domain.OSD : Domain.HOST;
    int size = Math.min(wanted, domain == Domain.OSD ? osds : hosts);
    var warnings = new java.util.ArrayList<String>();
    if (domain == Domain.OSD) {
      warnings.add(
          "one host with OSDs: copies are on different drives of the same host; when it is down,"
              + " the data is out of reach, and lost when it is lost");
    }
    if (size < wanted) {
      warnings.add("%d copies instead of %d: there is no place for more".formatted(size, wanted));
    }
    if (size == 2) {
      warnings.add(
          "two copies: writes go on with a single one while a host or drive is down, and are lost"
              + " if that one fails too");
    }
    if (size == 1) {
      warnings.add("a single copy: any failed drive loses data; for trying out only");
    }
    return new Redundancy(size, size - size / 2, domain, warnings);
  }
}
