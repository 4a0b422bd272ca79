package io.kindling.appliance.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Verbs that only hold others: alone they are not understood.
abstract class Group implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    CommandLine line = spec.commandLine();
    throw new ParameterException(
        line,
        "say one of "
            + String.join(", ", line.getSubcommands().keySet())
            + " after `"
            + spec.qualifiedName()
            + "`");
  }

  @Command(
      name = "node",
      description = {
        "The inventory: list, show, facts, refused, kickstart, label, rename, power, locate,",
        "join-token, maintenance, evacuate, retire."
      },
      mixinStandardHelpOptions = true)
  static final class Node extends Group {}

  @Command(
      name = "cluster",
      description = "What the cluster is to be: apply, show, plan, verify.",
      mixinStandardHelpOptions = true)
  static final class Cluster extends Group {}

  @Command(
      name = "osd",
      description = "Drives of a cluster that serves: add, replace.",
      mixinStandardHelpOptions = true)
  static final class Osd extends Group {}

  @Command(
      name = "operation",
      description = "What is done to a cluster that serves: show, resume.",
      mixinStandardHelpOptions = true)
  static final class Operation extends Group {}

  @Command(
      name = "render",
      description = "Prints exactly what a node would be given; needs no appliance.",
      mixinStandardHelpOptions = true)
  static final class Render extends Group {}

  @Command(
      name = "account",
      description = "Who may log in: admin-link, list, add, link, role, remove.",
      mixinStandardHelpOptions = true)
  static final class Account extends Group {}

  @Command(
      name = "token",
      description = "API tokens for programs: list, add, revoke.",
      mixinStandardHelpOptions = true)
  static final class Token extends Group {}

  @Command(
      name = "release",
      description = "Releases of the RHEL family: import, list.",
      mixinStandardHelpOptions = true)
  static final class Release extends Group {}

  @Command(
      name = "image",
      description = "Builds the images that machines boot and get installed from.",
      mixinStandardHelpOptions = true)
  static final class Image extends Group {}

  @Command(
      name = "mirror",
      description = "The packages that nodes get: sync, status.",
      mixinStandardHelpOptions = true)
  static final class PackageMirror extends Group {}
}
