package io.quickstudy.benchmarks;

import io.quickstudy.benchmarks.Variants.Variant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One worker and several. */
@Command(
    name = "scaling",
    description = "Quickstudy with one worker and with several, in turn.",
    mixinStandardHelpOptions = true)
final class ScalingCommand implements Callable<Integer> {
  @Mixin private Selection selection;
  @Mixin private PaceOptions pace;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "how many are several (default: ${DEFAULT-VALUE})")
  private int workers = 2;

  @Override
  public Integer call() {
    Map<String, Variant> variants = new LinkedHashMap<>();
    variants.put("1 worker", new Variant(1, Map.of()));
    variants.put(workers + " workers", new Variant(workers, Map.of()));
    var record = new Variants(variants).run(selection.workloads(), pace.pace(), "scaling");
    pace.json().ifPresent(file -> Json.write(file, record));
    return 0;
  }
}
