package io.kindling.appliance.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;
import io.kindling.ksgen.kickstart.Release;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images made by xorriso, imported by xorriso. Needs that package.
@Tag("rack")
class IsoImportTest {

  @TempDir private Path dir;
  private final List<String> said = new ArrayList<>();

  private Releases releases() {
    return new Releases(dir.resolve("state/releases"));
  }

  private ReleaseTree run(Path iso) {
    return new IsoImport(releases(), said::add).run(iso);
  }

  private Path iso(String family, String version, String arch) throws Exception {
    Path tree = Isos.tree(dir.resolve("tree-" + version + arch), family, version, arch);
    return Isos.iso(tree, dir.resolve(version + arch + ".iso"));
  }

  private void refused(Path iso, ApplianceError error, String text) {
    var refused = catchThrowableOfType(ApplianceException.class, () -> run(iso));
    assertThat(refused).isNotNull();
    assertThat(refused.error()).as(refused.detail()).isEqualTo(error);
    assertThat(refused.detail()).contains(text);
    assertThat(releases().all()).isEmpty();
    assertThat(dir.resolve("state/releases/.partial")).doesNotExist();
  }

  @Test
  void anInstallersImageIsExtractedOnceAndListedByItsVersion() throws Exception {
    Path iso = iso("Rocky Linux", "9.4", "x86_64");
    ReleaseTree tree = run(iso);
    assertThat(tree.id()).isEqualTo("rocky-9.4");
    assertThat(tree.info().repositories())
        .containsExactly(
            java.util.Map.entry("AppStream", "AppStream"), java.util.Map.entry("BaseOS", "BaseOS"));
    assertThat(tree.directory().resolve("images/install.img")).hasSize(200_000);
    Files.writeString(tree.directory().resolve("mark"), "kept");
    assertThat(run(iso).id()).isEqualTo("rocky-9.4");
    assertThat(said).last().isEqualTo("rocky-9.4 is imported already");
    assertThat(tree.directory().resolve("mark")).exists();
  }

  @Test
  void theNewestVersionOfAReleaseIsTaken() throws Exception {
    run(iso("AlmaLinux", "9.10", "x86_64"));
    run(iso("AlmaLinux", "9.9", "x86_64"));
    run(iso("CentOS Stream", "10", "x86_64"));
    Releases releases = releases();
    assertThat(releases.all())
        .extracting(ReleaseTree::id)
        .containsExactly("alma-9.9", "alma-9.10", "centos-stream-10");
    assertThat(releases.newest(Release.ALMA_9).orElseThrow().id()).isEqualTo("alma-9.10");
    assertThat(releases.newest(Release.ROCKY_9)).isEmpty();
  }

  @Test
  void whatIsNoInstallerIsRefusedByName() throws Exception {
    Path text = Files.writeString(dir.resolve("text.iso"), "no image ".repeat(10_000));
    refused(text, ApplianceError.NOT_AN_INSTALLER, "is no ISO image");
    refused(
        Files.writeString(dir.resolve("short.iso"), "x"),
        ApplianceError.NOT_AN_INSTALLER,
        "is no ISO image");
    Path data = Files.createDirectory(dir.resolve("data"));
    Files.writeString(data.resolve("readme"), "data");
    refused(
        Isos.iso(data, dir.resolve("data.iso")),
        ApplianceError.NOT_AN_INSTALLER,
        "holds no .treeinfo");
    Files.writeString(data.resolve(".treeinfo"), "[general]\nfamily = Rocky Linux\nversion = 9\n");
    refused(
        Isos.iso(data, dir.resolve("half.iso")),
        ApplianceError.NOT_AN_INSTALLER,
        "names no version");
    refused(dir.resolve("gone.iso"), ApplianceError.CONFIG_UNREADABLE, "gone.iso");
  }

  @Test
  void anotherMachineAnotherReleaseAndABootImageAreRefusedByName() throws Exception {
    refused(
        iso("Rocky Linux", "9.4", "aarch64"),
        ApplianceError.RELEASE_UNKNOWN,
        "for aarch64 machines");
    refused(
        iso("Fedora", "42", "x86_64"), ApplianceError.RELEASE_UNKNOWN, "it is Fedora 42; known:");
    Path tree = Isos.tree(dir.resolve("boot"), "Rocky Linux", "9.4", "x86_64");
    Files.delete(tree.resolve("BaseOS/repodata/repomd.xml"));
    refused(
        Isos.iso(tree, dir.resolve("boot.iso")),
        ApplianceError.NO_PACKAGES,
        "no BaseOS/repodata/repomd.xml");
  }

  @Test
  void aTruncatedOrAlteredImageIsRefused() throws Exception {
    Path iso = iso("Rocky Linux", "9.4", "x86_64");
    byte[] whole = Files.readAllBytes(iso);
    refused(
        Files.write(dir.resolve("cut.iso"), java.util.Arrays.copyOf(whole, whole.length - 4096)),
        ApplianceError.ISO_DAMAGED,
        "its volume");
    Path tree = Isos.tree(dir.resolve("altered"), "Rocky Linux", "9.4", "x86_64");
    Files.write(tree.resolve("images/install.img"), new byte[200_000]);
    refused(
        Isos.iso(tree, dir.resolve("altered.iso")),
        ApplianceError.ISO_DAMAGED,
        "images/install.img has another SHA-256");
  }

  @Test
  void anImportThatWasKilledBeginsAgain() throws Exception {
    Path partial = Files.createDirectories(dir.resolve("state/releases/.partial/tree/images"));
    Files.writeString(partial.resolve("install.img"), "half");
    assertThat(partial.toFile().setWritable(false)).isTrue();
    assertThat(releases().all()).isEmpty();
    assertThat(run(iso("Rocky Linux", "10.0", "x86_64")).id()).isEqualTo("rocky-10.0");
    assertThat(dir.resolve("state/releases/.partial")).doesNotExist();
  }

  @Test
  void twoImportsDoNotMeet() throws Exception {
    Path iso = iso("Rocky Linux", "9.4", "x86_64");
    Path directory = Files.createDirectories(dir.resolve("state/releases"));
    Process other =
        new ProcessBuilder(
                "python3",
                "-c",
                "import fcntl,sys; f=open(sys.argv[1],'w'); fcntl.lockf(f,fcntl.LOCK_EX);"
                    + " print('held',flush=True); sys.stdin.read()",
                directory.resolve(".lock").toString())
            .start();
    assertThat(other.inputReader().readLine()).isEqualTo("held");
    var refused = catchThrowableOfType(ApplianceException.class, () -> run(iso));
    assertThat(refused.error()).isEqualTo(ApplianceError.IMPORT_FAILED);
    other.getOutputStream().close();
    assertThat(other.waitFor()).isZero();
    assertThat(run(iso).id()).isEqualTo("rocky-9.4");
  }
}
