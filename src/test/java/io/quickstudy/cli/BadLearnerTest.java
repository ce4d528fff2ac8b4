package io.quickstudy.cli;

import static io.quickstudy.cli.Ran.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.OwnClasses;
import io.quickstudy.adapt.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Classes of a user's own that are no good: one sentence each, and nothing is trained. */
class BadLearnerTest {
  private static final String NAME = "com.example.Mine";

  /** A learner in few words, of which each test makes one thing wrong. */
  private static final String GOOD =
      """
      package com.example;

      import io.quickstudy.functions.*;
      import io.quickstudy.graph.*;
      import io.quickstudy.learner.*;
      import io.quickstudy.nn.*;
      import io.quickstudy.optim.*;
      import io.quickstudy.settings.Setting;
      import io.quickstudy.task.*;
      import io.quickstudy.transform.Params;
      import java.util.List;

      public record Mine(Model f, int ways, Norm.Policy norm) implements Learner {
        public record Options(@Setting(value = "size", usual = "3") int depth) {}

        public static final LearnerKind<Options> KIND =
            LearnerKind.of(Mine.class, Options.class,
                (o, s) -> new Mine(s.embedding(), s.outputs(), s.norm()));

        public Params init(Init draw) { return f.init(draw); }

        public Params adapt(Params theta, Batch s) {
          return Params.of("means", Losses.classMeans(f.apply(theta, s.x(), Norm.batch()), s.y(), ways));
        }

        public Tensor predict(Params p, Tensor q) {
          return Ops.neg(Distances.squaredEuclidean(f.apply(p, q, Norm.batch()), p.get("means")));
        }

        public Outcome loss(Params theta, Task t) {
          Tensor y = predict(theta, t.support(), t.query().x());
          return new Outcome(Losses.crossEntropy(y, t.query().y()), y, Params.empty());
        }
      }
      """;

  @TempDir private Path temporary;
  private int made;

  private Path out() {
    return temporary.resolve("run" + made);
  }

  private Ran train(Path classpath, String learner, String... more) {
    List<String> usual =
        List.of(
            "train",
            "--learner=" + learner,
            "--classpath=" + classpath,
            "--model=mlp",
            "--hidden=4",
            "--size=8",
            "--ways=2",
            "--eval-ways=2",
            "--queries=1",
            "--eval-queries=1",
            "--steps=2",
            "--eval-every=0",
            "--eval-episodes=2",
            "--device=cpu",
            "--out=" + out());
    return Ran.of(Stream.concat(usual.stream(), Stream.of(more)).toArray(String[]::new));
  }

  /** The learner with one thing in place of another. */
  private OwnClasses changed(String what, String by) throws IOException {
    assertTrue(GOOD.contains(what), what);
    OwnClasses classes = new OwnClasses(temporary.resolve("classes" + ++made));
    assertEquals(NAME, classes.add(GOOD.replace(what, by)));
    return classes;
  }

  private void refused(String sentence, String what, String by, String... more) throws IOException {
    refused(sentence, changed(what, by), more);
  }

  private void refused(String sentence, OwnClasses classes, String... more) {
    Ran r = train(classes.folder(), NAME, more);
    String last = r.err().lines().reduce((a, b) -> b).orElse("");
    assertTrue(last.startsWith("quickstudy: ") && last.contains(sentence), r.err());
    assertEquals("", r.out());
    assertEquals(2, r.code(), r.err());
    assertFalse(Files.exists(out()), "something was trained");
  }

