package io.kindling.appliance.cli;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One command, run in this process, and what it printed.
record CommandLineRun(int status, String out, String err) {

  static CommandLineRun of(Path state, String... arguments) {
    return of(state, new byte[0], List.of(), arguments);
  }

  static CommandLineRun of(Path state, byte[] input, List<Object> more, String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    CliEnvironment environment = environment(state, input, out, err);
    int status = Kindling.run(environment, more, arguments);
    environment.out().flush();
    environment.err().flush();
    return new CommandLineRun(status, out.toString(), err.toString());
  }

  static CliEnvironment environment(Path state, byte[] input, StringWriter out, StringWriter err) {
    return new CliEnvironment(
        new ByteArrayInputStream(input),
        new PrintWriter(out),
        new PrintWriter(err),
        Map.of("KINDLING_STATE", state.toString()),
        InstantSource.fixed(Instant.parse("2026-11-23T21:00:00Z")),
        milliseconds -> {},
        prompt -> Optional.empty(),
        config -> {
          throw new IllegalStateException("not in this test");
        });
  }
}
