package io.quickstudy.benchmarks;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Image;
import io.quickstudy.adapt.Support;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A run in a Java program: loaded once, adapted and asked again and again. */
@Command(
    name = "adapt",
    description =
        "Loads a run, adapts it to photos and classifies others, several times in one program.",
    mixinStandardHelpOptions = true)
final class AdaptCommand implements Callable<Integer> {
  private static final double MILLI = 1e6;
  private static final int PHOTO = 256;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "the network (default: ${DEFAULT-VALUE})")
  private String model = "resnet12";

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "height and width that it takes (default: ${DEFAULT-VALUE})")
  private int size = 84;

  @Option(
      names = "--ways",
      paramLabel = "N",
      description = "classes (default: ${DEFAULT-VALUE})")
  private int ways = 5;

  @Option(
      names = "--shots",
      paramLabel = "N",
      description = "photos of each (default: ${DEFAULT-VALUE})")
  private int shots = 5;

  @Option(
      names = "--queries",
      paramLabel = "N",
      description = "photos to classify (default: ${DEFAULT-VALUE})")
  private int queries = 75;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "after the first (default: ${DEFAULT-VALUE})")
  private int rounds = 9;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "threads of a call (default: one for each processor)")
  private int workers = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() throws Exception {
    try (Photos photos = new Photos(PHOTO)) {
      measure(photos, photos.run(model, size));
    }
    return 0;
  }

  private void measure(Photos photos, Path run) throws IOException {
    SplittableRandom random = new SplittableRandom(2);
    Support.Builder shown = Support.builder();
    for (int i = 0; i < ways * shots; i++) {
      shown.add("class" + i % ways, Image.decode(photos.one(i % ways, random)));
    }
    Support support = shown.build();
    List<Image> asked = new ArrayList<>();
    for (int i = 0; i < queries; i++) {
      asked.add(Image.decode(photos.one(i % ways, random)));
    }
    System.out.printf(
        Locale.ROOT,
        "%s at %d x %d on %d workers: adapted to %d photos, then %d classified%n",
        model,
        size,
        size,
        workers,
        ways * shots,
        queries);
    long start = System.nanoTime();
    try (Adapter adapter = Adapter.load(run, AdaptOptions.usual().workers(workers))) {
      System.out.printf(Locale.ROOT, "loaded in %.0f ms%n", since(start));
      List<Double> adapting = new ArrayList<>();
      List<Double> predicting = new ArrayList<>();
      for (int i = 0; i <= rounds; i++) {
        start = System.nanoTime();
        Classifier classifier = adapter.adapt(support);
        adapting.add(since(start));
        start = System.nanoTime();
        classifier.predict(asked);
        predicting.add(since(start));
      }
      System.out.println("               adapt ms  classify ms  both");
      row("first", adapting.subList(0, 1), predicting.subList(0, 1));
      if (rounds > 0) {
        int all = rounds + 1;
        row("median of " + rounds, adapting.subList(1, all), predicting.subList(1, all));
      }
    }
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / MILLI;
  }

  private static void row(String what, List<Double> adapting, List<Double> predicting) {
    Times a = new Times();
    Times p = new Times();
    a.add(adapting.stream().mapToDouble(d -> d).toArray());
    p.add(predicting.stream().mapToDouble(d -> d).toArray());
    System.out.printf(
        Locale.ROOT,
        "%-13s  %8.0f  %11.0f  %4.0f%n",
        what,
        a.median(),
        p.median(),
        a.median() + p.median());
  }
}
