package io.quickstudy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Parameters, episodes and results for other programs. */
@Command(
    name = "export",
    description = "Writes each workload's parameters, episodes, loss and gradient on the CPU.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  @Mixin private Selection selection;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "folder for one safetensors file each")
  private Path out;

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(out);
    for (Workload w : selection.workloads()) {
      CaseFile start = Episodes.of(w);
      Map<String, Values> all = new LinkedHashMap<>(start.values());
      all.putAll(Ours.once(start));
      Path file = out.resolve(w + ".safetensors");
      new CaseFile(all, start.metadata()).write(file);
      System.out.println(file);
    }
    return 0;
  }
}
