package io.quickstudy.cli;

import io.quickstudy.run.RunException;
import io.quickstudy.run.SafeFiles;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns exceptions into one sentence and an exit code. */
final class Failures {
  /** It was tried and failed. */
  static final int FAILED = 1;

  /** It was asked for in a way that makes no sense. */
  static final int USAGE = 2;

  private final Console console;
  private boolean said;

  Failures(Console console) {
    this.console = console;
  }

  /** What cannot be parsed. */
  int usage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    say(sentence(e, command), e, List.of(args).contains("--debug"));
    return USAGE;
  }

  private static String sentence(ParameterException e, CommandLine command) {
    String name = command.getCommandSpec().qualifiedName();
    if (e instanceof UnmatchedArgumentException u && !u.getUnmatched().isEmpty()) {
      String word = u.getUnmatched().get(0);
      if (word.startsWith("-")) {
        return unknownOption(word.split("=", 2)[0], name, command);
      }
      if (!command.getSubcommands().isEmpty()) {
        return Names.unknown("command", word, command.getSubcommands().keySet());
      }
      return "Unexpected argument '%s': expected options only; '%s --help' lists them."
          .formatted(word, name);
    }
    if (e instanceof MissingParameterException m && !m.getMissing().isEmpty()) {
      var missing = m.getMissing().get(0);
      if (missing.isPositional()) {
        return "%s is missing: expected the folder of a run; say '%s %s'."
            .formatted(missing.paramLabel(), name, missing.paramLabel());
      }
      String option = ((CommandLine.Model.OptionSpec) missing).longestName();
      return "Option %s has no value: expected %s; say '%s %s'."
          .formatted(option, missing.paramLabel(), option, missing.paramLabel());
    }
    String message = e.getMessage().lines().findFirst().orElse("");
    return message.endsWith(".") ? message : message + "; '" + name + " --help' tells how.";
  }

  private static String unknownOption(String word, String name, CommandLine command) {
    List<String> known =
        command.getCommandSpec().options().stream().map(o -> o.longestName()).toList();
    return "Unknown option '%s' of '%s': %s '%s --help' lists all."
        .formatted(
            Names.shown(word), name, Names.hint("", word, known, "expected one of its own;"), name);
  }

  /** What goes wrong on the way. */
  int execution(Exception e, CommandLine command, ParseResult result) {
    boolean debug = result.originalArgs().contains("--debug");
    return failed(e, debug);
  }

  /** Says what went wrong and gives the exit code. */
  int failed(Throwable e, boolean debug) {
    if (e instanceof ParameterException p) {
      say(p.getMessage(), e, debug);
      return USAGE;
    }
    if (e instanceof ConfigException) {
      say(e.getMessage() + called(e.getCause()), e, debug);
      return USAGE;
    }
    if (RunException.explains(e)) {
      say(e.getMessage(), e, debug);
      return FAILED;
    }
    if (e instanceof OutOfMemoryError) {
      say(
          ("Memory ran out (%s): expected more of it; take a smaller --meta-batch, fewer "
                  + "--ways or --filters, or set QUICKSTUDY_JAVA_OPTS=-Xmx8g.")
              .formatted(e.getMessage()),
          e,
          debug);
      return FAILED;
    }
    Optional<StackTraceElement> place = place(e);
    boolean foreign = place.isPresent() && !isOurs(place.get());
    say(
        "Unexpected %s (%s)%s: expected none; %s."
            .formatted(
                e.getClass().getSimpleName(),
                oneLine(e.getMessage()),
                foreign ? " in " + shown(place.get()) : "",
                foreign
                    ? "correct that class, --debug shows more"
                    : "please report it with what --debug shows"),
        e,
        debug);
    return FAILED;
  }

  /**
   * The exit code of a command that ended with one: another where its result was lost, which is
   * said unless something else was.
   */
  int written(int code) {
    Optional<IOException> lost = console.unwritten();
    if (lost.isEmpty()) {
      return code;
    }
    if (!said) {
      say(
          ("Standard output cannot be written (%s): expected room for the result; free some, or"
                  + " send it elsewhere.")
              .formatted(SafeFiles.reason(lost.get())),
          lost.get(),
          false);
    }
    return code == 0 ? FAILED : code;
  }

  /** Which line of a user's own class called what refused it; nothing where none did. */
  private static String called(Throwable cause) {
    if (cause == null || place(cause).filter(Failures::isOurs).isEmpty()) {
      return ""; // a class that refuses its options itself says enough
    }
    return Arrays.stream(cause.getStackTrace())
        .takeWhile(f -> !f.getClassName().startsWith(Failures.class.getPackageName()))
        .filter(f -> !isOurs(f) && !isJava(f))
        .findFirst()
        .map(f -> " (called in %s)".formatted(shown(f)))
        .orElse("");
  }

  private static Optional<StackTraceElement> place(Throwable e) {
    return Arrays.stream(e.getStackTrace()).filter(f -> !isJava(f)).findFirst();
  }

  private static boolean isJava(StackTraceElement f) {
    return f.getClassName().matches("(java|javax|jdk|sun)\\..*");
  }

  /** Whether a line is of the program or a library of it, none of which a user can change. */
  private static boolean isOurs(StackTraceElement f) {
    return f.getClassName()
        .matches("(io\\.quickstudy|picocli|com\\.fasterxml|org\\.bytedeco|org\\.junit)\\..*");
  }

  private static String shown(StackTraceElement f) {
    return "%s.%s, line %s"
        .formatted(
            f.getClassName(),
            f.getMethodName().replaceAll("^lambda\\$(\\w+)\\$\\d+$", "$1"),
            f.getLineNumber());
  }

  private static String oneLine(String message) {
    return message == null ? "no message" : message.replaceAll("\\s+", " ");
  }

  private void say(String sentence, Throwable e, boolean debug) {
    said = true;
    console.endBar();
    console.err().println("quickstudy: " + oneLine(sentence));
    if (debug) {
      e.printStackTrace(console.err());
    }
  }
}
