package io.kindling.inventory.facts;

import io.kindling.inventory.InventoryError;
import io.kindling.inventory.facts.internal.Bmcs;
import io.kindling.inventory.facts.internal.Cpus;
import io.kindling.inventory.facts.internal.Disks;
import io.kindling.inventory.facts.internal.Dmi;
import io.kindling.inventory.facts.internal.HardwareReader;
import io.kindling.inventory.facts.internal.Lshw;
import io.kindling.inventory.facts.internal.Memory;
import io.kindling.inventory.facts.internal.Nics;
import io.kindling.inventory.facts.internal.Reader;
import io.kindling.inventory.facts.internal.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads the discovery document (`discovery-v1.schema.json`): bytes in, [Facts] or a named error
/// out, never an exception.
///
/// A document that is JSON gives facts, however odd it is: what is absent or of a wrong type is
/// left out with a warning, unknown keys are ignored. Control characters in text become U+FFFD and
/// text is cut at a limit; more is not promised of it. Thread-safe.
public final class FactsParser {

  /// What is larger is refused unread.
  public static final int MAX_DOCUMENT_BYTES = 16 << 20;

  /// lshw nests about 15 deep, lsblk 6.
  public static final int MAX_DEPTH = 100;

  /// Bounds the memory that a hostile document can take; a machine with 200 drives needs 150,000.
  public static final int MAX_TOKENS = 1_000_000;

  /// Changes whenever this parser reads more or otherwise: kept facts of another revision are
  /// parsed from their document again.
  public static final int REVISION = 3;

  private static final int VERSION = 1;
  private static final int MAX_HOST_KEYS = 16;
  private static final Pattern HOST_KEY =
      Pattern.compile("[a-z0-9@.-]{1,64} [A-Za-z0-9+/]{16,4096}={0,2}");

  private static final Pattern MACHINE_ID = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern HOST_NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private final JsonMapper mapper;

  public FactsParser() {
    mapper =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_TOKENS)
                            .maxStringLength(MAX_DOCUMENT_BYTES)
                            .maxNumberLength(100)
                            .maxNameLength(10_000)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  /// What became of a document.
  public sealed interface Result {}

  /// It could be read.
  ///
  /// @param warnings what was left out and why, with the path of the field
  public record Parsed(Facts facts, Hardware hardware, List<String> warnings) implements Result {
    public Parsed {
      warnings = List.copyOf(warnings);
    }
  }

  /// It could not.
  ///
  /// @param reason in words, with the place
  public record Malformed(InventoryError error, String reason) implements Result {}

  /// Reads a document.
  public Result parse(byte[] document) {
    if (document.length > MAX_DOCUMENT_BYTES) {
      return new Malformed(
          InventoryError.DOCUMENT_TOO_LARGE,
          document.length + " bytes, at most " + MAX_DOCUMENT_BYTES);
    }
    OptionalLong bad = Utf8.firstInvalid(document);
    if (bad.isPresent()) {
      return new Malformed(
          InventoryError.DOCUMENT_NOT_UTF8, "invalid byte at offset " + bad.getAsLong());
    }
    for (int i = 0; i < Math.min(4, document.length); i++) {
      if (document[i] == 0) { // Jackson would take it for UTF-16 or UTF-32.
        return new Malformed(InventoryError.DOCUMENT_NOT_JSON, "NUL at offset " + i);
      }
    }
    JsonNode root;
    try (JsonParser parser = mapper.createParser(document)) {
      try {
        root = mapper.readTree(parser);
      } catch (StreamConstraintsException e) {
        return malformed(InventoryError.DOCUMENT_OVER_LIMIT, parser, document.length);
      } catch (JacksonException e) {
        boolean atEnd = parser.currentLocation().getByteOffset() >= document.length;
        return malformed(
            atEnd ? InventoryError.DOCUMENT_TRUNCATED : InventoryError.DOCUMENT_NOT_JSON,
            parser,
            document.length);
      }
    }
    if (root == null || root.isMissingNode()) {
      return new Malformed(InventoryError.DOCUMENT_TRUNCATED, "empty");
    }
    if (!root.isObject()) {
      return new Malformed(InventoryError.DOCUMENT_UNKNOWN, "$ is not an object");
    }
    return facts(root);
  }

