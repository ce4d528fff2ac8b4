package io.quickstudy.compare;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Image;
import io.quickstudy.adapt.Input;
import io.quickstudy.adapt.Regressor;
import io.quickstudy.adapt.Row;
import io.quickstudy.adapt.Support;
import io.quickstudy.data.Attributes;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.VectorSet;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.settings.Values;
import io.quickstudy.task.TaskKind;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Results;
import io.quickstudy.train.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long a run takes at work: an {@link Adapter} adapts to the support set of one task, then
 * predicts the task's queries in one call. Medians of many calls, behind the first ones, which
 * compile; of images that are decoded already.
 *
 * @param adaptSeconds to adapt
 * @param examples how many labelled examples it adapts to; or how many descriptions
 * @param predictSeconds to predict the queries
 * @param queries how many it predicts at once
 */
public record Times(double adaptSeconds, int examples, double predictSeconds, int queries) {
  /** Calls that are not counted go on for so long, until Java has compiled what they run. */
  private static final long WARM_NANOS = 120_000_000L;

  /** Calls that are counted go on for so long. */
  private static final long NANOS = 200_000_000L;

  private static final int FEWEST = 5;
  private static final int MOST = 1000;

  /**
   * Measures a run, if an adapter can adapt it to such examples.
   *
   * @param run its folder
   * @param session what it is measured with
   * @param spec of the tasks
   */
  static Optional<Times> of(Path run, Session session, EvalSpec spec) {
    RunConfig c = session.config();
    if (!c.adapts()) {
      return Optional.empty(); // there are no examples to adapt to
    }
    AdaptOptions o =
        AdaptOptions.usual().device(c.run().device()).threads(1).workers(c.run().workers());
    for (Map.Entry<String, Object> e : Results.evaluated(c, spec.options()).entrySet()) {
      o = o.learner(e.getKey(), Values.format(e.getValue()));
    }
    try (Adapter adapter = Adapter.load(run, together(c, o), doubt -> {})) {
      return c.classifies()
          ? Optional.of(ofClasses(adapter, session, spec))
          : ofPoints(adapter, spec);
    } catch (UnsupportedOperationException | RunException e) {
      return Optional.empty(); // it does not adapt to examples, or not to these
    }
  }

  /** A run that sees its queries together is measured so. */
  private static AdaptOptions together(RunConfig c, AdaptOptions o) {
    boolean transductive = c.network().batchNorm() == Norm.Policy.TRANSDUCTIVE;
    return transductive ? o.queries(AdaptOptions.Queries.TOGETHER) : o;
  }

  private static Times ofClasses(Adapter adapter, Session session, EvalSpec spec) {
    ExampleSet set = session.set().orElseThrow();
    int[] classes = session.classes(spec.part());
    boolean sequences = session.config().taskKind() == TaskKind.SEQUENCES;
    int asked = sequences ? 1 : spec.queries();
    Support.Builder support = Support.builder();
    List<Input> queries = new ArrayList<>();
    for (int k = 0; k < spec.ways(); k++) {
      ImageClass of = set.classes().get(classes[k % classes.length]); // turned ones are classes too
      for (int i = 0; i < spec.shots() + asked; i++) {
        Input example = example(set, of.first() + i % of.count());
        if (i < spec.shots()) {
          support.add("class " + k, example);
        } else {
          queries.add(example);
        }
      }
    }
    Support s =
        session.described().map(a -> described(a, classes, spec.ways())).orElseGet(support::build);
    Classifier classifier = adapter.adapt(s);
    return new Times(
        median(() -> adapter.adapt(s)),
        s.attributes().map(a -> a.classes().size()).orElseGet(s::size),
        median(() -> classifier.predict(queries)),
        queries.size());
  }

  /** The first classes of a part by what they are like. */
  private static Support described(Attributes a, int[] classes, int ways) {
    float[] values = new float[ways * a.names().size()];
    List<String> names = new ArrayList<>();
    for (int k = 0; k < ways; k++) {
      System.arraycopy(a.row(classes[k]), 0, values, k * a.names().size(), a.names().size());
      names.add(a.classes().get(classes[k]));
    }
    return Support.ofAttributes(new Attributes(a.names(), names, values));
  }

  private static Input example(ExampleSet set, int example) {
    return switch (set) {
      case ImageSet i -> image(i.image(example));
      case VectorSet v -> Row.of(v.row(example));
    };
  }

  private static Image image(byte[] pixels) {
    float[] x = new float[pixels.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (pixels[i] & 255) / 255f;
    }
    return Image.of(x);
  }

  private static Optional<Times> ofPoints(Adapter adapter, EvalSpec spec) {
    RunConfig c = adapter.config();
    if (c.data().outputs() != 1 || c.data().example(c.request()).size() != 1) {
      return Optional.empty(); // an adapter takes points of one number with one value
    }
    float[] x = line(spec.shots());
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (float) StrictMath.sin(x[i]);
    }
    float[] asked = line(spec.queries());
    Regressor regressor = adapter.adapt(x, y);
    return Optional.of(
        new Times(
            median(() -> adapter.adapt(x, y)),
            x.length,
            median(() -> regressor.predict(asked)),
            asked.length));
  }

  private static float[] line(int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = -1 + 2f * (i + 0.5f) / n;
    }
    return x;
  }

  /** The median time of a call in seconds. */
  private static double median(Runnable call) {
    timed(call, WARM_NANOS);
    List<Long> nanos = timed(call, NANOS);
    nanos.sort(null);
    return nanos.get(nanos.size() / 2) / 1e9;
  }

  /** The times of calls one after the other; of slow ones a few, however long they take. */
  private static List<Long> timed(Runnable call, long enough) {
    List<Long> nanos = new ArrayList<>();
    long begin = System.nanoTime();
    while (nanos.size() < MOST && (nanos.size() < FEWEST || System.nanoTime() - begin < enough)) {
      long from = System.nanoTime();
      call.run();
      nanos.add(System.nanoTime() - from);
    }
    return nanos;
  }
}
