package io.kindling.postinstall.net;

import io.kindling.postinstall.net.NetAnswer.Server;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What nodes say of DNS servers and time sources. Pure.
final class ServerJudge {

  /// RFC 1035 §4.1.1: no error, and no such name.
  private static final Set<String> DNS_GOOD = Set.of("0", "3");

  /// RFC 5905 §7.3: from 16 on a server is not synchronised, 0 is a refusal.
  private static final int STRATUM_LIMIT = 16;

  private final Map<String, NetAnswer> answers;
  private final Heard heard;
  private final Faults faults;

  ServerJudge(Map<String, NetAnswer> answers, Heard heard, Faults faults) {
    this.answers = answers;
    this.heard = heard;
    this.faults = faults;
  }

  private record Trouble(NetError error, String what) {}

  /// @param blamed lanes on which nothing works, as was told
  void judge(Set<Integer> blamed) {
    var troubles = new LinkedHashMap<Trouble, List<String>>();
    int asked = 0;
    for (Map.Entry<String, NetAnswer> of : answers.entrySet()) {
      List<Server> servers =
          of.getValue().servers.stream().filter(s -> !blamed.contains(s.lane())).toList();
      for (Server server : servers) {
        String said = trouble(server);
        if (!said.isEmpty()) {
          NetError error = server.kind().equals("dns") ? NetError.DNS : NetError.NTP;
          troubles
              .computeIfAbsent(
                  new Trouble(error, server.address() + " " + said), _ -> new ArrayList<>())
              .add(port(of.getKey(), server));
        }
      }
      boolean names =
          servers.stream().anyMatch(s -> s.kind().equals("dns") && !s.answer().isEmpty());
      // Where no server of names answers, that is what is wrong.
      for (String name : names ? of.getValue().unresolved : List.<String>of()) {
        troubles
            .computeIfAbsent(
                new Trouble(NetError.DNS, "the time source's name " + name + " is not found"),
                _ -> new ArrayList<>())
            .add(of.getKey());
      }
      asked += servers.isEmpty() ? 0 : 1;
    }
    int all = asked;
    troubles.forEach((trouble, ports) ->
        faults.add(
            "",
            ports,
            trouble.error(),
            trouble.what()
                + (ports.size() == all ? " (every node)" : " (" + NetJudge.named(ports) + ")")));
  }

  private String port(String node, Server server) {
    return server.lane() < 0 ? node : heard.place(server.lane()).text();
  }

  /// What is wrong with its answer; empty where nothing is.
  private static String trouble(Server server) {
    if (server.lane() < 0) {
      return "is in no network of the node, which has no gateway either";
    }
    if (server.answer().isEmpty()) {
      return "is silent";
    }
    if (server.kind().equals("dns")) {
      return DNS_GOOD.contains(server.answer()) ? "" : "answers with error " + server.answer();
    }
    int stratum = Integer.parseInt(server.answer());
    return stratum > 0 && stratum < STRATUM_LIMIT ? "" : "answers with stratum " + stratum;
  }
}
