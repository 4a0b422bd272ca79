package io.kindling.postinstall.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.internal.Resources;
import io.kindling.postinstall.openstack.Firewall.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A host with its rules in nftables, looked at by all TCP and all UDP ports from another host,
/// from a computer of the same network, from elsewhere, and from a guest. On the host something
/// listens on every TCP port that matters and on some that nobody planned; datagrams are noted
/// behind the rules, whether somebody listens or not. Needs root.
@Tag("rack")
final class FirewallRackTest {

  private static final String PREFIX = "wtfw" + ProcessHandle.current().pid() + "-";
  private static final List<String> NAMESPACES =
      List.of("host", "peer", "user", "away", "guest", "net");

  /// Services, published or not, and ports at the ends.
  private static final String LISTENING =
      "1,22,80,111,443,3300,3306,4369,5000,5672,5900,6080,6640,6641,6642,6780,6789,6800,7568,7569,"
          + "8080,8774,8775,8776,8778,9292,9293,9696,11211,16514,25672,40000,49152,49215,65535";

  /// Answers on each of these ports, on every address.
  private static final String SERVER =
      """
      import select, socket, sys
      all = []
      for port in sys.argv[1].split(","):
          s = socket.socket()
          s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
          s.bind(("0.0.0.0", int(port)))
          s.listen(64)
          all.append(s)
      u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      u.bind(("0.0.0.0", 6081))
      all.append(u)
      print("ready", flush=True)
      while True:
          for s in select.select(all, [], [])[0]:
              if s is u:
                  data, who = s.recvfrom(100)
                  s.sendto(data, who)
              else:
                  s.accept()[0].close()
      """;

  /// Prints each port that lets a connection be made: of `all`, or of those that are named; with
  /// `udp` whether that answers, with `echo` what an echo request brings. A port that says nothing
  /// within two seconds of the last word is closed.
  private static final String SCAN =
      """
      import errno, os, resource, select, socket, sys, time
      at = sys.argv[1]
      if sys.argv[2] == "udp":
          s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          s.settimeout(2)
          s.sendto(b"?", (at, 6081))
          try:
              s.recv(100)
              print(6081)
          except OSError:
              pass
          sys.exit()
      if sys.argv[2] == "echo":
          s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
          s.settimeout(10)
          s.sendto(bytes([8, 0, 0xf7, 0xff, 0, 0, 0, 0]), (at, 0))
          print(s.recv(100)[20])
          sys.exit()
      resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
      ports = range(1, 65536) if sys.argv[2] == "all" else [int(port) for port in sys.argv[2].split(",")]
      while len(ports) > 16384 and os.fork() == 0:
          ports = ports[16384:]  # the child has the rest
      poll, asked, found = select.epoll(), {}, ""
      for port in ports[:16384]:
          s = socket.socket()
          s.setblocking(False)
          if s.connect_ex((at, port)) in (0, errno.EINPROGRESS):
              asked[s.fileno()] = (s, port)
              poll.register(s, select.EPOLLOUT)
      last = time.monotonic()
      while asked and time.monotonic() - last < 2:
          for fd, _ in poll.poll(0.2):
              s, port = asked.pop(fd)
              if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                  found += "%d\\n" % port
              s.close()
              last = time.monotonic()
      os.write(1, found.encode())
      if len(ports) > 16384:
          os.wait()
      """;

  /// A datagram to each port, three times: the kernel may drop some that come in a flood.
  private static final String DATAGRAMS =
      """
      import socket, sys, time
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      for port in list(range(1, 65536)) * 3:
          s.sendto(b"?", (sys.argv[1], port))
          if port % 256 == 0:
              time.sleep(0.002)
      """;

  /// Notes the ports of datagrams that the rules before it let through.
  private static final String NOTE =
      """
      table inet probe {
        set passed { type inet_service; size 65536; flags dynamic; }
        chain input { type filter hook input priority 100; meta l4proto udp add @passed { udp dport }; }
      }
      """;

