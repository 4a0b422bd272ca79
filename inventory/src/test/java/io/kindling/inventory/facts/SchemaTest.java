package io.kindling.inventory.facts;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.inventory.TestParsing;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The published schema names what the agent sends and the parser reads.
class SchemaTest {
  @Test
  void thePublishedSchemaNamesEveryKeyThatARecordedMachineSends() throws Exception {
    var mapper = new JsonMapper();
    JsonNode schema;
    try (InputStream in = Facts.class.getResourceAsStream("discovery-v1.schema.json")) {
      schema = mapper.readTree(in);
    }
    for (String name : new String[] {"qemu-bios", "qemu-uefi"}) {
      JsonNode document = mapper.readTree(TestParsing.recorded(name));
      assertThat(schema.get("properties").propertyNames()).containsAll(document.propertyNames());
      for (String part : new String[] {"agent", "ssh", "raw"}) {
        assertThat(schema.get("properties").get(part).get("properties").propertyNames())
            .as(part)
            .containsAll(document.get(part).propertyNames());
      }
    }
  }
}
