package io.kindling.tests.rack;

import io.kindling.appliance.cli.VerbProvider;
import java.util.List;

/// The verbs of the virtual rack.
public final class RackVerbs implements VerbProvider {

  @Override
  public List<Object> verbs() {
    return List.of(new TryCommand(), new RackCommand());
  }
}
