package io.kindling.isobuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The mirror's script with the real apt and gpg, from a small archive of our own on the loopback.
/// Needs apt-utils, gpg, gpg-agent.
@Tag("rack")
final class MirrorTest {

  private static final String SOURCE =
      """
      set -eu
      cd "$1"
      mkdir -p pool build
      deb() { # NAME DEPENDS BYTES
        mkdir -p "build/$1/DEBIAN" "build/$1/usr/share/$1"
        head -c "$3" /dev/urandom >"build/$1/usr/share/$1/data"
        printf 'Package: %s\\nVersion: 1:1.0-1\\nArchitecture: amd64\\nMaintainer: T <t@example.org>\\nDescription: t\\n' "$1" >"build/$1/DEBIAN/control"
        [ -z "$2" ] || echo "Depends: $2" >>"build/$1/DEBIAN/control"
        dpkg-deb --root-owner-group --build "build/$1" "pool/$1.deb" >/dev/null
      }
      deb wanted needed 1000
      deb needed '' 300000
      deb stranger '' 1000
      export GNUPGHOME=$1/gpg
      install -d -m 0700 "$GNUPGHOME"
      gpg --batch --quiet --passphrase '' --quick-generate-key source ed25519 sign never
      gpg --export >"$1/source.gpg"
      for suite in trixie trixie-updates; do
        for component in main non-free-firmware; do
          mkdir -p "dists/$suite/$component/binary-amd64"
          : >"dists/$suite/$component/binary-amd64/Packages"
        done
      done
      apt-ftparchive packages pool >dists/trixie/main/binary-amd64/Packages
      for suite in trixie trixie-updates; do
        apt-ftparchive -o APT::FTPArchive::Release::Suite=$suite -o APT::FTPArchive::Release::Codename=$suite \\
          -o "APT::FTPArchive::Release::Components=main non-free-firmware" \\
          -o APT::FTPArchive::Release::Architectures=amd64 release "dists/$suite" >Release
        mv Release "dists/$suite/Release"
        gpg --batch --quiet --clearsign --output "dists/$suite/InRelease" "dists/$suite/Release"
      done
      gpgconf --kill all
      """;

  @TempDir Path temp;
  private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
  private Path archive;
  private HttpServer server;
  private volatile String cutOff = "";

  @BeforeEach
  void serve() throws Exception {
    archive = Files.createDirectory(temp.resolve("archive"));
    Process made =
        new ProcessBuilder("sh", "-c", SOURCE, "sh", archive.toString()).inheritIO().start();
    assertThat(made.waitFor()).isZero();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      asked.add(path);
      Path file = archive.resolve(path.substring(1));
      if (!Files.isRegularFile(file)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      byte[] bytes = Files.readAllBytes(file);
      int from = 0;
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (range != null && range.matches("bytes=\\d+-")) {
        from = Integer.parseInt(range.substring(6, range.length() - 1));
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
      }
      exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
      exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
      int until = path.endsWith(cutOff) && !cutOff.isEmpty() ? bytes.length / 2 : bytes.length;
      exchange.getResponseBody().write(bytes, from, Math.max(0, until - from));
    }
  }

  private Mirror mirror(int port, Path keyring) {
    String url = "http://127.0.0.1:" + port;
    return new Mirror(temp.resolve("mirror"), new DebianSource("trixie", url, ""), keyring);
  }

  private Mirror mirror() {
    return mirror(server.getAddress().getPort(), archive.resolve("source.gpg"));
  }

  private static Mirror.Synced sync(Mirror mirror) {
    return mirror.sync(
        List.of("test.list"),
        List.of(),
        Map.of("test.list", "wanted # and what it needs\n".getBytes(StandardCharsets.UTF_8)),
        (step, steps, what) -> {});
  }

  private static IsoError failure(Mirror mirror) {
    return catchThrowableOfType(IsoBuildException.class, () -> sync(mirror)).error();
  }

  private List<String> fetched() {
    return asked.stream().filter(p -> p.endsWith(".deb")).toList();
  }

