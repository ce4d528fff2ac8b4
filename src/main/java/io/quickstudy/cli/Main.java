package io.quickstudy.cli;

import io.quickstudy.train.SystemInfo;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code quickstudy}. */
@Command(
    name = "quickstudy",
    description = "Few-shot meta-learning: train a model that has learned to learn.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "quickstudy train   with no options trains on built-in characters, in a minute or two.",
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this text")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "show the version")
  private boolean version;

  private Main() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] args) {
    PrintStream out =
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8);
    int code = run(new Console(out, err, Console.terminal()), args);
    out.flush();
    err.flush();
    System.exit(code);
  }

  /**
   * Runs the command.
   *
   * @return the exit code
   */
  static int run(Console console, String... args) {
    CommandLine line = new CommandLine(new Main());
    line.addSubcommand("train", ConfigOptions.add(new CommandLine(new TrainCommand(console))));
    line.addSubcommand("eval", new CommandLine(new EvalCommand(console)));
    line.addSubcommand("info", new CommandLine(new InfoCommand(console)));
    line.addSubcommand("list", new CommandLine(new ListCommand(console)));
    line.getCommandSpec().version("quickstudy " + SystemInfo.version());
    line.setOut(new java.io.PrintWriter(console.out(), true));
    line.setErr(new java.io.PrintWriter(console.err(), true));
    Failures failures = new Failures(console);
    line.setParameterExceptionHandler(failures::usage);
    line.setExecutionExceptionHandler(failures::execution);
    line.setUsageHelpAutoWidth(true);
    line.setExpandAtFiles(false);
    return line.execute(args);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "No command: expected one of train, eval, info, list; quickstudy --help tells about them.");
  }
}
