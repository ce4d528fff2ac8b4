package io.quickstudy.cli;

import io.quickstudy.run.RunException;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.train.SystemInfo;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** The command {@code quickstudy}. */
@Command(
    name = "quickstudy",
    description = "Few-shot meta-learning: train a model that has learned to learn.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "quickstudy demo    adapts a run that is built in, in a second.",
      "quickstudy train   with no options trains on built-in characters, in a minute or two.",
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] args) {
    PrintStream err =
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8);
    int code = run(new Console(StandardOutput.ofProcess(), err, Console.terminal()), args);
    err.flush();
    System.exit(code);
  }

  /**
   * Runs the command.
   *
   * @return the exit code
   */
  static int run(Console console, String... args) {
    Failures failures = new Failures(console);
    return failures.written(execute(failures, console, args));
  }

  private static int execute(Failures failures, Console console, String... args) {
    boolean debug = List.of(args).contains("--debug");
    try {
      CommandLine line = commands(console, args);
      line.setOut(writer(console.out()));
      line.setErr(writer(console.err()));
      line.setParameterExceptionHandler(failures::usage);
      line.setExecutionExceptionHandler(failures::execution);
      line.setUsageHelpAutoWidth(true);
      line.setExpandAtFiles(false);
      return line.execute(args);
    } catch (ConfigException | RunException e) {
      return failures.failed(e, debug); // of a class of a user's own that arguments name
    } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
      return failures.failed(e, debug);
    }
  }

  private static CommandLine commands(Console console, String... args) {
    CommandLine line = new CommandLine(new Main());
    String[] train = of("train", args);
    String[] search = of("search", args);
    add(line, "demo", new CommandLine(new DemoCommand(console)));
    HelpDefaults defaults = HelpDefaults.of(List.of(args));
    add(
        line,
        "train",
        ConfigOptions.add(new CommandLine(new TrainCommand(console)), defaults, train));
    learned(line, "eval", new EvalCommand(console), args);
    add(line, "calibrate", new CommandLine(new CalibrateCommand(console)));
    learned(line, "adapt", new AdaptCommand(console), args);
    learned(line, "suggest", new SuggestCommand(console), args);
    learned(line, "export", new ExportCommand(console), args);
    learned(line, "report", new ReportCommand(console), args);
    learned(line, "compare", new CompareCommand(console), args);
    add(line, "search", ConfigOptions.add(new CommandLine(new SearchCommand(console)), search));
    String[] explain = of("explain", args);
    add(line, "explain", ConfigOptions.add(new CommandLine(new ExplainCommand(console)), explain));
    add(line, "runs", new CommandLine(new RunsCommand(console)));
    add(line, "embed", new CommandLine(new EmbedCommand(console)));
    add(line, "check", new CommandLine(new CheckCommand(console)));
    add(line, "info", new CommandLine(new InfoCommand(console)));
    add(line, "list", new CommandLine(new ListCommand(console)));
    line.getCommandSpec()
        .addOption(help())
        .addOption(
            OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("show the version")
                .build());
    line.getCommandSpec().version("quickstudy " + SystemInfo.version());
    return line;
  }

  private static void learned(CommandLine line, String name, Object command, String... args) {
    add(line, name, LearnerOptions.add(new CommandLine(command), of(name, args)));
  }

  /** The arguments of a command; none if another one is run, or help is wanted. */
  private static String[] of(String name, String... args) {
    List<String> all = List.of(args);
    boolean mine = !all.isEmpty() && all.getFirst().equals(name);
    return mine && !all.contains("--help") && !all.contains("-h") ? args : new String[0];
  }

  private static void add(CommandLine line, String name, CommandLine command) {
    // Failures looks for it among the arguments, which may be too wrong to be parsed
    OptionSpec debug =
        OptionSpec.builder("--debug").description("show a stack trace with an error").build();
    command.getCommandSpec().addOption(debug).addOption(help());
    line.addSubcommand(name, command);
  }

  private static OptionSpec help() {
    return OptionSpec.builder("-h", "--help").usageHelp(true).description("show this text").build();
  }

  private static PrintWriter writer(PrintStream to) {
    return new PrintWriter(new OutputStreamWriter(to, StandardCharsets.UTF_8), true);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "No command: expected one of demo, train, eval, calibrate, adapt, suggest, export,"
            + " report, compare, runs, explain, search, embed, check, info, list;"
            + " quickstudy --help tells about them.");
  }
}