  @Test
  void aClassThatIsNoLearner() throws IOException {
    Path none = temporary;
    assertRefused(2, "Class 'java.lang.String' is no learner", train(none, "java.lang.String"));
    assertRefused(
        2, "Learner 'com.example.No' is no class that is found", train(none, "com.example.No"));
    Path jar = temporary.resolve("no.jar");
    assertRefused(
        2, "Class path '%s' does not exist".formatted(jar), train(jar, NAME, "--depth=1"));
    assertRefused(2, "Class path '%s' does not exist".formatted(jar), train(jar, "protonet"));
    String constant = "public static final LearnerKind<Options> KIND";
    String no = "Class 'com.example.Mine' is no learner: expected a 'public static final";
    refused(no, constant, "public static final LearnerKind<Options> KING");
    refused(no, "LearnerKind<Options> KIND =", "Object KIND =");
    OwnClasses instance = new OwnClasses(temporary.resolve("instance"));
    instance.add(
        """
        package com.example;

        public class Mine {
          public final Object KIND = 0;
        }
        """);
    refused(no, instance);
    refused(
        no,
        constant,
        "public static LearnerKind<Options> KIND;\n  static final LearnerKind<Options> OTHER");
    refused(
        "calls itself 'mine': expected the name of its class",
        "s.norm()));",
        "s.norm())).named(\"mine\");");
  }

  @Test
  void aClassThatThrowsWhenItIsLoaded() throws IOException {
    String thrown = "cannot be loaded (IllegalStateException: no luck): expected";
    String by =
        "fail(); static LearnerKind<Options> fail() { throw new IllegalStateException(\"no luck\");"
            + " }\n"
            + "  static final LearnerKind<Options> OTHER = LearnerKind.of(";
    OwnClasses c = changed("LearnerKind.of(", by);
    refused(thrown, c);
    refused(thrown, c, "--depth=2"); // Java says it in another way the second time
  }

  @Test
  void optionsThatAreNone() throws IOException {
    String option = "@Setting(value = \"size\", usual = \"3\") int depth";
    refused("Component 'depth' of Mine$Options has no @Setting", option, "int depth");
    refused(
        "is of type float: expected int, long, double",
        option,
        option.replace("int depth", "float depth"));
    refused(
        "Option 'ways' of learner 'com.example.Mine' is there already", "int depth", "int ways");
    refused("Option 'hidden' of learner", "int depth", "int hidden");
    refused("Option 'out' of learner", "int depth", "int out");
    refused(
        "Option --depth is 'x': expected a whole number", "int depth", "int depth", "--depth=x");
    refused("Unknown option '--dept'", "int depth", "int depth", "--dept=1");
  }

  @Test
  void aRecipeWithAnUnknownKey() throws IOException {
    OwnClasses c = changed("int depth", "int depth");
    c.add("com/example/Mine-glyphs.yaml", "values: {dept: 3}\n");
    refused("Recipe 'com.example.Mine-glyphs' has the unknown key 'dept'", c);
  }

  @Test
  void anOptionOfAnotherLearner() {
    assertRefused(
        2,
        "Option --inner-steps with learner 'protonet', which does not have it: expected one of its"
            + " own options (--distance, --temperature, --temperature-mode); leave it out, or use"
            + " learner 'maml', ",
        Ran.of("train", "--learner", "protonet", "--inner-steps", "3"));
  }

  @Test
  void anOptionOfAnotherModel() {
    String mann =
        "Option --filters with learner 'mann', which does not have it: expected one of its own"
            + " options (--hidden, --rows, --width, --heads, --decay, --strength, --written); leave"
            + " it out, or use model 'conv'.";
    assertRefused(
        2, mann, Ran.of("train", "--learner", "mann", "--model", "none", "--filters", "3"));
    assertRefused(
        2,
        "(--hidden, --feature-scale, --activation); leave it out, or use model 'conv'.",
        Ran.of("train", "--model", "mlp", "--filters", "3"));
    assertRefused( // which takes no model
        2,
        "--representation-loss, --order, --scale); leave it out.",
        Ran.of("train", "--learner", "meta-networks", "--units", "3"));
  }

  @Test
  void anOptionOfLearnerAndModel() {
    assertRefused(
        2,
        "Option 'hidden' of learner 'mann' or model 'mlp' is there already: expected a name that no"
            + " other option has; rename it in the record of options, or take another model.",
        Ran.of("train", "--learner", "mann", "--model", "mlp"));
  }

