package io.kindling.appliance.console.internal;

import io.kindling.appliance.account.Accounts;
import io.kindling.appliance.account.ApiTokens;
import io.kindling.appliance.account.Audit;
import io.kindling.postinstall.engine.Diff;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Accounts, tokens and the audit as templates take them.
public final class AccountViews {

  private AccountViews() {}

  public static List<Map<String, Object>> users(List<Accounts.View> users) {
    return users.stream()
        .map(u ->
            Map.<String, Object>of(
                "name", u.name(), "role", u.role(), "open", u.open(), "is" + u.role(), true))
        .map(AccountViews::withRoles)
        .toList();
  }

  /// Templates know no unset key.
  private static Map<String, Object> withRoles(Map<String, Object> user) {
    var all =
        new HashMap<String, Object>(
            Map.of("isviewer", false, "isoperator", false, "isadmin", false));
    all.putAll(user);
    return all;
  }

  public static List<Map<String, Object>> tokens(List<ApiTokens.View> tokens, Instant now) {
    return tokens.stream()
        .map(t ->
            Map.<String, Object>of(
                "name", t.name(),
                "role", t.role(),
                "account", text(t.account()),
                "used",
                    t.used().equals(t.created()) ? "never" : Words.ago(Optional.of(t.used()), now),
                "expires", t.expires(),
                "days", Math.max(0, Duration.between(now, t.expires()).toDays())))
        .toList();
  }

  public static List<Map<String, Object>> entries(List<Audit.Entry> entries, Instant now) {
    return entries.stream()
        .map(e ->
            Map.<String, Object>of(
                "at", e.at(),
                "ago", Words.ago(Optional.of(e.at()), now),
                "who", e.who(),
                "from", e.from(),
                "what", e.what(),
                "before", text(e.before()),
                "after", text(e.after()),
                "diff", diff(text(e.before()), text(e.after()))))
        .toList();
  }

  /// The lines of a file that were changed, each with what a template shows it as.
  private static List<Map<String, Object>> diff(String before, String after) {
    if (!before.contains("\n") || !after.contains("\n")) {
      return List.of();
    }
    return Diff.of("cluster.yaml", before, after)
        .lines()
        .skip(2)
        .map(line ->
            Map.<String, Object>of(
                "text", line, "gone", line.startsWith("-"), "fresh", line.startsWith("+")))
        .toList();
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }
}
