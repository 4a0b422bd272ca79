package io.kindling.appliance.cli;

import io.kindling.appliance.Appliance;
import io.kindling.appliance.ApplianceException;
import io.kindling.appliance.config.KindlingConfig;
import io.kindling.appliance.console.Visible;
import io.kindling.isobuild.IsoBuildException;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// The command line's entry. Exit status: 0 done, 1 failed, 2 not understood.
public final class Kindling {

  private Kindling() {}

  /// The only place that reads the environment and ends the process.
  public static void main(String[] arguments) {
    long begin = System.nanoTime();
    var environment =
        new CliEnvironment(
            System.in,
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8),
            System.getenv(),
            InstantSource.system(),
            Thread::sleep,
            Kindling::secret,
            config -> {
              var appliance =
                  new Appliance(KindlingConfig.load(config), Clock.systemUTC(), new SecureRandom());
              appliance.start(begin);
              return appliance;
            });
    var more = new ArrayList<Object>();
    ServiceLoader.load(VerbProvider.class).forEach(provider -> more.addAll(provider.verbs()));
    System.exit(run(environment, more, arguments));
  }

  private static Optional<String> secret(String prompt) {
    Console terminal = System.console();
    return terminal == null || !terminal.isTerminal()
        ? Optional.empty()
        : Optional.ofNullable(terminal.readPassword("%s", prompt)).map(String::new);
  }

  /// Runs one command and returns its exit status.
  ///
  /// @param more further verbs
  public static int run(CliEnvironment environment, List<Object> more, String... arguments) {
    var context = new Context(environment);
    CommandLine line = commandLine(context, more);
    return line.execute(arguments);
  }

  static CommandLine commandLine(Context context, List<Object> more) {
    var line = new CommandLine(context);
    line.addSubcommand(new ServeCommand(context));
    line.addSubcommand(
        new CommandLine(new Group.Node())
            .addSubcommand(new NodeCommands.Listing(context))
            .addSubcommand(new NodeCommands.Show(context))
            .addSubcommand(new NodeCommands.FactsOf(context))
            .addSubcommand(new InspectCommands.Refused(context))
            .addSubcommand(new InspectCommands.KickstartOf(context))
            .addSubcommand(new NodeCommands.Label(context))
            .addSubcommand(new NodeCommands.Rename(context))
            .addSubcommand(new AsideCommands.Rescue(context))
            .addSubcommand(new AsideCommands.Wipe(context))
            .addSubcommand(new RemoveCommand(context))
            .addSubcommand(new NodeCommands.JoinToken(context))
            .addSubcommand(new AdoptCommand(context))
            .addSubcommand(new PowerCommands.Switching(context))
            .addSubcommand(new PowerCommands.Labels(context))
            .addSubcommand(new PowerCommands.Locate(context))
            .addSubcommand(new DayTwoCommands.Maintenance(context))
            .addSubcommand(new DayTwoCommands.Evacuate(context))
            .addSubcommand(new DayTwoCommands.Retire(context)));
    line.addSubcommand(
        new CommandLine(new Group.Osd())
            .addSubcommand(new DayTwoCommands.Add(context))
            .addSubcommand(new DayTwoCommands.Replace(context)));
    line.addSubcommand(
        new CommandLine(new Group.Operation())
            .addSubcommand(new DayTwoCommands.Show(context))
            .addSubcommand(new DayTwoCommands.Resume(context)));
    line.addSubcommand(
        new CommandLine(new Group.Cluster())
            .addSubcommand(new ClusterCommands.Apply(context))
            .addSubcommand(new ClusterCommands.Show(context))
            .addSubcommand(new ClusterCommands.Plan(context))
            .addSubcommand(new ClusterCommands.RenewPassword(context))
            .addSubcommand(new ClusterCommands.RenewKey(context))
            .addSubcommand(new ClusterCommands.RenewCertificate(context))
            .addSubcommand(new VerifyCommand(context)));
    line.addSubcommand(new DeployCommand(context));
    line.addSubcommand(new CheckCommand(context));
    line.addSubcommand(new LogsCommand(context));
    line.addSubcommand(new EventsCommand(context));
    line.addSubcommand(new StatusCommand(context));
    line.addSubcommand(new SnapshotCommand(context));
    line.addSubcommand(new BackupCommand(context));
    line.addSubcommand(new RestoreCommand(context));
    line.addSubcommand(
        new CommandLine(new Group.Account())
            .addSubcommand(new AccountCommands.AdminLink(context))
            .addSubcommand(new AccountCommands.Listing(context))
            .addSubcommand(new AccountCommands.Add(context))
            .addSubcommand(new AccountCommands.Link(context))
            .addSubcommand(new AccountCommands.SetRole(context))
            .addSubcommand(new AccountCommands.Remove(context)));
    line.addSubcommand(
        new CommandLine(new Group.Token())
            .addSubcommand(new AccountCommands.Tokens(context))
            .addSubcommand(new AccountCommands.AddToken(context))
            .addSubcommand(new AccountCommands.Revoke(context)));
    line.addSubcommand(new AccountCommands.AuditTrail(context));
    line.addSubcommand(new OfflineCommands.Plan(context));
    line.addSubcommand(
        new CommandLine(new Group.Render())
            .addSubcommand(new RenderCommands.PartitionScriptOf(context))
            .addSubcommand(new RenderCommands.KickstartOf(context)));
    line.addSubcommand(
        new CommandLine(new Group.Release())
            .addSubcommand(new ReleaseCommands.Import(context))
            .addSubcommand(new ReleaseCommands.Listing(context)));
    line.addSubcommand(
        new CommandLine(new Group.Image())
            .addSubcommand(new ImageCommands.Bootstrap(context))
            .addSubcommand(new ImageCommands.NodeRoot(context))
            .addSubcommand(new ImageCommands.LoaderFiles(context)));
    line.addSubcommand(
        new CommandLine(new Group.PackageMirror())
            .addSubcommand(new MirrorCommands.Sync(context))
            .addSubcommand(new MirrorCommands.Status(context)));
    line.addSubcommand(new IsoCommand(context));
    more.forEach(line::addSubcommand);
    line.setOut(context.environment().out());
    line.setErr(context.environment().err());
    line.setUsageHelpAutoWidth(false);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((failure, given) -> usage(context, failure));
    line.setExecutionExceptionHandler((failure, command, parsed) -> failed(context, failure));
    return line;
  }

  private static int usage(Context context, ParameterException failure) {
    PrintWriter err = context.environment().err();
    CommandLine command = failure.getCommandLine();
    err.println("kindling: " + CliError.USAGE.id() + ": " + Visible.line(message(failure)));
    var suggestions = new java.io.StringWriter();
    CommandLine.UnmatchedArgumentException.printSuggestions(
        failure, new PrintWriter(suggestions, true));
    suggestions
        .toString()
        .lines()
        .filter(l -> !l.isBlank())
        .forEach(l -> err.println("          " + Visible.line(l)));
    err.println("          See: " + command.getCommandSpec().qualifiedName() + " --help");
    err.flush();
    if (context.debug()) {
      failure.printStackTrace(err);
    }
    return 2;
  }

  private static int failed(Context context, Exception failure) {
    CliException named = named(failure);
    PrintWriter err = context.environment().err();
    err.println("kindling: " + named.id() + ": " + Visible.line(named.text()));
    err.println("          " + Visible.line(named.cure()));
    if (context.debug()) {
      failure.printStackTrace(err);
    }
    err.flush();
    return 1;
  }

  private static CliException named(Exception failure) {
    return switch (failure) {
      case CliException named -> named;
      case ApplianceException e ->
          new CliException(
              e.error().id(), e.error().summary() + ": " + e.detail(), e.error().cure(), e);
      case IsoBuildException e ->
          new CliException(e.error().id(), shortened(e), e.error().cure(), e);
      default ->
          new CliException(
              CliError.INTERNAL,
              failure.getClass().getSimpleName() + ": " + message(failure),
              failure);
    };
  }

  /// Its message has id and cure in it already; they are shown in their own places.
  private static String shortened(IsoBuildException e) {
    String text = message(e);
    String head = e.error().id() + " ";
    String tail = ". " + e.error().cure();
    text = text.startsWith(head) ? text.substring(head.length()) : text;
    return text.endsWith(tail) ? text.substring(0, text.length() - tail.length()) : text;
  }

  private static String message(Throwable failure) {
    @Nullable String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
