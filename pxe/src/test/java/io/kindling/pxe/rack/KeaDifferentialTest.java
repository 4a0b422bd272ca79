package io.kindling.pxe.rack;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.pxe.dhcp.wire.DhcpPacket;
import io.kindling.pxe.dhcp.wire.Ipv4;
import io.kindling.pxe.dhcp.wire.MessageType;
import io.kindling.pxe.dhcp.wire.Option;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same requests to Kea and to this server, both with the same network: the kinds of answers
/// and the sets of options are compared, and every difference must be one that is explained here.
/// Needs root.
@Tag("rack")
class KeaDifferentialTest {
  private static final String KINDLING = "10.99.0.1";
  private static final String KEA = "10.99.0.3";
  private static final String ASKER = "10.99.0.4";
  private static final int GENERATED = 40;

  private static int transactions = 0x1000;

  /// Kea sends what a client asks for (option 55) and little else; this server sends all it has,
  /// for firmware asks for less than it reads.
  private static final Set<Integer> SENT_UNASKED = Set.of(1, 3, 6, 15, 28, 42, 43, 60, 66, 67, 150);

  /// Kea leaves the machine id to a class of the operator's; RFC 4578 §2.3 wants it back.
  private static final int MACHINE_ID = 97;

  /// Kea echoes no option 118 (RFC 3011 §3) unless a hook does.
  private static final int SUBNET_SELECTION = 118;

  /// Renewal times: Kea sends them where it is configured to.
  private static final Set<Integer> TIMES = Set.of(58, 59);

  /// Kea returns the client's host name, for its name updates; this server names no machine here.
  private static final int HOST_NAME = 12;

  /// Kea, told that it is authoritative, refuses an unknown client's address of this network; RFC
  /// 2131 §4.3.2 wants silence there, and refusals of other networks' addresses all the same.
  private static final String UNKNOWN_CLIENT = "reboot-another's?: silence, Kea NAK";

  /// RFC 2131 §4.3.2: a refusal through a relay carries the broadcast flag. Kea's does not.
  private static final String REFUSED = "reboot-elsewhere: flags 32768, Kea 0";

  @TempDir Path folder;

  private record Question(String name, DhcpPacket toUs, DhcpPacket toKea) {}

  @Test
  void everyDifferenceToKeaIsExplained() throws Exception {
    try (Lan lan = new Lan(folder)) {
      String server = lan.space("s");
      String kea = lan.space("k");
      String client = lan.space("c");
      lan.wire("w", server + "/pv0", kea + "/kea0", client + "/pv1");
      lan.address(server, "pv0", KINDLING + "/24");
      lan.address(kea, "kea0", KEA + "/24");
      lan.address(client, "pv1", ASKER + "/24");
      startKea(lan, kea);
      Path files = Files.createDirectory(folder.resolve("files"));
      Path log =
          lan.startJava(
              server, RackServer.class, "pv0", KINDLING, files.toString(), "bootstrap", "BESIDE");
      Lan.eventually(log, "ready");

      List<Question> questions = questions();
      List<String> lines = new ArrayList<>();
      for (Question question : questions) {
        lines.add(question.name() + " " + KINDLING + " " + Asker.hex(question.toUs()));
        lines.add(question.name() + " " + KEA + " " + Asker.hex(question.toKea()));
      }
      Path input = Files.write(folder.resolve("questions"), lines);
      Path answers = lan.startJava(client, Asker.class, input, ASKER);
      Lan.eventually(answers, "all answered");
      compare(questions, Files.readAllLines(answers));
    }
  }

  private void startKea(Lan lan, String space) throws Exception {
    Path conf = folder.resolve("kea.json");
    Files.writeString(
        conf,
        """
        { "Dhcp4": {
            "interfaces-config": { "interfaces": ["kea0"] },
            "lease-database": { "type": "memfile", "persist": false },
            "valid-lifetime": 16, "calculate-tee-times": true,
            "subnet4": [ { "id": 1, "subnet": "10.99.0.0/24", "authoritative": true,
                "pools": [ { "pool": "10.99.0.100 - 10.99.0.109" } ],
                "option-data": [
                  { "name": "domain-name-servers", "data": "10.99.0.1" },
                  { "name": "ntp-servers", "data": "10.99.0.1" },
                  { "name": "domain-name", "data": "rack.example" } ] } ],
            "loggers": [ { "name": "kea-dhcp4", "severity": "ERROR", "output_options": [ { "output": "stdout" } ] } ]
        } }
        """);
    Path log =
        lan.start(
            space,
            "env",
            "KEA_PIDFILE_DIR=" + folder,
            "KEA_LOCKFILE_DIR=" + folder,
            "kea-dhcp4",
            "-c",
            conf.toString());
    org.awaitility.Awaitility.await()
        .until(() -> lan.run(space, "ss", "-lunp").contains("kea-dhcp4"));
    assertThat(Lan.read(log)).doesNotContain("ERROR");
  }

