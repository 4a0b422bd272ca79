package io.kindling.pxe.rack;

import java.io.IOException;
import java.nio.file.Path;

/// Two private network namespaces joined by a cable: the server in one, a client in the other.
/// Needs root.
final class Rack implements AutoCloseable {
  static final String ADDRESS = "10.99.0.1";

  private final Lan lan;
  private final String serverSpace;
  private final String clientSpace;

  Rack(Path folder) throws IOException, InterruptedException {
    lan = new Lan(folder);
    serverSpace = lan.space("s");
    clientSpace = lan.space("c");
    lan.cable(serverSpace, "pv0", clientSpace, "pv1");
    lan.address(serverSpace, "pv0", ADDRESS + "/24");
  }

  /// Starts the server and waits until it answers; its output is in the file returned.
  Path serve(Path files, String answer) throws IOException {
    Path log =
        lan.startJava(serverSpace, RackServer.class, "pv0", ADDRESS, files.toString(), answer);
    Lan.eventually(log, "ready");
    return log;
  }

  /// Starts a program beside the client; its output is in the file returned.
  Path inClientSpace(String... command) throws IOException {
    return lan.start(clientSpace, command);
  }

  /// Runs a program beside the client to its end and returns its output.
  String client(String... command) throws IOException, InterruptedException {
    return lan.run(clientSpace, command);
  }

  String clientMac() throws IOException, InterruptedException {
    return lan.mac(clientSpace, "pv1");
  }

  static String read(Path log) throws IOException {
    return Lan.read(log);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    lan.close();
  }
}
