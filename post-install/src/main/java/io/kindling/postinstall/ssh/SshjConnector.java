package io.kindling.postinstall.ssh;

import com.hierynomus.sshj.userauth.keyprovider.OpenSSHKeyV1KeyFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import javax.net.SocketFactory;
import net.schmizz.keepalive.KeepAliveProvider;
import net.schmizz.keepalive.KeepAliveRunner;
import net.schmizz.sshj.DefaultConfig;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.Factory;
import net.schmizz.sshj.common.SecurityUtils;
import net.schmizz.sshj.transport.verification.HostKeyVerifier;
import net.schmizz.sshj.userauth.UserAuthException;
import org.jspecify.annotations.Nullable;

/// SSH by sshj: modern algorithms only, strict host keys, no delay of small packets, and
/// keep-alives so that a dead machine is noticed. Thread-safe; each connection keeps two threads of
/// its own.
public final class SshjConnector implements SshConnector {

  /// A machine that leaves this many keep-alives in a row without an answer is gone.
  private static final int KEEP_ALIVES = 4;

  private static final Set<String> KEY_EXCHANGES =
      Set.of(
          "curve25519-sha256",
          "curve25519-sha256@libssh.org",
          "ecdh-sha2-nistp256",
          "ecdh-sha2-nistp384",
          "ecdh-sha2-nistp521",
          "diffie-hellman-group-exchange-sha256",
          "diffie-hellman-group14-sha256",
          "diffie-hellman-group16-sha512",
          "diffie-hellman-group18-sha512",
          "ext-info-c");
  private static final Set<String> KEYS =
      Set.of(
          "ssh-ed25519",
          "ecdsa-sha2-nistp256",
          "ecdsa-sha2-nistp384",
          "ecdsa-sha2-nistp521",
          "rsa-sha2-256",
          "rsa-sha2-512");
  private static final Predicate<String> CIPHERS =
      name ->
          name.endsWith("-ctr") && name.startsWith("aes")
              || name.contains("gcm@")
              || name.startsWith("chacha20-");
  private static final Predicate<String> MACS = name -> name.startsWith("hmac-sha2-");

  private final ApplianceKey key;
  private final Duration connectLimit;
  private final Duration keepAlive;

  /// @param connectLimit for the TCP connection, and again for each answer of the handshake
  /// @param keepAlive between two keep-alives; a dead machine is noticed after five of these
  public SshjConnector(ApplianceKey key, Duration connectLimit, Duration keepAlive) {
    this.key = key;
    this.connectLimit = connectLimit;
    this.keepAlive = keepAlive;
  }

  public SshjConnector(ApplianceKey key) {
    this(key, Duration.ofSeconds(10), Duration.ofSeconds(10));
  }

  @Override
  public Connection connect(String address, int port, String user, List<String> hostKeys)
      throws InterruptedException {
    var verifier = new KnownKeys(hostKeys);
    var client = new SSHClient(config());
    boolean connected = false;
    try {
      client.setSocketFactory(new NoDelay());
      client.setConnectTimeout((int) connectLimit.toMillis());
      client.setTimeout((int) connectLimit.toMillis());
      client.addHostKeyVerifier(verifier);
      client.connect(address, port);
      client.setTimeout(0);
      if (client.getConnection().getKeepAlive() instanceof KeepAliveRunner runner) {
        runner.setMaxAliveCount(KEEP_ALIVES);
        runner.setKeepAliveInterval((int) Math.max(1, keepAlive.toSeconds()));
      }
      var identity = new OpenSSHKeyV1KeyFile();
      identity.init(key.privateKey(), key.publicKey(), null);
      client.authPublickey(user, identity);
      connected = true;
      return new Connected(new SshjSession(client));
    } catch (UserAuthException e) {
      return new Refused(Reason.AUTHENTICATION, "user " + user + ": " + words(e));
    } catch (IOException e) {
      if (Thread.interrupted() || e instanceof InterruptedIOException i && isInterrupt(i)) {
        throw new InterruptedException();
      }
      String seen = verifier.refused();
      return seen != null
          ? new Refused(Reason.WRONG_HOST_KEY, "the machine's key is " + seen)
          : new Refused(Reason.UNREACHABLE, address + " port " + port + ": " + words(e));
    } finally {
      if (!connected) {
        close(client);
      }
    }
  }

  static void close(SSHClient client) {
    try {
      client.close();
    } catch (IOException e) {
      // Closing what is broken already; there is nothing left to do about it.
      org.slf4j.LoggerFactory.getLogger(SshjConnector.class).debug("close: {}", e.toString());
    }
  }

  /// An exception's message, or its kind where it has none.
  static String words(Throwable e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  private static boolean isInterrupt(InterruptedIOException e) {
    return !(e instanceof java.net.SocketTimeoutException);
  }

  private static DefaultConfig config() {
    var config = new DefaultConfig();
    config.setKeyExchangeFactories(only(config.getKeyExchangeFactories(), KEY_EXCHANGES::contains));
    config.setKeyAlgorithms(only(config.getKeyAlgorithms(), KEYS::contains));
    config.setCipherFactories(only(config.getCipherFactories(), CIPHERS));
    config.setMACFactories(only(config.getMACFactories(), MACS));
    config.setKeepAliveProvider(KeepAliveProvider.KEEP_ALIVE);
    config.setVersion("Kindling");
    return config;
  }

  private static <T> List<Factory.Named<T>> only(
      List<Factory.Named<T>> all, Predicate<String> wanted) {
    return new ArrayList<>(all.stream().filter(f -> wanted.test(f.getName())).toList());
  }

  /// Accepts the given keys only and asks the server for their types first.
  private static final class KnownKeys implements HostKeyVerifier {

    /// The key's wire form in base64 → its type.
    private final Map<String, String> known = new LinkedHashMap<>();

    private volatile @Nullable String refused;

    KnownKeys(List<String> lines) {
      for (String line : lines) {
        String[] words = line.strip().split("\\s+", 3);
        if (words.length >= 2) {
          known.put(words[1], words[0]);
        }
      }
    }

    @Override
    public boolean verify(String host, int port, PublicKey key) {
      byte[] wire = new Buffer.PlainBuffer().putPublicKey(key).getCompactData();
      if (known.containsKey(Base64.getEncoder().encodeToString(wire))) {
        return true;
      }
      refused = SecurityUtils.getFingerprint(key) + " (" + key.getAlgorithm() + ")";
      return false;
    }

    @Override
    public List<String> findExistingAlgorithms(String host, int port) {
      var names = new ArrayList<String>();
      for (String type : known.values()) {
        if (type.equals("ssh-rsa")) {
          names.add("rsa-sha2-512");
          names.add("rsa-sha2-256");
        } else {
          names.add(type);
        }
      }
      return names.stream().distinct().toList();
    }

    @Nullable String refused() {
      return refused;
    }
  }

  /// Sockets that send at once: without this each small request waits for a delayed ACK.
  private static final class NoDelay extends SocketFactory {

    @Override
    public Socket createSocket() throws IOException {
      return ready(new Socket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return ready(new Socket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return ready(new Socket(host, port, local, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return ready(new Socket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      return ready(new Socket(host, port, local, localPort));
    }

    private static Socket ready(Socket socket) throws SocketException {
      try {
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      } catch (IOException e) {
        throw new SocketException(Objects.requireNonNullElse(e.getMessage(), "TCP_NODELAY"));
      }
      return socket;
    }
  }
}
