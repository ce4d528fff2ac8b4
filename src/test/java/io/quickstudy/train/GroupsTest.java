package io.quickstudy.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.Precision;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Split;
import io.quickstudy.run.RunConfig;
import io.quickstudy.runtime.Engine;
import io.quickstudy.settings.ConfigException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Episodes by group and with unlabelled images, as a configuration asks for them. */
class GroupsTest {
  private static final int SIDE = 8;

  /** Groups a, b and c of 40, 12 and 4 characters, some of each group in each part. */
  private static DataSource.Loaded data(boolean grouped) {
    Map<String, List<byte[]>> images = new TreeMap<>();
    Map<String, Integer> sizes = Map.of("a", 40, "b", 12, "c", 4);
    sizes.forEach(
        (group, size) -> {
          for (int i = 0; i < size; i++) {
            String name = grouped ? group + "/c" + i : group + i;
            images.put(name, Collections.nCopies(6, new byte[SIDE * SIDE]));
          }
        });
    ImageSet set = ImageSet.of("scripts", SIDE, SIDE, 1, images);
    return new DataSource.Loaded.Images(set, Split.randomTrainAndTest(set, 1));
  }

  private static RunConfig config(String... pairs) {
    Map<String, String> m = RunFixtures.map("learner", "imp", "data", "glyphs", "model", "mlp");
    m.putAll(RunFixtures.map("size", "" + SIDE, "shots", "1", "queries", "1", "eval-queries", "1"));
    m.putAll(RunFixtures.map("ways", "2", "eval-ways", "2", "eval-every", "0"));
    m.put("rotations", "none");
    m.putAll(RunFixtures.map(pairs));
    return RunConfig.of(m);
  }

  private static List<String> checked(RunConfig c, boolean grouped) {
    List<String> said = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void message(String line) {
            said.add(line);
          }
        };
    Engine engine = Engine.open("cpu", 1, Precision.FP32);
    try (Session s = Session.open(c, data(grouped), engine, listener)) {
      s.checked();
    }
    return said;
  }

  private static String refused(boolean grouped, String... pairs) {
    return assertThrows(ConfigException.class, () -> checked(config(pairs), grouped)).getMessage();
  }

  @Test
  void groupsWithTooFewClassesAreLeftOut() {
    assertEquals(
        List.of(), checked(config("rotations", "classes", "within", "group"), true), "all serve");
    List<String> said = checked(config("ways", "15", "within", "group"), true);
    assertTrue(
        said.getFirst().startsWith("left out 2 of the 3 groups of train classes, which have fewer"),
        said.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true  | within group ways 41 | Option --within is group: expected a group of 41 train"
            + " classes",
        "false | within group        | belongs to no group: expected classes in groups",
        "false | classes groups      | belongs to no group: expected classes in groups",
        "true  | classes groups ways 9 | Option --ways is 9: expected at most 3, the train groups"
            + " of",
        "true  | classes groups within group | Option --within is group: expected all where a"
            + " class",
        "true  | learner protonet unlabelled 4 | Option --unlabelled is 4: expected 0 for learner"
            + " 'protonet'; unlabelled images are for learner imp or gnn.",
        "true  | learner maml eval-ways 2 eval-unlabelled 1 | Option --eval-unlabelled is 1:"
            + " expected 0",
        "true  | distractors 2 | Option --distractors is 2: expected 0 without unlabelled images;",
        "true  | learner lstm model none queries 0 eval-queries 0 within group | Option --within is"
            + " group: expected all for learner 'lstm'; only episodes are drawn by group.",
        "true  | learner lstm model none queries 0 eval-queries 0 support-order shuffled | Option"
            + " --support-order is shuffled: expected class for learner 'lstm'; only support sets"
            + " of episodes are shuffled.",
        "true  | unlabelled 9 | has 6 examples",
        "true  | unlabelled 1 distractors 90 | Option --ways is 2, with 90 distractors: expected at"
      })
  void whatCannotBeDrawnIsNamed(boolean grouped, String options, String sentence) {
    String said = refused(grouped, options.strip().split(" +"));
    assertTrue(said.contains(sentence.strip()), said);
  }
}
