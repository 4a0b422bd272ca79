package io.kindling.appliance.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `serve`: runs the appliance until it is told to end.
@Command(
    name = "serve",
    description = "Runs the appliance until it gets SIGTERM or Ctrl-C.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  private final Context context;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "/etc/kindling/kindling.yaml",
      description = "The configuration (default: ${DEFAULT-VALUE}).")
  private Path config = Path.of("");

  ServeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    AutoCloseable appliance = context.environment().starter().start(config);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    appliance.close();
                  } catch (Exception e) {
                    LOG.error("the appliance did not end cleanly", e);
                  }
                },
                "shutdown"));
    new CountDownLatch(1).await(); // SIGTERM ends the process through the hook.
    return 0;
  }
}
