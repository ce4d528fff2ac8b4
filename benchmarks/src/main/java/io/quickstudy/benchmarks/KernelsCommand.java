package io.quickstudy.benchmarks;

import io.quickstudy.benchmarks.Variants.Variant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The kernel sets. */
@Command(
    name = "kernels",
    description = "Quickstudy with each of its kernel sets, in turn.",
    mixinStandardHelpOptions = true)
final class KernelsCommand implements Callable<Integer> {
  @Mixin private Selection selection;
  @Mixin private PaceOptions pace;

  @Option(
      names = "--sets",
      split = ",",
      paramLabel = "NAME",
      description = "values of QUICKSTUDY_KERNELS (default: all)")
  private List<String> sets = List.of("portable", "x86-64-v3", "x86-64-v4");

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "threads (default: ${DEFAULT-VALUE})")
  private int workers = 2;

  @Override
  public Integer call() {
    Map<String, Variant> variants = new LinkedHashMap<>();
    sets.forEach(s -> variants.put(s, new Variant(workers, Map.of("QUICKSTUDY_KERNELS", s))));
    var record = new Variants(variants).run(selection.workloads(), pace.pace(), "kernels");
    pace.json().ifPresent(file -> Json.write(file, record));
    return 0;
  }
}
