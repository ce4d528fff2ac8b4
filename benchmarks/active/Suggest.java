import io.quickstudy.Quickstudy;
import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Doubt;
import io.quickstudy.adapt.Image;
import io.quickstudy.adapt.Prediction;
import io.quickstudy.adapt.Suggestion;
import io.quickstudy.adapt.Support;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Split;
import io.quickstudy.run.RunFolder;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * What labels are worth that `quickstudy suggest` asks for, beside as many at random, on test classes:
 *
 * java -cp "target/classes:CLASSPATH" benchmarks/active/Suggest.java RUN [TASKS [WAYS [POOL [N]]]]
 *
 * A task has WAYS (20) test classes with one labelled image each, a pool of POOL (10) unlabelled
 * images of each, and the other images of the classes as queries. N (10) images of the pool are
 * labelled: those suggested, or drawn at random (5 times). Then the accuracy on the queries is
 * measured anew. Differences are taken task by task.
 */
public final class Suggest {
  private static final int DRAWS = 5;

  private record Shown(int label, Image image) {}

  public static void main(String[] args) {
    Path run = Path.of(args[0]);
    int tasks = number(args, 1, 200);
    int ways = number(args, 2, 20);
    int each = number(args, 3, 10);
    int n = number(args, 4, 10);
    ImageSet set;
    int[] classes;
    try (Session session = Session.open(RunFolder.open(run).config(), TrainListener.NONE)) {
      set = (ImageSet) session.set().orElseThrow();
      classes = session.classes(Split.Part.TEST);
    }
    Map<String, List<Double>> found = new LinkedHashMap<>();
    try (Adapter adapter = Quickstudy.load(run, AdaptOptions.usual().device("cpu"))) {
      for (int task = 0; task < tasks; task++) {
        Random random = new Random(task);
        List<Shown> support = new ArrayList<>();
        List<Shown> pool = new ArrayList<>();
        List<Shown> query = new ArrayList<>();
        draw(set, classes, ways, each, random, support, pool, query);
        Classifier first = adapter.adapt(support(support));
        double before = accuracy(first, query);
        put(found, "before", before);
        List<Image> images = pool.stream().map(Shown::image).toList();
        double chance = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
          List<Shown> more = new ArrayList<>(pool);
          Collections.shuffle(more, random);
          chance += after(adapter, support, more.subList(0, n), query) / DRAWS;
        }
        put(found, "random", chance);
        for (Doubt by : List.of(Doubt.ENTROPY, Doubt.MARGIN)) {
          List<Suggestion> ranked = first.doubts(images, by);
          List<Suggestion> alone = Suggestion.choose(ranked, List.of(), n);
          put(found, by + " alone", after(adapter, support, of(pool, alone), query));
          List<Suggestion> suggested = first.suggest(images, n, by);
          put(found, by.toString(), after(adapter, support, of(pool, suggested), query));
        }
      }
    }
    List<Double> chance = found.get("random");
    found.forEach(
        (name, values) -> {
          double[] d = new double[values.size()];
          double mean = 0;
          double sum = 0;
          for (int i = 0; i < d.length; i++) {
            d[i] = values.get(i) - chance.get(i);
            sum += d[i] / d.length;
            mean += values.get(i) / d.length;
          }
          double squares = 0;
          for (double x : d) {
            squares += (x - sum) * (x - sum);
          }
          double ci = 1.96 * Math.sqrt(squares / (d.length - 1) / d.length);
          System.out.printf(
              Locale.ROOT,
              "%-24s accuracy %.2f%%, beside random %+.2f%% ± %.2f%%%n",
              name.toLowerCase(Locale.ROOT),
              100 * mean,
              100 * sum,
              100 * ci);
        });
  }

  private static List<Shown> of(List<Shown> pool, List<Suggestion> suggested) {
    return suggested.stream().map(s -> pool.get(s.index())).toList();
  }

  private static int number(String[] args, int i, int usual) {
    return i < args.length ? Integer.parseInt(args[i]) : usual;
  }

  private static void put(Map<String, List<Double>> found, String name, double value) {
    found.computeIfAbsent(name, k -> new ArrayList<>()).add(value);
  }

  private static void draw(
      ImageSet set,
      int[] classes,
      int ways,
      int each,
      Random random,
      List<Shown> support,
      List<Shown> pool,
      List<Shown> query) {
    List<Integer> all = new ArrayList<>();
    for (int c : classes) {
      all.add(c);
    }
    Collections.shuffle(all, random);
    for (int label = 0; label < ways; label++) {
      ImageClass c = set.classes().get(all.get(label));
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < c.count(); i++) {
        places.add(c.first() + i);
      }
      Collections.shuffle(places, random);
      for (int i = 0; i < places.size(); i++) {
        byte[] pixels = set.image(places.get(i));
        float[] x = new float[pixels.length];
        for (int k = 0; k < x.length; k++) {
          x[k] = (pixels[k] & 255) / 255f;
        }
        (i == 0 ? support : i <= each ? pool : query).add(new Shown(label, Image.of(x)));
      }
    }
  }

  private static Support support(List<Shown> shown) {
    Support.Builder b = Support.builder();
    shown.forEach(s -> b.add("c" + s.label(), s.image()));
    return b.build();
  }

  private static double after(
      Adapter adapter, List<Shown> support, List<Shown> more, List<Shown> query) {
    List<Shown> all = new ArrayList<>(support);
    all.addAll(more);
    return accuracy(adapter.adapt(support(all)), query);
  }

  private static double accuracy(Classifier c, List<Shown> query) {
    List<Prediction> said = c.predict(query.stream().map(Shown::image).toList());
    int right = 0;
    for (int i = 0; i < query.size(); i++) {
      right += said.get(i).label().equals("c" + query.get(i).label()) ? 1 : 0;
    }
    return (double) right / query.size();
  }
}