  @Test
  void whatIsWantedAndWhatThatNeedsIsPublishedSignedAndFetchedOnce() throws Exception {
    Mirror mirror = mirror();
    assertThat(mirror.status()).isEmpty();
    Mirror.Synced synced = sync(mirror);
    assertThat(synced.packages()).isEqualTo(2);
    assertThat(synced.bytes()).isGreaterThan(300_000);
    assertThat(mirror.status()).contains(synced);
    assertThat(fetched()).containsExactlyInAnyOrder("/pool/wanted.deb", "/pool/needed.deb");
    Path served = mirror.current();
    assertThat(served.resolve("pool/needed_1.0-1_amd64.deb")).isRegularFile();
    assertThat(Files.readString(served.resolve("dists/trixie/main/binary-amd64/Packages")))
        .contains("Filename: pool/needed_1.0-1_amd64.deb")
        .doesNotContain("stranger");
    Path key = Files.writeString(temp.resolve("key.asc"), mirror.key());
    Process verified =
        new ProcessBuilder(
                "sh",
                "-c",
                "gpg --dearmor <\"$1\" >\"$1.gpg\" && gpgv --keyring \"$1.gpg\" \"$2\"",
                "sh",
                key.toString(),
                served.resolve("dists/trixie/InRelease").toString())
            .inheritIO()
            .start();
    assertThat(verified.waitFor()).isZero();

    asked.clear();
    String before = mirror.key();
    sync(mirror);
    assertThat(fetched()).isEmpty();
    assertThat(mirror.key()).isEqualTo(before);
    assertThat(temp.resolve("mirror").toFile().list())
        .filteredOn(name -> name.startsWith("published-"))
        .hasSize(1);
  }

  @Test
  void anEditionForCephAloneLeavesOutWhatOnlyOpenStackNeeds() throws Exception {
    Mirror mirror = mirror();
    mirror.sync(
        List.of("test.list"),
        List.of("cloud.list"),
        Map.of(
            "test.list", "wanted".getBytes(StandardCharsets.UTF_8),
            "cloud.list", "stranger".getBytes(StandardCharsets.UTF_8)),
        (step, steps, what) -> {});
    assertThat(mirror.status(Edition.FULL).orElseThrow().packages()).isEqualTo(3);
    assertThat(mirror.status(Edition.CEPH).orElseThrow().packages()).isEqualTo(2);
    Path ceph = mirror.of(Edition.CEPH);
    assertThat(Files.readString(ceph.resolve("dists/trixie/main/binary-amd64/Packages")))
        .contains("Package: needed")
        .doesNotContain("stranger");
    assertThat(ceph.resolve("pool").toFile().list()).hasSize(2);

    sync(mirror);
    assertThat(mirror.of(Edition.CEPH).toRealPath()).isEqualTo(mirror.current().toRealPath());
  }

  @Test
  void aBrokenOffRunIsNamedAndTheNextGoesOnWhereItStood() {
    cutOff = "needed.deb";
    Mirror mirror = mirror();
    assertThat(failure(mirror)).isEqualTo(IsoError.MIRROR_UNREACHABLE);
    assertThat(mirror.status()).isEmpty();
    cutOff = "";
    asked.clear();
    assertThat(sync(mirror).packages()).isEqualTo(2);
    assertThat(fetched()).containsOnly("/pool/needed.deb");
  }

  @Test
  void aFileThatIsNotWhatTheListsSayIsNamedAndWhatIsServedStays() throws Exception {
    Mirror mirror = mirror();
    Mirror.Synced good = sync(mirror);
    // Damaged where it is kept, the size as before.
    Path kept = temp.resolve("mirror/archives/needed_1%3a1.0-1_amd64.deb");
    byte[] bytes = Files.readAllBytes(kept);
    bytes[bytes.length / 2] ^= 1;
    Files.delete(kept);
    Files.write(kept, bytes);
    assertThat(failure(mirror)).isEqualTo(IsoError.HASH_MISMATCH);
    assertThat(mirror.status()).contains(good);
    assertThat(sync(mirror).packages()).isEqualTo(2);

    // Damaged at the source.
    Files.delete(kept);
    Files.write(archive.resolve("pool/needed.deb"), bytes);
    assertThat(failure(mirror)).isEqualTo(IsoError.HASH_MISMATCH);
  }

  @Test
  void aSourceThatIsNotSignedByTheKnownKeyIsRefused() throws Exception {
    sync(mirror());
    Path other = Files.writeString(temp.resolve("other.asc"), mirror().key());
    assertThat(failure(mirror(server.getAddress().getPort(), other)))
        .isEqualTo(IsoError.UNVERIFIED);
  }

  @Test
  void aSourceThatDoesNotAnswerIsNamed() {
    server.stop(0);
    assertThat(failure(mirror())).isEqualTo(IsoError.MIRROR_UNREACHABLE);
  }
}