  @Test
  void aModelWhereThereIsNone() {
    assertRefused(
        2,
        "Option --model is conv: expected none for learner 'meta-networks', which is a network of"
            + " its own; leave it out for the default.",
        Ran.of("train", "--learner", "meta-networks", "--model", "conv"));
    assertRefused(
        2, "Option --model is none: expected one of conv, ", Ran.of("train", "--model", "none"));
  }

  @Test
  void whatItSaysOfATask() throws IOException {
    String loss = "Losses.crossEntropy(y, t.query().y())";
    refused("has shape [2, 2]: expected a scalar", loss, "y");
    refused(
        "predicts F32[2]: expected F32[2, 2]",
        "return Ops.neg(Distances.squaredEuclidean(f.apply(p, q, Norm.batch()),"
            + " p.get(\"means\")));",
        "return Ops.sum(f.apply(p, q, Norm.batch()), List.of(1));");
    refused(
        "adapts 'layer1.bias' to [2, 4]: expected [4]",
        "Params.of(\"means\",",
        "Params.of(\"layer1.bias\", f.apply(theta, s.x(), Norm.batch())).with(\"means\",");
    String init = "return f.init(draw);";
    String dot = "Ops.dot(draw.glorot(Shape.of(2, 3)), draw.glorot(Shape.of(2, 3)))";
    refused(
        "(called in com.example.Mine.init, line 20)",
        init,
        "return f.init(draw).with(\"w\", " + dot + ");");
  }

  @Test
  void anExceptionNamesItsLine() throws IOException {
    OwnClasses c = changed("return f.init(draw);", "String s = null; s.length(); return null;");
    Ran r = train(c.folder(), NAME);
    assertTrue(r.err().contains("Unexpected NullPointerException ("), r.err());
    assertTrue(r.err().contains(") in com.example.Mine.init, line 20: expected none"), r.err());
    assertEquals(1, r.code());
    assertFalse(Files.exists(out()));
  }

  @Test
  void howItMoves() throws IOException {
    String init = "  public Params init(";
    String head =
        """
          public MetaBatch.Direction direction(Params theta, MetaBatch tasks) {
            MetaBatch.Direction d = tasks.gradientOfMeanLoss(theta);
            return new MetaBatch.Direction(\
        """;
    refused(
        "moves [layer1.bias]: expected a direction for each of its parameters",
        init,
        head
            + "Params.of(\"layer1.bias\", d.gradient().get(\"layer1.bias\")), d.means());\n  }\n"
            + init);
    refused(
        "moves 'layer1.bias' by [1]: expected [4]",
        init,
        head
            + "d.gradient().with(\"layer1.bias\", Ops.fill(0, Shape.of(1))), d.means());\n  }\n"
            + init);
    refused(
        "expected 'loss' among them", init, head + "d.gradient(), Params.empty());\n  }\n" + init);
    refused(
        "Parameters 'head.*' are none: expected a pattern",
        init,
        "  public Optimiser optimiser(Optimiser c) {\n"
            + "    return new Optimiser.Groups(List.of(new Optimiser.Groups.Group(\"head.*\", c)),"
            + " c);\n"
            + "  }\n"
            + init);
  }

  @Test
  void numbersThatAreNotFinite() throws IOException {
    OwnClasses c =
        changed(
            "Params.of(\"means\",", "Params.of(\"odd\", Ops.log(Ops.scalar(0))).with(\"means\",");
    Ran trained = train(c.folder(), NAME);
    assertEquals(0, trained.code(), trained.err());
    Path images = temporary.resolve("images");
    Runs.write(images, 2, 0, 1);
    Ran r = Ran.of("adapt", out().toString(), "--support=" + images, "--query=" + images);
    assertEquals(1, r.code(), r.err());
    assertTrue(r.err().contains("Adapting to 2 examples made 'odd' infinite"), r.err());
  }
}
