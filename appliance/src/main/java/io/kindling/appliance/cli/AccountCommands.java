package io.kindling.appliance.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `account …`, `token …`, `audit`: who may use the appliance, and what they changed.
final class AccountCommands {

  private AccountCommands() {}

  enum Role {
    VIEWER,
    OPERATOR,
    ADMIN;

    String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private static String account(String name) {
    return "/api/v1/accounts/" + Operators.encode(name);
  }

  private static void link(CliEnvironment environment, JsonNode link) {
    environment.line(link.path("url").asString(""));
    environment.say("It works once, within 24 hours.");
  }

  @Command(
      name = "admin-link",
      description = "Prints a one-time link that makes an administrator; those before it end.",
      mixinStandardHelpOptions = true)
  static final class AdminLink implements Callable<Integer> {
    private final Context context;

    AdminLink(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      link(
          context.environment(), context.appliance().send("POST", "/api/v1/admin-links", Map.of()));
      return 0;
    }
  }

  @Command(name = "list", description = "Lists the accounts.", mixinStandardHelpOptions = true)
  static final class Listing implements Callable<Integer> {
    private final Context context;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Listing(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      JsonNode accounts = context.appliance().json("/api/v1/accounts");
      if (json) {
        context.environment().json(Operators.pretty(accounts));
        return 0;
      }
      if (accounts.isEmpty()) {
        context.environment().say("There is no account yet: `kindling account admin-link`.");
        return 0;
      }
      var table = new Table("NAME", "ROLE", "PASSWORD", "MADE");
      for (JsonNode account : accounts) {
        table.row(
            account.path("name").asString(""),
            account.path("role").asString(""),
            account.path("open").asBoolean(false) ? "not chosen yet" : "chosen",
            account.path("created").asString(""));
      }
      context.environment().text(table.render());
      return 0;
    }
  }

  @Command(
      name = "add",
      description = "Makes an account and prints the link by which its owner chooses a password.",
      mixinStandardHelpOptions = true)
  static final class Add implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NAME", description = "The account's name.")
    private String name = "";

    @Option(names = "--role", required = true, description = "${COMPLETION-CANDIDATES}.")
    private Role role = Role.VIEWER;

    Add(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      link(
          context.environment(),
          context
              .appliance()
              .send("POST", "/api/v1/accounts", Map.of("name", name, "role", role.label())));
      return 0;
    }
  }

  @Command(
      name = "link",
      description = "Prints a one-time link by which the owner chooses a new password.",
      mixinStandardHelpOptions = true)
  static final class Link implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NAME", description = "The account's name.")
    private String name = "";

    Link(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      link(
          context.environment(),
          context.appliance().send("POST", account(name) + "/links", Map.of()));
      return 0;
    }
  }

  @Command(
      name = "role",
      description = "Gives an account another role, from its next request on.",
      mixinStandardHelpOptions = true)
  static final class SetRole implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NAME", description = "The account's name.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "ROLE", description = "${COMPLETION-CANDIDATES}.")
    private Role role = Role.VIEWER;

    SetRole(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.appliance().send("PATCH", account(name), Map.of("role", role.label()));
      context.environment().say(name + " is " + role.label() + " now.");
      return 0;
    }
  }

  @Command(
      name = "remove",
      description = "Removes an account with its sessions and tokens.",
      mixinStandardHelpOptions = true)
  static final class Remove implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NAME", description = "The account's name.")
    private String name = "";

    Remove(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.appliance().send("DELETE", account(name), "", new byte[0]);
      context.environment().say(name + " is removed, with its sessions and tokens.");
      return 0;
    }
  }

  @Command(name = "list", description = "Lists the API tokens.", mixinStandardHelpOptions = true)
  static final class Tokens implements Callable<Integer> {
    private final Context context;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Tokens(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      JsonNode tokens = context.appliance().json("/api/v1/tokens");
      if (json) {
        context.environment().json(Operators.pretty(tokens));
        return 0;
      }
      var table = new Table("NAME", "ROLE", "MADE BY", "EXPIRES");
      for (JsonNode token : tokens) {
        table.row(
            token.path("name").asString(""),
            token.path("role").asString(""),
            token.path("account").asString("socket"),
            token.path("expires").asString(""));
      }
      context.environment().text(table.render());
      return 0;
    }
  }

  @Command(
      name = "add",
      description = "Makes an API token and prints it, this once.",
      mixinStandardHelpOptions = true)
  static final class AddToken implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NAME", description = "What it is for.")
    private String name = "";

    @Option(names = "--role", required = true, description = "${COMPLETION-CANDIDATES}.")
    private Role role = Role.VIEWER;

    @Option(
        names = "--days",
        defaultValue = "90",
        description = "How long it lives, 366 at most (default: ${DEFAULT-VALUE}).")
    private int days;

    AddToken(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      JsonNode made =
          context
              .appliance()
              .send(
                  "POST",
                  "/api/v1/tokens",
                  Map.of("name", name, "role", role.label(), "days", days));
      context.environment().line(made.path("token").asString(""));
      return 0;
    }
  }

  @Command(
      name = "revoke",
      description = "Makes an API token worthless at once.",
      mixinStandardHelpOptions = true)
  static final class Revoke implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "NAME", description = "The token's name.")
    private String name = "";

    Revoke(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context
          .appliance()
          .send("DELETE", "/api/v1/tokens/" + Operators.encode(name), "", new byte[0]);
      context.environment().say("The token " + name + " is revoked.");
      return 0;
    }
  }

  @Command(
      name = "audit",
      description = "Prints who changed what, oldest first.",
      mixinStandardHelpOptions = true)
  static final class AuditTrail implements Callable<Integer> {
    private final Context context;

    @Option(
        names = {"-n", "--lines"},
        paramLabel = "N",
        defaultValue = "50",
        description = "How many, 1000 at most (default: ${DEFAULT-VALUE}).")
    private int number;

    @Option(names = "--json", description = "Print JSON, with what was before and after.")
    private boolean json;

    AuditTrail(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      List<JsonNode> entries = context.appliance().list("/api/v1/audit?limit=" + number);
      for (JsonNode entry : entries.reversed()) {
        if (json) {
          context.environment().json(entry.toString());
        } else {
          context
              .environment()
              .line(
                  "%s  %s (%s)  %s"
                      .formatted(
                          entry.path("at").asString(""),
                          entry.path("who").asString(""),
                          entry.path("from").asString(""),
                          entry.path("what").asString("")));
        }
      }
      return 0;
    }
  }
}