  /// The ports noted, or how many where they are many.
  private static final String NOTED =
      """
      import json, sys
      ports = []
      for each in json.load(sys.stdin)["nftables"]:
          for element in each.get("set", {}).get("elem", []):
              ports += range(element["range"][0], element["range"][1] + 1) if isinstance(element, dict) else [element]
      print(sorted(ports) if len(ports) < 100 else len(ports))
      """;

  @TempDir Path directory;
  private final Firewall firewall = Racks.firewall();
  private Process server;

  @BeforeEach
  void build() throws Exception {
    Files.writeString(directory.resolve("server.py"), SERVER);
    Files.writeString(directory.resolve("scan.py"), SCAN);
    Files.writeString(directory.resolve("datagrams.py"), DATAGRAMS);
    Files.writeString(directory.resolve("note.nft"), NOTE);
    Files.writeString(directory.resolve("noted.py"), NOTED);
    Files.writeString(
        directory.resolve("firewall"), Resources.text(FirewallPlan.class, "firewall.sh"));
    for (String name : NAMESPACES) {
      sh("ip netns add " + PREFIX + name);
      in(name, "ip link set lo up");
    }
    in("net", "ip link add man type bridge; ip link set man up; ip addr add 10.0.0.254/24 dev man");
    in("net", "sysctl -qw net.ipv4.ip_forward=1");
    wire("host", "10.0.0.4/24");
    wire("peer", "10.0.0.5/24"); // also a compute
    wire("user", "10.0.0.77/24");
    wire("away", null);
    in("net", "ip link set away nomaster; ip addr add 198.51.100.1/24 dev away");
    in("away", "ip addr add 198.51.100.7/24 dev eth0; ip route add default via 198.51.100.1");
    // As Neutron names a guest's port; with an address, as frames that OVS also shows the kernel.
    in(
        "host",
        "ip link add tap0123456789 type veth peer name eth0 netns "
            + PREFIX
            + "guest; ip link set tap0123456789 up; ip addr add 10.0.9.1/24 dev tap0123456789");
    in(
        "guest",
        "ip link set eth0 up; ip addr add 10.0.9.7/24 dev eth0;"
            + " ip route add default via 10.0.9.1");
    in("host", "ip addr add " + Racks.VIP + "/32 dev eth0");
    in("host", "nft -f " + directory.resolve("note.nft"));
    server =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                PREFIX + "host",
                "python3",
                directory.resolve("server.py").toString(),
                LISTENING)
            .redirectErrorStream(true)
            .start();
    assertThat(server.inputReader().readLine()).isEqualTo("ready");
  }

  private void wire(String name, String address) {
    in(
        name,
        "ip link add eth0 type veth peer name %1$s netns %2$snet; ip link set eth0 up"
            .formatted(name, PREFIX));
    in("net", "ip link set %1$s master man up".formatted(name));
    if (address != null) {
      in(name, "ip addr add " + address + " dev eth0; ip route replace default via 10.0.0.254");
    }
  }

  @AfterEach
  void down() {
    if (server != null) {
      server.destroyForcibly();
    }
    for (String name : NAMESPACES) {
      if (Files.exists(Path.of("/run/netns", PREFIX + name))) {
        sh("ip netns pids %1$s | xargs -r kill -9; ip netns del %1$s".formatted(PREFIX + name));
      }
    }
  }

  private static String sh(String command) {
    try {
      Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
      return said.strip();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String in(String namespace, String command) {
    return sh("ip netns exec " + PREFIX + namespace + " sh -ec '" + command + "'");
  }

  /// What is open, `[22, 6081]`.
  private String open(String from, String at, String how) {
    String said = in(from, "python3 " + directory.resolve("scan.py") + " " + at + " " + how);
    assertThat(said).matches("(?s)(\\d+\\s*)*");
    return said.isEmpty()
        ? "[]"
        : Stream.of(said.split("\\s+"))
            .map(Integer::valueOf)
            .collect(Collectors.toCollection(TreeSet::new))
            .toString();
  }

  /// Of all 65,535 ports.
  private String tcp(String from, String at) {
    return open(from, at, "all");
  }

  /// The UDP ports, of all 65,535, whose datagrams pass the host's rules.
  private String udp(String from, String at) {
    in("host", "nft flush set inet probe passed");
    in(from, "python3 %s %s".formatted(directory.resolve("datagrams.py"), at));
    return in(
        "host", "nft -j list set inet probe passed | python3 " + directory.resolve("noted.py"));
  }

  /// Of those on which something listens.
  private String listening(String from, String at) {
    return open(from, at, LISTENING);
  }

  private String firewall(String verb) {
    return in(
        "host",
        "KINDLING_FIREWALL_NOTE=%1$s/note sh %1$s/firewall %2$s %1$s/rules.nft 2>&1 || echo no"
            .formatted(directory, verb));
  }

  private void rules(String host) throws IOException {
    Member member = Objects.requireNonNull(firewall.member(host));
    Files.writeString(directory.resolve("rules.nft"), FirewallRules.of(firewall, member));
    assertThat(firewall("load")).isEmpty();
    assertThat(firewall("check")).isEmpty();
  }

  private static String all() {
    return List.of(LISTENING.split(",")).stream()
        .map(Integer::valueOf)
        .collect(Collectors.toCollection(TreeSet::new))
        .toString();
  }

  @Test
  void nothingButWhatThePlanPublishesIsReachedFromAnywhere() throws Exception {
    // Without rules the scan sees everything: it is not blind.
    assertThat(tcp("away", "10.0.0.4")).isEqualTo(all());
    assertThat(listening("user", "10.0.0.4")).isEqualTo(all());
    assertThat(listening("guest", "10.0.9.1")).isEqualTo(all());
    assertThat(udp("away", "10.0.0.4")).isEqualTo("65535");
    assertThat(udp("guest", "10.0.9.1")).isEqualTo("65535");

    rules("n4"); // a compute
    assertThat(tcp("peer", "10.0.0.4")).isEqualTo("[22, 16514, 49152, 49215]");
    assertThat(udp("peer", "10.0.0.4")).isEqualTo("[6081]");
    assertThat(open("peer", "10.0.0.4", "udp")).isEqualTo("[6081]");
    assertThat(tcp("user", "10.0.0.4")).isEqualTo("[22]");
    for (String from : List.of("user", "away")) {
      assertThat(udp(from, "10.0.0.4")).as("datagrams from %s", from).isEqualTo("[]");
    }
    assertThat(udp("guest", "10.0.9.1")).isEqualTo("[]");
    assertThat(open("user", "10.0.0.4", "udp")).isEqualTo("[]");
    assertThat(tcp("away", "10.0.0.4")).isEqualTo("[]");
    assertThat(tcp("guest", "10.0.9.1")).isEqualTo("[]");
    for (String address : List.of("10.0.0.4", Racks.VIP)) {
      assertThat(listening("guest", address)).as("a guest, %s", address).isEqualTo("[]");
    }
    assertThat(in("host", "nft list counter inet kindling guests"))
        .containsPattern("packets [1-9]");

    // The host itself reaches everything, and the network says why a packet is lost.
    assertThat(listening("host", "10.0.0.4")).isEqualTo(all());
    assertThat(open("away", "10.0.0.4", "echo")).as("RFC 792's echo reply").isEqualTo("[0]");

    // A port that is opened by hand is found, by the scan and by the program.
    in("host", "nft insert rule inet kindling input tcp dport 40000 accept");
    assertThat(tcp("away", "10.0.0.4")).isEqualTo("[40000]");
    in("host", "nft insert rule inet kindling input udp dport 111 accept");
    assertThat(udp("away", "10.0.0.4")).isEqualTo("[111]");
    assertThat(firewall("check")).contains("changed since they were loaded", "no");
    assertThat(firewall("load")).isEmpty();
    assertThat(listening("away", "10.0.0.4")).isEqualTo("[]");
    in("host", "nft flush ruleset");
    assertThat(firewall("check")).contains("not loaded", "no");
  }

  @Test
  void aControllersPublicPortsAreAtTheVirtualAddressAlone() throws Exception {
    rules("n1");
    assertThat(tcp("away", Racks.VIP)).isEqualTo(published());
    assertThat(listening("away", "10.0.0.4")).isEqualTo("[]");
    assertThat(udp("away", Racks.VIP)).isEqualTo("[]");
    // A compute reaches what it needs, and neither database nor what the load balancer has behind.
    assertThat(tcp("peer", "10.0.0.4"))
        .isEqualTo("[22, 3300, 5672, 6641, 6642, 6789, 6800, 7568, 8775, 9293]");
  }

  private static String published() {
    return "[443, 5000, 6080, 6780, 8774, 8776, 8778, 9292, 9696]";
  }

  @Test
  void aConnectionThatIsThereGoesOnAndRulesThatAreWrongChangeNothing() throws Exception {
    Files.writeString(
        directory.resolve("talk.py"),
        """
        import socket, sys
        s = socket.create_server(("0.0.0.0", 7777))
        print("ready", flush=True)
        c, _ = s.accept()
        while True:
            line = c.recv(100)
            if not line:
                break
            c.sendall(line)
        """);
    Process talk =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                PREFIX + "peer",
                "python3",
                directory.resolve("talk.py").toString())
            .start();
    assertThat(talk.inputReader().readLine()).isEqualTo("ready");
    Files.writeString(
        directory.resolve("ask.py"),
        """
        import socket, sys
        s = socket.create_connection(("10.0.0.5", 7777))
        s.settimeout(20)
        print("connected", flush=True)
        for line in sys.stdin:
            s.sendall(line.encode())
            print(s.recv(100).decode().strip(), flush=True)
        """);
    Process ask =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                PREFIX + "host",
                "python3",
                directory.resolve("ask.py").toString())
            .redirectErrorStream(true)
            .start();
    try (var lines = ask.inputReader();
        var words = ask.outputWriter()) {
      assertThat(lines.readLine()).isEqualTo("connected");
      rules("n4"); // the kernel counts connections from here on
      words.write("still there\n");
      words.flush();
      assertThat(lines.readLine()).isEqualTo("still there");

      Files.writeString(directory.resolve("rules.nft"), "table inet kindling { nonsense }\n");
      assertThat(firewall("load")).contains("KINDLING-ERROR OST-025", "no");
      assertThat(listening("user", "10.0.0.4")).isEqualTo("[22]");
      assertThat(firewall("off")).isEmpty();
      assertThat(listening("user", "10.0.0.4")).isEqualTo(all());
    } finally {
      talk.destroyForcibly();
      ask.destroyForcibly();
    }
  }

  @Test
  void everyHostsRulesAreTakenByNftablesAndTheProgramByShellcheck() throws Exception {
    for (Member member : firewall.members()) {
      rules(member.name());
    }
    sh("shellcheck -s sh " + directory.resolve("firewall"));
    Files.writeString(
        directory.resolve("check.sh"),
        Resources.text(io.kindling.postinstall.check.FirewallCheck.class, "firewall-check.sh"));
    sh("shellcheck -s sh " + directory.resolve("check.sh"));
    assertThat(in("host", "sh " + directory.resolve("check.sh")))
        .contains(
            "KINDLING-CHECK listens tcp 0.0.0.0:40000 python3",
            "KINDLING-CHECK listens udp 0.0.0.0:6081 python3");
  }
}