  private static Result facts(JsonNode root) {
    var warnings = new Reader.Warnings();
    Reader document = new Reader(root, "$", warnings);
    long version = document.number("version", VERSION);
    if (version != VERSION) {
      return new Malformed(
          InventoryError.DOCUMENT_UNKNOWN, "$.version is " + version + ", known is " + VERSION);
    }
    Reader raw = document.object("raw");
    Dmi dmi = Dmi.of(raw.longText("dmidecode"), warnings);
    Lshw lshw = Lshw.of(raw.any("lshw"), warnings);
    Facts.Cpu cpu = Cpus.of(raw.object("lscpu"), dmi, lshw);
    Facts.Agent agent = agent(document.object("agent"), raw);
    Hardware hardware = HardwareReader.read(raw, dmi, lshw, warnings);
    var facts =
        new Facts(
            agent,
            dmi.system(lshw),
            cpu,
            Memory.bytes(raw.longText("meminfo"), hardware.summary().moduleBytes(), lshw),
            Disks.of(raw.object("lsblk"), raw.object("udev"), agent.existing() != null, warnings),
            Nics.of(raw.any("ip"), raw.longText("ipmi"), lshw, raw.any("lldp"), warnings),
            hostKeys(document.object("ssh"), warnings),
            Bmcs.address(raw.longText("ipmi")),
            hardware.summary());
    return new Parsed(facts, hardware, warnings.list());
  }

  private static Facts.Agent agent(Reader agent, Reader raw) {
    String firmware = agent.text("firmware");
    Facts.Firmware mode;
    if (firmware != null && firmware.toLowerCase(Locale.ROOT).equals("uefi")) {
      mode = Facts.Firmware.UEFI;
    } else if (firmware != null && firmware.toLowerCase(Locale.ROOT).equals("bios")) {
      mode = Facts.Firmware.BIOS;
    } else {
      mode = raw.has("efibootmgr") ? Facts.Firmware.UEFI : Facts.Firmware.BIOS;
      agent.warn("firmware", "neither bios nor uefi, taken for " + mode);
    }
    String version = agent.text("version");
    return new Facts.Agent(
        version == null ? "unknown" : version,
        mode,
        agent.flag("secureBoot", false),
        Nics.hardwareAddress(agent.text("bootInterface")),
        agent.has("existing") ? existing(agent.object("existing")) : null);
  }

  /// Null where there is no machine-id: then nothing says which machine it is.
  private static Facts.@Nullable Existing existing(Reader existing) {
    String machine = existing.text("machineId");
    if (machine == null || !MACHINE_ID.matcher(machine).matches()) {
      existing.warn("machineId", "not 32 hexadecimal digits");
      return null;
    }
    String name = existing.text("hostName");
    String label = name == null ? "" : name.split("\\.", 2)[0].toLowerCase(Locale.ROOT);
    return new Facts.Existing(machine, HOST_NAME.matcher(label).matches() ? label : null);
  }

  private static List<String> hostKeys(Reader ssh, Reader.Warnings warnings) {
    var keys = new ArrayList<String>();
    for (String key : ssh.longTexts("hostKeys")) {
      String[] words = key.strip().split("\\s+", 3);
      String plain = words.length < 2 ? key : words[0] + " " + words[1]; // The comment is dropped.
      if (HOST_KEY.matcher(plain).matches() && keys.size() < MAX_HOST_KEYS) {
        keys.add(plain);
      } else {
        warnings.add("$.ssh.hostKeys", "not a public key, or one too many");
      }
    }
    return keys;
  }

  private static Malformed malformed(InventoryError error, JsonParser parser, int length) {
    long offset = Math.max(0, parser.currentLocation().getByteOffset());
    // Jackson's message can quote the document; the place and our own words are enough.
    String what =
        switch (error) {
          case DOCUMENT_TRUNCATED -> "the document ends inside a value";
          case DOCUMENT_OVER_LIMIT ->
              "more than " + MAX_DEPTH + " levels, " + MAX_TOKENS + " values, or a value too long";
          default -> "a character that cannot stand there";
        };
    return new Malformed(error, what + ", at offset " + offset + " of " + length);
  }
}