  /// The client states of RFC 2131 one by one, then generated mixtures of options.
  private static List<Question> questions() {
    List<Question> all = new ArrayList<>();
    all.add(
        both("discover", 1, MessageType.DISCOVER, null, null, Asker.requested(1, 3, 6, 15, 42)));
    all.add(both("discover-no-list", 2, MessageType.DISCOVER, null, null));
    all.add(
        both("discover-client-id", 3, MessageType.DISCOVER, null, null, Option.bytes(61, 255, 7)));
    all.add(selecting("select", 1, Ipv4.parse("10.99.0.100")));
    all.add(both("reboot", 1, MessageType.REQUEST, null, Ipv4.parse("10.99.0.100")));
    all.add(both("renew", 1, MessageType.REQUEST, Ipv4.parse("10.99.0.100"), null));
    all.add(both("reboot-elsewhere", 1, MessageType.REQUEST, null, Ipv4.parse("192.0.2.9")));
    all.add(
        both(
            "reboot-another's" + Asker.MAY_BE_SILENT,
            9,
            MessageType.REQUEST,
            null,
            Ipv4.parse("10.99.0.100")));
    all.add(
        both(
            "inform" + Asker.MAY_BE_SILENT,
            8,
            MessageType.INFORM,
            Ipv4.parse("10.99.0.50"),
            null,
            Asker.requested(1, 3, 6, 15)));
    all.add(releasing("release" + Asker.MAY_BE_SILENT, 1, Ipv4.parse("10.99.0.100")));
    Random random = new Random(2131);
    for (int i = 0; i < GENERATED; i++) {
      List<Option> options = new ArrayList<>();
      int[] asked = random.ints(random.nextInt(8), 1, 125).distinct().toArray();
      if (asked.length > 0) {
        options.add(Asker.requested(asked));
      }
      if (random.nextBoolean()) {
        byte[] id = new byte[2 + random.nextInt(30)];
        random.nextBytes(id);
        options.add(new Option(61, id));
      }
      if (random.nextInt(3) == 0) {
        options.add(Option.text(60, "PXEClient:Arch:00007:UNDI:003016"));
        options.add(Option.bytes(93, 0, 7));
        options.add(new Option(97, new byte[17]));
      }
      if (random.nextInt(3) == 0) {
        options.add(Option.bytes(82, 1, 3, 1, 2, 3, 2, 2, 7, 7));
      }
      if (random.nextInt(3) == 0) {
        options.add(Option.bytes(57, 5, 220));
      }
      if (random.nextInt(4) == 0) {
        options.add(Option.text(12, "host" + i));
      }
      all.add(
          both(
              "generated-" + i,
              20 + i % 6,
              MessageType.DISCOVER,
              null,
              null,
              options.toArray(Option[]::new)));
    }
    return all;
  }

  private static Question both(
      String name,
      int machine,
      MessageType type,
      Inet4Address ciaddr,
      Inet4Address requested,
      Option... options) {
    DhcpPacket packet = packet(machine, type, ciaddr, requested, Optional.empty(), options);
    return new Question(name, packet, packet);
  }

  private static Question selecting(String name, int machine, Inet4Address address) {
    return new Question(
        name,
        packet(machine, MessageType.REQUEST, null, address, Optional.of(KINDLING)),
        packet(machine, MessageType.REQUEST, null, address, Optional.of(KEA)));
  }

  private static Question releasing(String name, int machine, Inet4Address address) {
    return new Question(
        name,
        packet(machine, MessageType.RELEASE, address, null, Optional.of(KINDLING)),
        packet(machine, MessageType.RELEASE, address, null, Optional.of(KEA)));
  }

