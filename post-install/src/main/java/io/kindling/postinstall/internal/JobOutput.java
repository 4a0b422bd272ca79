package io.kindling.postinstall.internal;

import io.kindling.postinstall.InstallError;
import io.kindling.postinstall.TaskContext;
import io.kindling.postinstall.TaskResult;
import io.kindling.postinstall.ssh.LineSink;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what a job says: `KINDLING-RUN id`, `KINDLING-PROGRESS done all`, `KINDLING-RESULT
/// name=value`, `KINDLING-ERROR id text`; everything else is for the log. Confined to one task; the
/// session calls it from one thread at a time.
final class JobOutput implements LineSink {

  private static final int LAST = 4;
  private static final int MOST_RESULTS = 100;

  private final TaskContext context;
  private final Map<String, String> results = new LinkedHashMap<>();
  private final ArrayDeque<String> last = new ArrayDeque<>();
  private String run = "";
  private int lines;
  private int percent = -1;
  private TaskResult.@Nullable Failed error;

  JobOutput(TaskContext context) {
    this.context = context;
  }

  @Override
  public synchronized void line(String line) {
    if (line.startsWith("KINDLING-RUN ")) {
      begin(line.substring("KINDLING-RUN ".length()).strip());
      return;
    }
    lines++;
    if (line.startsWith("KINDLING-PROGRESS ")) {
      progress(line);
    } else if (line.startsWith("KINDLING-RESULT ")) {
      String text = line.substring("KINDLING-RESULT ".length());
      int equals = text.indexOf('=');
      if (equals > 0 && results.size() < MOST_RESULTS) {
        results.put(text.substring(0, equals), text.substring(equals + 1));
      }
    } else if (line.startsWith("KINDLING-ERROR ")) {
      String[] words = line.split(" ", 3);
      if (error == null) {
        error = failure(words[1], words.length > 2 ? words[2] : "");
      }
      context.log().accept(line.substring("KINDLING-".length()));
    } else {
      context.log().accept(line);
      if (!line.isBlank()) {
        if (last.size() == LAST) {
          last.removeFirst();
        }
        last.addLast(line);
      }
    }
  }

  /// The run whose output this is, empty before the first.
  synchronized String run() {
    return run;
  }

  /// How many of its lines were seen.
  synchronized int lines() {
    return lines;
  }

  /// @param otherwise for a failure that named no error
  synchronized TaskResult result(int code, InstallError otherwise) {
    if (code == 0) {
      return new TaskResult.Done(results);
    }
    return error != null
        ? error
        : TaskResult.failed(otherwise, "exit " + code + ". " + String.join(" / ", last));
  }

  private void begin(String id) {
    if (!id.equals(run)) {
      run = id;
      lines = 0;
      percent = -1;
      error = null;
      results.clear();
      last.clear();
    }
  }

  private void progress(String line) {
    String[] words = line.split(" ");
    try {
      long done = Long.parseLong(words[1]);
      long all = Long.parseLong(words[2]);
      int now = all <= 0 ? 0 : (int) Math.clamp(done * 100 / all, 0, 100);
      if (now > percent) {
        if (now / 10 > percent / 10 || percent < 0) {
          context.log().accept(now + " % (" + (done >> 20) + " of " + (all >> 20) + " MiB)");
        }
        percent = now;
        context.percent().accept(now);
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      context.log().accept(line); // not ours after all
    }
  }

  private static TaskResult.Failed failure(String id, String text) {
    for (InstallError known : InstallError.values()) {
      if (known.id().equals(id)) {
        return TaskResult.failed(known, text);
      }
    }
    return new TaskResult.Failed(id, text); // the partition script's own
  }
}
