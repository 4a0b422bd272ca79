package io.kindling.appliance.account;

import io.kindling.appliance.http.Problem;

/// What can go wrong with who may do what; ids are stable and the same in the manual.
public enum AccountError {
  NOT_LOGGED_IN(
      "APP-501",
      "Nobody is logged in",
      "Log in at the console, or send an API token: `Authorization: Bearer TOKEN`. Where there is"
          + " no account yet, `kindling account admin-link` on the appliance makes the first.",
      401),
  FORBIDDEN(
      "APP-502",
      "The account's role does not allow that",
      "Ask an administrator to do it, or for the role.",
      403),
  WRONG_PASSWORD(
      "APP-503",
      "Name or password is wrong",
      "Try again; an administrator can make you a new link with `kindling account link NAME`.",
      401),
  LOCKED_OUT(
      "APP-504",
      "Too many attempts failed",
      "Wait as long as the message says; the time doubles with each further failure.",
      429),
  CSRF(
      "APP-505",
      "The change does not come from a page of this session",
      "Load the page again and repeat it. Programs use an API token instead of a session.",
      403),
  LINK(
      "APP-506",
      "The link is used up or has expired",
      "Ask an administrator for a new one; for the first account say `kindling account admin-link`"
          + " on the appliance.",
      403),
  PASSWORD(
      "APP-507",
      "The password cannot be taken",
      "Choose one of 12 to 256 characters, typed twice the same; a few random words do well.",
      400),
  UNKNOWN_ACCOUNT(
      "APP-508",
      "There is no such account or token",
      "List them with `kindling account list` and `kindling token list`.",
      404),
  NAME("APP-509", "The name cannot be used", "Choose another; the message says why.", 409),
  LAST_ADMIN(
      "APP-510",
      "That would leave no administrator",
      "Make another account administrator first.",
      409),
  BAD_TOKEN(
      "APP-511",
      "The API token is unknown, expired or revoked",
      "Have a new one made: `kindling token add NAME --role ROLE`.",
      401),
  BUSY("APP-512", "Too many log in at the same time", "Try again in a few seconds.", 503),
  PROTECTED(
      "APP-513",
      "The node is protected",
      "Where it is meant, an administrator confirms it: `--confirm`, or `confirm` in the request;"
          + " taking the label `protected` off needs an administrator too.",
      409);

  private final String id;
  private final String summary;
  private final String cure;
  private final int status;

  AccountError(String id, String summary, String cure, int status) {
    this.id = id;
    this.summary = summary;
    this.cure = cure;
    this.status = status;
  }

  /// The stable id.
  public String id() {
    return id;
  }

  /// What happened, without the particulars.
  public String summary() {
    return summary;
  }

  /// What to do.
  public String cure() {
    return cure;
  }

  /// As an answer of the API.
  public Problem problem(String detail) {
    return new Problem(status, id, summary, detail, cure);
  }
}
