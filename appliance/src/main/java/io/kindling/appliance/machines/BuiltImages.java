package io.kindling.appliance.machines;

import io.kindling.appliance.deploy.NodeImages;
import io.kindling.isobuild.Artefact;
import io.kindling.isobuild.BootstrapImage;
import io.kindling.isobuild.ImageBuilder;
import io.kindling.isobuild.Loaders;
import io.kindling.isobuild.Mirror;
import io.kindling.pxe.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What the image builder has left in the cache, for booting and installing; nothing is built here.
/// What appears in the cache later is found when it is asked for. Thread-safe.
public final class BuiltImages implements Catalogue, NodeImages {
  private final ImageBuilder builder;
  private final Mirror mirror;
  private final Map<String, Path> files = new ConcurrentHashMap<>();
  private volatile @Nullable NodeImage node;

  public BuiltImages(ImageBuilder builder, Mirror mirror) {
    this.builder = builder;
    this.mirror = mirror;
  }

  @Override
  public Answer find(String name) {
    Path known = files.get(name);
    if (known == null || !Files.isRegularFile(known)) {
      files.remove(name);
      known = look(name);
      if (known == null) {
        return new Unknown();
      }
      files.put(name, known);
    }
    try {
      return new OnDisk(known, Files.size(known));
    } catch (IOException removed) {
      return new Unknown();
    }
  }

  private @Nullable Path look(String name) {
    boolean bootstrap = name.equals(Catalogue.KERNEL) || name.equals(Catalogue.INITRD);
    if (bootstrap && builder.isCached(Artefact.BOOTSTRAP)) {
      BootstrapImage image = builder.bootstrap();
      return name.equals(Catalogue.KERNEL) ? image.kernel() : image.initrd();
    }
    if (Loaders.FILES.contains(name) && builder.isCached(Artefact.LOADERS)) {
      Path file = builder.loaders().directory().resolve(name);
      return Files.isRegularFile(file) ? file : null;
    }
    return null;
  }

  /// Kinds that are not in the cache yet.
  public java.util.List<String> missing() {
    return Artefact.FOR_MACHINES.stream()
        .filter(a -> !builder.isCached(a))
        .map(Artefact::id)
        .toList();
  }

  @Override
  public Optional<NodeImage> current() {
    if (!builder.isCached(Artefact.NODE)) {
      return Optional.empty();
    }
    var built = builder.node();
    NodeImage image = new NodeImage(built.archive(), built.sha256(), built.bytes());
    node = image;
    return Optional.of(image);
  }

  @Override
  public Optional<NodeImage> bySha256(String sha256) {
    NodeImage last = node;
    if (last != null && last.sha256().equals(sha256) && Files.isRegularFile(last.file())) {
      return Optional.of(last);
    }
    return current().filter(image -> image.sha256().equals(sha256));
  }

  @Override
  public Optional<PackagesKey> packages() {
    return mirror.status().map(synced -> new PackagesKey(synced.suite(), mirror.key()));
  }
}
