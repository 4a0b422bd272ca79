package io.kindling.postinstall.ssh;

import java.io.StringReader;
import java.security.KeyPair;
import java.util.List;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.pubkey.KeySetPublickeyAuthenticator;
import org.junit.jupiter.api.AfterEach;

/// Against Apache sshd in this process.
class SshjConnectorTest extends SshContract {

  private SshServer server;
  private String hostKey;

  @Override
  void serve(String authorizedKey) throws Exception {
    KeyPair pair = KeyUtils.generateKeyPair("ssh-ed25519", 256);
    hostKey = PublicKeyEntry.toString(pair.getPublic());
    server = SshServer.setUpDefaultServer();
    server.setHost("127.0.0.1");
    server.setPort(0);
    server.setKeyPairProvider(KeyPairProvider.wrap(List.of(pair)));
    CoreModuleProperties.TCP_NODELAY.set(server, true);
    var authorized =
        AuthorizedKeyEntry.readAuthorizedKeys(new StringReader(authorizedKey), true).stream()
            .map(entry -> {
              try {
                return entry.resolvePublicKey(null, null);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            })
            .toList();
    server.setPublickeyAuthenticator(new KeySetPublickeyAuthenticator("test", authorized));
    server.setCommandFactory((channel, command) -> {
      var process = new ProcessCommand(command);
      channel.setDataReceiver(process);
      return process;
    });
    server.start();
  }

  @Override
  int port() {
    return server.getPort();
  }

  @Override
  String hostKey() {
    return hostKey;
  }

  @AfterEach
  void stop() throws Exception {
    server.stop(true);
  }
}
