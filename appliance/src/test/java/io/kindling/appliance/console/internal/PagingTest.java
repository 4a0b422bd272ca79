package io.kindling.appliance.console.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PagingTest {
  private static final List<Integer> ENTRIES = IntStream.range(0, 250).boxed().toList();

  private static Paging page(String number) {
    return Paging.of(
        "/cluster/roles",
        Map.of("q", List.of("a&b"), "page", List.of(number), "role", List.of("")));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 100, 1",
    "2, 100, 100, 2",
    "3, 200, 50, 3",
    "4, 200, 50, 3",
    "0, 0, 100, 1",
    "-1, 0, 100, 1",
    "x, 0, 100, 1",
    "99999, 200, 50, 3",
    "999999999999, 0, 100, 1"
  })
  void aPageIsShownAndOnePastTheLastIsTheLast(String number, int first, int length, int shown) {
    Paging paging = page(number);
    assertThat(paging.of(ENTRIES)).hasSize(length).startsWith(first);
    assertThat(paging.view(300, ENTRIES.size(), "name")).containsEntry("page", shown);
  }

  @Test
  void theLinksKeepWhatWasAskedForAndEndWhereTheListDoes() {
    Map<String, Object> view = page("2").view(300, ENTRIES.size(), "name");
    assertThat(view)
        .containsEntry("next", "/cluster/roles?q=a%26b&page=3")
        .containsEntry("before", "/cluster/roles?q=a%26b&page=1")
        .containsEntry("pages", 3)
        .containsEntry("filtered", true)
        .containsEntry("role", List.of());
    assertThat(page("3").view(300, ENTRIES.size(), "name")).containsEntry("next", "");
    assertThat(page("1").view(300, ENTRIES.size(), "name")).containsEntry("before", "");
  }

  @Test
  void anEmptyListHasOnePage() {
    Paging paging = Paging.of("/cluster/disks", Map.of());
    assertThat(paging.of(List.of())).isEmpty();
    assertThat(paging.view(0, 0, "name"))
        .containsEntry("pages", 1)
        .containsEntry("next", "")
        .containsEntry("filtered", false);
  }
}
