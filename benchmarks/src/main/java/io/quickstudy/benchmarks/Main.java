package io.quickstudy.benchmarks;

import io.quickstudy.backend.BackendException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** The command {@code benchmarks/run}. */
@Command(
    name = "run",
    description = "Measures Quickstudy.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    subcommands = {
      CpuCommand.class,
      ExportCommand.class,
      TimeCommand.class,
      ProfileCommand.class,
      ModelCommand.class,
      ScalingCommand.class,
      KernelsCommand.class,
      SweepCommand.class,
      MemoryCommand.class,
      ScanCommand.class,
      LoopCommand.class,
      BackbonesCommand.class,
      AdaptCommand.class,
      ServiceCommand.class,
    })
public final class Main implements Runnable {
  private static final int FAILED = 1;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private Main() {}

  /** Runs the command and exits with its code: 0 done, 1 failed, 2 bad usage. */
  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    line.registerConverter(Workload.class, Workload::of);
    line.setExecutionExceptionHandler(Main::failed);
    System.exit(line.execute(args));
  }

  private static int failed(Exception e, CommandLine command, ParseResult result) {
    if (e instanceof BenchmarkException || e instanceof BackendException) {
      System.err.println("benchmarks: " + e.getMessage());
    } else {
      e.printStackTrace();
    }
    return FAILED;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "No command: expected one of those below.");
  }
}
