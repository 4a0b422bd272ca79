package io.kindling.appliance.http;

import io.kindling.appliance.ApplianceError;
import io.kindling.appliance.ApplianceException;

/// A failure as an answer of the API (RFC 9457). Thrown by handlers, written by [Handlers].
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final int status;
  private final String id;
  private final String title;
  private final String cure;

  public Problem(int status, ApplianceError error, String detail) {
    this(status, error.id(), error.summary(), detail, error.cure());
  }

  public Problem(int status, String id, String title, String detail, String cure) {
    super(detail);
    this.status = status;
    this.id = id;
    this.title = title;
    this.cure = cure;
  }

  /// The answer to a failure inside the appliance's rules.
  public static Problem of(ApplianceException e) {
    return new Problem(statusOf(e.error()), e.error(), e.detail());
  }

  private static int statusOf(ApplianceError error) {
    return switch (error) {
      case CLUSTER_INVALID, CONFIG_INVALID, BAD_REQUEST, PASSPHRASE -> 400;
      case TOKEN -> 401;
      case FORBIDDEN_ORIGIN -> 403;
      case UNKNOWN_NODE, NOT_FOUND, NO_CLUSTER -> 404;
      case METHOD -> 405;
      case TOO_SLOW -> 408;
      case NAME_TAKEN,
          FROZEN,
          NEEDS_RESUME,
          NO_IMAGE,
          NO_ADDRESS,
          LAYOUT_IMPOSSIBLE,
          BUSY,
          NO_RELEASE,
          SECURE_BOOT,
          UNCONFIRMED,
          NOT_SPARED,
          IN_USE,
          IN_CLUSTER,
          EXISTING,
          NOT_ADOPTABLE,
          NOT_ADOPTED,
          NOT_ASIDE,
          WOULD_STOP,
          WHO_IS_IT,
          NO_SUCH_DISKS,
          WOULD_ERASE,
          REPEATED ->
          409;
      case CHANGED -> 412;
      case TOO_LARGE -> 413;
      case NOT_AN_INSTALLER,
          ISO_DAMAGED,
          RELEASE_UNKNOWN,
          NO_PACKAGES,
          NOT_A_BACKUP,
          BACKUP_DAMAGED,
          WRONG_PASSPHRASE,
          BACKUP_NEWER,
          OCCUPIED ->
          422;
      case CONFIG_UNREADABLE,
          IMPORT_FAILED,
          INTERNAL,
          SOCKET,
          LISTEN,
          STATE_DIR,
          SEALED,
          TLS,
          BACKUP_FAILED,
          RESTORE_FAILED,
          RESTORE_UNFINISHED,
          RESTORED_MIDWAY,
          TIME_SERVER ->
          500;
    };
  }

  public int status() {
    return status;
  }

  public String id() {
    return id;
  }

  /// As the body of an answer.
  public Body body() {
    String detail = getMessage();
    return new Body("about:blank", title, status, detail == null ? "" : detail, id, cure);
  }

  /// @param type always `about:blank`: the `id` says which problem it is
  /// @param cure what to do about it
  public record Body(
      String type, String title, int status, String detail, String id, String cure) {}
}
