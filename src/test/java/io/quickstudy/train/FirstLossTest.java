package io.quickstudy.train;

import static io.quickstudy.functions.Losses.accuracy;
import static io.quickstudy.functions.Losses.crossEntropy;
import static io.quickstudy.graph.Ops.stack;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Split;
import io.quickstudy.graph.Ops;
import io.quickstudy.graph.Tensor;
import io.quickstudy.learner.Learner;
import io.quickstudy.learner.LearnerKind;
import io.quickstudy.learners.Learners;
import io.quickstudy.learners.gradient.Maml;
import io.quickstudy.learners.metric.ProtoNet;
import io.quickstudy.nn.CellNet;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.KochNet;
import io.quickstudy.nn.ModelKind;
import io.quickstudy.nn.Models;
import io.quickstudy.nn.ResNet12;
import io.quickstudy.nn.ResNet18;
import io.quickstudy.nn.WideResNet;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Array;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.TaskKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * By default the cross entropy of every learner's first predictions is near that of a chance
 * prediction, whatever the model, the size of the images, the ways and the shots. Where it is far
 * above, as it was with squared distances over 1,600 features of a photo, the first hundreds of
 * steps only shrink the features.
 */
class FirstLossTest {
  private static final int TASKS = 3;
  private static final int CLASSES = 40;
  private static final int EXAMPLES = 7;

  /** Pairs of a task, or images, for a learner of these. */
  private static final String MANY = "32";

  /** How far it may be from log(ways): for 5 ways, that of an even guess among 3 to 8 classes. */
  private static final double NEAR = 0.5;

  private static final List<ModelKind<?>> DEEP =
      List.of(ResNet12.KIND, ResNet18.KIND, WideResNet.KIND);

  /** Options with which deep networks take as little time as they can. */
  private static final Map<String, Map<String, String>> NARROW =
      Map.of(
          "resnet12", Map.of("widths", "4,8,8,16"),
          "resnet18", Map.of("stages", "4,8,8,16"),
          "wrn", Map.of("depth", "10", "width", "1"));

  /** What is learned from, a data set's defaults and the size of its images, and by which tasks. */
  private record Images(String data, int size, int channels, int ways, int shots) {}

  /** Each size with two forms of tasks, each form with two sizes. */
  private static final List<Images> IMAGES =
      List.of(
          new Images("folder", 28, 1, 5, 1),
          new Images("folder", 28, 1, 20, 1),
          new Images("folder", 84, 3, 5, 1),
          new Images("folder", 84, 3, 5, 5),
          new Images("glyphs", 28, 1, 5, 5),
          new Images("glyphs", 28, 1, 20, 1));

  @TestFactory
  Stream<DynamicTest> itIsThatOfChance() {
    List<DynamicTest> tests = new ArrayList<>();
    for (LearnerKind<?> l : Learners.ALL) {
      if (l.tasks().equals(List.of(TaskKind.REGRESSION))) {
        continue; // it has no classes to choose among
      }
      for (String model : models(l)) {
        for (Images i : IMAGES) {
          tests.add(
              dynamicTest(
                  "%s, %s, %s".formatted(l, model, i), () -> near(first(config(l, model, i)))));
        }
      }
    }
    return tests.stream();
  }

  private static List<String> models(LearnerKind<?> l) {
    return switch (l.backbone()) {
      case NONE -> List.of("none");
      case OPTIONAL -> List.of("none", ConvNet.KIND.name());
      case ANY ->
          Models.ALL.stream()
              .filter(m -> m != KochNet.KIND) // it is its paper's, with the start of that
              // cost most, and begin alike for all that compare and for all that adapt by steps
              .filter(m -> !DEEP.contains(m) || l == ProtoNet.KIND)
              .filter(m -> m != CellNet.KIND || l == ProtoNet.KIND || l == Maml.KIND)
              .map(ModelKind::name)
              .toList();
    };
  }

  private static RunConfig config(LearnerKind<?> l, String model, Images i) {
    Map<String, String> m = RunFixtures.map("learner", l.name(), "model", model);
    m.putAll(NARROW.getOrDefault(model, Map.of()));
    m.put("data", i.data());
    if (i.data().equals("folder")) {
      m.putAll(RunFixtures.map("data-dir", "photos", "channels", "" + i.channels()));
    }
    m.putAll(
        RunFixtures.map("size", "" + i.size(), "ways", "" + i.ways(), "shots", "" + i.shots()));
    if (l.tasks().contains(TaskKind.EPISODES)) {
      m.put("queries", "2");
    }
    if (l.tasks().contains(TaskKind.PAIRS) || l.tasks().contains(TaskKind.BATCHES)) {
      m.put("shots", MANY);
    }
    if (l.takes(TaskKind.ATTRIBUTES)) {
      m.putAll(RunFixtures.map("shots", "0", "queries", "2"));
      if (i.data().equals("folder")) {
        m.put("attribute-count", "12");
      }
    }
    return RunConfig.of(m);
  }