  private static DhcpPacket packet(
      int machine,
      MessageType type,
      Inet4Address ciaddr,
      Inet4Address requested,
      Optional<String> serverId,
      Option... more) {
    List<Option> options = new ArrayList<>();
    options.add(type.option());
    if (requested != null) {
      options.add(Option.address(50, requested));
    }
    serverId.ifPresent(server -> options.add(Option.address(54, Ipv4.parse(server))));
    options.addAll(List.of(more));
    return new DhcpPacket(
        1,
        1,
        6,
        1,
        transactions++,
        0,
        0,
        ciaddr == null ? Ipv4.ANY : ciaddr,
        Ipv4.ANY,
        Ipv4.ANY,
        Ipv4.parse(ASKER),
        new byte[] {0x52, 0x54, 0, 0, 1, (byte) machine},
        "",
        "",
        options);
  }

  private static void compare(List<Question> questions, List<String> lines) {
    Map<String, Optional<DhcpPacket>> replies = new LinkedHashMap<>();
    for (String line : lines) {
      String[] words = line.split(" ");
      if (words.length == 3) {
        replies.put(words[0] + " " + words[1], Asker.reply(words[2]));
      }
    }
    List<String> unexplained = new ArrayList<>();
    int compared = 0;
    for (Question question : questions) {
      Optional<DhcpPacket> ours = replies.get(question.name() + " " + KINDLING);
      Optional<DhcpPacket> keas = replies.get(question.name() + " " + KEA);
      assertThat(ours).as(question.name() + " in " + lines).isNotNull();
      assertThat(keas).as(question.name()).isNotNull();
      compared++;
      if (!kind(ours).equals(kind(keas))) {
        unexplained.add(question.name() + ": " + kind(ours) + ", Kea " + kind(keas));
      } else if (ours.isPresent() && keas.isPresent()) {
        differences(question, ours.get(), keas.get()).forEach(unexplained::add);
      }
    }
    System.out.println(compared + " requests compared with Kea");
    assertThat(unexplained).containsExactlyInAnyOrder(UNKNOWN_CLIENT, REFUSED);
  }

  private static String kind(Optional<DhcpPacket> reply) {
    return reply.map(packet -> packet.messageType().orElseThrow().name()).orElse("silence");
  }

  private static List<String> differences(Question question, DhcpPacket ours, DhcpPacket keas) {
    List<String> found = new ArrayList<>();
    Set<Integer> asked = new TreeSet<>();
    question
        .toUs()
        .option(55)
        .ifPresent(list -> {
          for (byte code : list.value()) {
            asked.add(Byte.toUnsignedInt(code));
          }
        });
    Set<Integer> only = codes(ours);
    only.removeAll(codes(keas));
    only.removeIf(code ->
        (SENT_UNASKED.contains(code) && !asked.contains(code))
            || code == MACHINE_ID
            || code == SUBNET_SELECTION
            || TIMES.contains(code)
            // What this server alone is configured with: it boots machines.
            || Set.of(28, 43, 60, 66, 67, 150).contains(code)
            // The text of a refusal.
            || code == 56);
    only.forEach(code -> found.add(question.name() + ": only ours has option " + code));
    Set<Integer> missing = codes(keas);
    missing.removeAll(codes(ours));
    missing.remove(HOST_NAME);
    missing.forEach(code -> found.add(question.name() + ": only Kea's has option " + code));
    for (int code : new int[] {1, 6, 15, 42, 51, 58, 59, 61, 82}) {
      if (ours.option(code).isPresent()
          && keas.option(code).isPresent()
          && !ours.option(code).equals(keas.option(code))) {
        found.add(
            question.name() + ": " + ours.option(code).get() + ", Kea " + keas.option(code).get());
      }
    }
    if (ours.yiaddr().equals(Ipv4.ANY) != keas.yiaddr().equals(Ipv4.ANY)
        || !ours.ciaddr().equals(keas.ciaddr())
        || !ours.giaddr().equals(keas.giaddr())
        || ours.xid() != question.toUs().xid()
        || keas.xid() != question.toKea().xid()) {
      found.add(question.name() + ": fields differ");
    }
    if (ours.flags() != keas.flags()) {
      found.add(question.name() + ": flags " + ours.flags() + ", Kea " + keas.flags());
    }
    return found;
  }

  private static Set<Integer> codes(DhcpPacket packet) {
    Set<Integer> codes = new TreeSet<>();
    packet.options().forEach(option -> codes.add(option.code()));
    return codes;
  }
}
