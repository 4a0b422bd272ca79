package io.kindling.isobuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The first start's answers, looked at by the script that takes them.
final class AnswersTest {

  private static final List<String> NEEDED =
      List.of("interface=52:54:00:00:00:01", "address=10.20.0.1/24");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# a comment",
        "hostname=rack1",
        "pool=10.20.0.50-10.20.0.60",
        "ntp=ntp.example,192.0.2.7",
        "proxy=http://proxy.example:3128",
        "proxy=http://ann:s%40crt@192.0.2.1:8080/",
        "mirror=http://mirror.example/debian",
        "mirror=https://mirror.example:8443/pub/linux/debian/",
        "mirror-security=http://mirror.example/debian-security",
        "management-address=192.0.2.10/27",
        "beside-dhcp=yes",
        "ssh-key=ssh-ed25519"
            + " AAAAC3NzaC1lZDI1NTE5AAAAILW3cKAmyPZLLIJcexCQQ0fBaw+ki7Oulxm0bQClj0mM ann's",
      })
  void goodAnswersAreTaken(String line) throws Exception {
    Said said = check(line);
    assertThat(said.status()).as(said.text()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxy=proxy.example → http://HOST:PORT",
        "proxy=http://proxy.example/$(reboot) → http://HOST:PORT",
        "mirror=ftp://mirror.example/debian → ends in /debian",
        "mirror=http://mirror.example/ubuntu → ends in /debian",
        "ntp=one two → time servers",
        "ntp=`reboot` → time servers",
        "ssh-key=ssh-ed25519 AAAA ann → the whole line of its .pub file",
        "ssh-key=hello → the whole line of its .pub file",
        "hostname=rack_1 → a host name",
        "address=10.20.0.256/24 → with prefix length",
        "address=10.20.0.0/24 → a host's address",
        "address=10.20.0.150/24 → pool= is missing",
        "address=10.20.0.1/28 → pool= is missing",
        "pool=10.20.0.60-10.20.0.50 → FIRST-LAST",
        "pool=10.20.0.1-10.20.0.50 → one without 10.20.0.1",
        "router=10.21.0.1 → in the network of address=",
        "management-address=10.20.0.9/24 → in the operators' network",
        "beside-dhcp=maybe → yes or no",
        "colour=blue → no answer called 'colour'",
        "colour → not KEY=VALUE",
      })
  void wrongAnswersAreRefusedWithWhatIsExpected(String wrong) throws Exception {
    String[] parts = wrong.split(" → ", 2);
    Said said = check(parts[0]);
    assertThat(said.status()).isEqualTo(1);
    assertThat(said.text()).contains("ISO-013").contains(parts[1]);
  }

  @Test
  void theLineIsNamed() throws Exception {
    assertThat(check("# a comment\nntp=;").text()).contains("line 4").contains("';'");
  }

  @Test
  void whatIsNeededIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("answers"), "address=10.20.0.1/24\n");
    assertThat(run(file).text()).contains("ISO-013 interface= is missing");
  }

  private Said check(String lines) throws Exception {
    return run(
        Files.writeString(
            folder.resolve("answers"), String.join("\n", NEEDED) + "\n" + lines + "\n"));
  }

  private record Said(int status, String text) {}

  private static Said run(Path file) throws Exception {
    Path script =
        Path.of(
            Objects.requireNonNull(
                    ImageBuilder.class.getResource(
                        "/io/kindling/isobuild/system/root/usr/lib/kindling/setup"))
                .toURI());
    Process process =
        new ProcessBuilder("bash", script.toString(), "--check", file.toString())
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), text);
  }
}