  /**
   * What a few tasks begin with.
   *
   * @param classes how many there are to choose from
   * @param loss the cross entropy of the predictions
   * @param accuracy the part of them that is right
   */
  private record First(int classes, double loss, double accuracy) {}

  /** Below chance a loss may be as far as predictions are right, as those by cosines are. */
  private static void near(First f) {
    double chance = Math.log(f.classes());
    assertTrue(f.loss() < chance + NEAR, () -> f + " is far above " + chance);
    assertTrue(f.loss() > (1 - f.accuracy()) * chance - NEAR, () -> f + " is too low to be true");
  }

  @Test
  void thePapersStartIsStillToBeHad() {
    Map<String, String> m = RunFixtures.map("learner", "protonet", "data", "folder");
    m.putAll(RunFixtures.map("data-dir", "photos", "queries", "2", "feature-scale", "raw"));
    double found = first(RunConfig.of(m)).loss();
    assertTrue(found > 50, "squared distances over 1,600 features: " + found);
  }

  /** The mean cross entropy of a few tasks under the parameters that a run starts with. */
  private static First first(RunConfig c) {
    ImageSet set = textures(c.tasks().size(), c.tasks().channels());
    DataSource.Loaded data =
        new DataSource.Loaded.Images(
            set, Split.randomTrainAndTest(set, 1), RunFixtures.attributes(c, set));
    try (Session session = Session.open(c, data)) {
      Learner learner = Components.trained(c, session.classes());
      Map<String, Array> theta = new LinkedHashMap<>();
      MetaStep.start(c, session.classes(), session.engine())
          .forEach(
              (n, a) -> {
                if (n.startsWith(Checkpoint.THETA)) {
                  theta.put(n.substring(Checkpoint.THETA.length()), a);
                }
              });
      TaskSource source = session.tasks().training();
      try (Compiled f =
          MetaStep.compileEach(
              session,
              "loss",
              source,
              theta,
              TASKS,
              (p, drawn) -> {
                Tensor logits = learner.loss(p, drawn).outputs();
                return stack(
                    0,
                    List.of(
                        crossEntropy(logits, drawn.targets()),
                        accuracy(logits, drawn.targets()),
                        Ops.scalar(logits.dim(1))));
              })) {
        source.fill(0, TASKS, f);
        f.run();
        double[] sums = new double[3];
        float[] all = f.output("loss").data();
        for (int i = 0; i < all.length; i++) {
          sums[i % 3] += all[i];
        }
        return new First((int) (sums[2] / TASKS), sums[0] / TASKS, sums[1] / TASKS);
      }
    }
  }

  /** Stripes whose angle and colour are the class's; place, contrast and light the image's own. */
  private static ImageSet textures(int size, int channels) {
    Map<String, List<byte[]>> images = new TreeMap<>();
    for (int c = 0; c < CLASSES; c++) {
      RandomStream r = new RandomStream(c, RandomUse.PARAMETERS, 1);
      double[] wave = {r.nextDouble() - 0.5, r.nextDouble() - 0.5};
      double[] colour = {r.nextDouble(), r.nextDouble(), r.nextDouble()};
      List<byte[]> of = new ArrayList<>();
      for (int i = 0; i < EXAMPLES; i++) {
        of.add(texture(size, channels, wave, colour, r));
      }
      images.put(String.format(Locale.ROOT, "c%02d", c), of);
    }
    return ImageSet.of("textures", size, size, channels, images);
  }

  private static byte[] texture(
      int size, int channels, double[] wave, double[] colour, RandomStream r) {
    byte[] b = new byte[size * size * channels];
    double phase = 6 * r.nextDouble();
    double contrast = 0.1 + 0.9 * r.nextDouble();
    double light = 0.5 + 0.5 * r.nextDouble();
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        double s = Math.sin(wave[0] * x + wave[1] * y + phase) + 0.5 * r.nextDouble();
        for (int k = 0; k < channels; k++) {
          double v = light * (0.5 + 0.5 * contrast * s) * (0.5 + colour[k]);
          b[(y * size + x) * channels + k] = (byte) Math.clamp(Math.round(255 * v), 0, 255);
        }
      }
    }
    return b;
  }
}
