package io.kindling.postinstall;

import static org.assertj.core.api.Assertions.assertThat;

import io.kindling.postinstall.ceph.CephError;
import io.kindling.postinstall.check.CheckError;
import io.kindling.postinstall.daytwo.DayTwoError;
import io.kindling.postinstall.engine.EngineError;
import io.kindling.postinstall.engine.NamedError;
import io.kindling.postinstall.net.NetError;
import io.kindling.postinstall.openstack.OpenStackError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ErrorCatalogueTest {

  @Test
  void everyErrorHasItsOwnIdAndAnEntryInTheGuide() throws Exception {
    String guide = Files.readString(Path.of("../docs/troubleshooting.md"));
    assertThat(InstallError.values()).extracting(InstallError::id).doesNotHaveDuplicates();
    for (InstallError error : InstallError.values()) {
      assertThat(guide).contains("### " + error.id() + " ");
    }
    var phases = new ArrayList<NamedError>(List.of(EngineError.values()));
    phases.addAll(List.of(CephError.values()));
    phases.addAll(List.of(CheckError.values()));
    phases.addAll(List.of(DayTwoError.values()));
    phases.addAll(List.of(NetError.values()));
    phases.addAll(List.of(OpenStackError.values()));
    assertThat(phases).extracting(NamedError::id).doesNotHaveDuplicates();
    for (NamedError error : phases) {
      assertThat(guide).contains("### " + error.id() + " ");
    }
  }

  @Test
  void everyErrorThatAScriptNamesIsInTheCatalogue() throws Exception {
    var known = new ArrayList<String>();
    Arrays.stream(InstallError.values()).map(InstallError::id).forEach(known::add);
    Arrays.stream(EngineError.values()).map(EngineError::id).forEach(known::add);
    Arrays.stream(CephError.values()).map(CephError::id).forEach(known::add);
    Arrays.stream(DayTwoError.values()).map(DayTwoError::id).forEach(known::add);
    Arrays.stream(OpenStackError.values()).map(OpenStackError::id).forEach(known::add);
    try (var files = Files.walk(Path.of("src/main/resources/io/kindling/postinstall"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        var ids =
            Pattern.compile("(INS|ENG|CEPH|DAY|OST)-[0-9]{3}").matcher(Files.readString(file));
        while (ids.find()) {
          assertThat(known).contains(ids.group());
        }
      }
    }
  }
}
