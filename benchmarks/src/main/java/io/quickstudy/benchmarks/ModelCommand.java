package io.quickstudy.benchmarks;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.CudaCost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a step should take on a GPU, without one. */
@Command(
    name = "model",
    description = "Predicted time of each kernel on an H200, counted without a GPU.",
    mixinStandardHelpOptions = true)
final class ModelCommand implements Callable<Integer> {
  @Option(
      names = "--workload",
      required = true,
      paramLabel = "NAME",
      description = "one of: ${COMPLETION-CANDIDATES}")
  private Workload workload;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "fp32 or tf32 (default: ${DEFAULT-VALUE})")
  private Precision precision = Precision.FP32;

  @Option(
      names = "--measured",
      paramLabel = "FILE",
      description = "what 'profile' printed on a GPU, to stand beside it")
  private Path measured;

  @Option(
      names = "--most",
      paramLabel = "N",
      description = "how many kernels to list (default: ${DEFAULT-VALUE})")
  private int most = 40;

  /** A step, what is predicted and what was measured. */
  private record Row(CudaCost cost, double predicted, Optional<Double> measured) {
    String text(GpuModel model) {
      return String.format(
          Locale.ROOT,
          "%9.1f us %9s  %-6s %8.2f MB %8.3f GFLOP  %s%s",
          predicted,
          figure(measured),
          model.bound(cost),
          cost.bytes() / 1e6,
          cost.flops() / 1e9,
          cost.launches() == 1 ? "" : cost.launches() + " launches: ",
          cost.what());
    }

    private static String figure(Optional<Double> v) {
      return v.map(x -> String.format(Locale.ROOT, "%.1f us", x)).orElse("-");
    }
  }

  @Override
  public Integer call() {
    GpuModel model = GpuModel.h200(precision);
    MeasuredProfile profile =
        measured == null ? MeasuredProfile.none() : MeasuredProfile.of(measured, workload);
    List<CudaCost> costs = Ours.costs(Episodes.of(workload), precision);
    List<Row> rows = new ArrayList<>();
    costs.stream()
        .sorted(Comparator.comparingDouble(model::micros).reversed())
        .forEach(c -> rows.add(new Row(c, model.micros(c), profile.take(c))));
    System.out.printf(
        Locale.ROOT,
        "%s in %s. Predicted: launches at %.1f us, %.2f TB/s, %.1f TFLOP/s, as measured on an H200; no caches.%n",
        workload,
        precision.name().toLowerCase(Locale.ROOT),
        1e6 * model.launch(),
        model.bytes() / 1e12,
        model.flops() / 1e12);
    System.out.println(
        measured == null
            ? "Nothing on this page was measured."
            : "Measured: kernel by kernel, each waited for, so with the launch from the host.");
    System.out.println("predicted   measured  bound");
    rows.stream().limit(most).forEach(r -> System.out.println(r.text(model)));
    kinds(rows, profile.rest());
    return 0;
  }

  private static void kinds(List<Row> rows, double rest) {
    Map<CudaCost.Kind, List<Row>> by = new EnumMap<>(CudaCost.Kind.class);
    rows.forEach(r -> by.computeIfAbsent(r.cost.kind(), k -> new ArrayList<>()).add(r));
    System.out.printf(
        "%n%-12s %6s %9s %9s %9s %14s %14s %7s%n",
        "kind", "steps", "launches", "GB", "GFLOP", "predicted ms", "measured ms", "times");
    by.forEach((kind, of) -> line(kind.name().toLowerCase(Locale.ROOT), of));
    line("all", rows);
    if (rest > 0) {
      System.out.printf(
          Locale.ROOT,
          "%.3f ms were measured of kernels that this program no longer has.%n",
          rest / 1e3);
    }
  }

  private static void line(String name, List<Row> of) {
    boolean any = of.stream().anyMatch(r -> r.measured.isPresent());
    double predicted = of.stream().mapToDouble(Row::predicted).sum();
    double seen = of.stream().mapToDouble(r -> r.measured.orElse(0.0)).sum();
    System.out.printf(
        Locale.ROOT,
        "%-12s %6d %9d %9.3f %9.2f %14.3f %14s %7s%n",
        name,
        of.size(),
        of.stream().mapToInt(r -> r.cost.launches()).sum(),
        of.stream().mapToDouble(r -> r.cost.bytes()).sum() / 1e9,
        of.stream().mapToDouble(r -> r.cost.flops()).sum() / 1e9,
        predicted / 1e3,
        any ? String.format(Locale.ROOT, "%.3f", seen / 1e3) : "-",
        any ? String.format(Locale.ROOT, "%.1f", seen / predicted) : "-");
  }
}
