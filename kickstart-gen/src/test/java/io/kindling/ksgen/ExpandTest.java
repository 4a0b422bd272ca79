package io.kindling.ksgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.inventory.Role;
import io.kindling.inventory.facts.Facts;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpandTest {

  private static final UUID NODE = UUID.fromString("00000000-0000-4000-8000-000000000001");
  private static final Facts FACTS = Machines.of(Machines.disk("sda", 20480));

  private static final String JSON =
      Layouter.layout(new LayoutRequest(NODE, 1, FACTS, Set.of(Role.BASE), List.of())).toJson();

  private static LayoutError refusal(String json, Facts facts) {
    var e =
        catchThrowableOfType(
            LayoutException.class, () -> Expand.expand(KsSpaces.parse(json), NODE, 1, facts));
    assertThat(e).as(json).isNotNull();
    return e.error();
  }

  @Test
  void theFrozenAllocationStandsForTheLayout() {
    DiskPlan plan = Expand.expand(KsSpaces.parse(JSON), NODE, 1, FACTS);
    assertThat(plan.espSerial())
        .hasValueSatisfying(s -> assertThat(s).matches("[0-9A-F]{4}-[0-9A-F]{4}"));
    assertThat(plan.disks().getFirst().links()).hasSize(2).first().asString().contains("wwn-");
    assertThat(plan.mounts()).hasSize(4);
  }

  @Test
  void aDiskOfAnotherSizeOrGoneIsRefused() {
    assertThat(refusal(JSON, Machines.of(Machines.disk("sda", 20481))))
        .isEqualTo(LayoutError.DISK_CHANGED);
    assertThat(refusal(JSON, Machines.of(Machines.disk("sdb", 20480))))
        .isEqualTo(LayoutError.DISK_MISSING);
  }

  @Test
  void oneMibTooMuchDoesNotFit() {
    String pv = "\"size\" : " + (20480 - 1539);
    assertThat(JSON).contains(pv);
    assertThat(refusal(JSON.replace(pv, "\"size\" : " + (20480 - 1538)), FACTS))
        .isEqualTo(LayoutError.DOES_NOT_FIT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"/boot\" | \"/bo ot\"",
        "\"/boot\" | \"boot\"",
        "\"/boot\" | \"/../boot\"",
        "\"ext4\" | \"ext4 -F\"",
        "\"root\" | \"ro ot\"",
        "\"root\" | \"-root\"",
        "\"root\" | \"..\"",
        "\"disk/by-path/ | \"../disk/by-path/",
        "\"disk/by-path/ | \"/dev/disk/by-path/",
      })
  void valuesThatCouldNotBeUsedAreRefused(String good, String bad) {
    assertThat(JSON).contains(good);
    assertThat(refusal(JSON.replace(good, bad), FACTS)).isEqualTo(LayoutError.BAD_VALUE);
  }

  @Test
  void aKeptVolumeThatDoesNotSayWhereItLiesIsRefused() {
    assertThat(
            refusal(
                JSON.replace("\"name\" : \"Boot\"", "\"keep\": true, \"name\" : \"Boot\""), FACTS))
        .isEqualTo(LayoutError.BAD_VALUE);
  }
}
