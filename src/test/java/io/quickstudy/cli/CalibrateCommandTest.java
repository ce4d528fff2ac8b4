package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quickstudy.Quickstudy;
import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Classifier;
import io.quickstudy.adapt.Image;
import io.quickstudy.adapt.Prediction;
import io.quickstudy.adapt.Runs;
import io.quickstudy.adapt.Support;
import io.quickstudy.run.RunCalibration;
import io.quickstudy.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How sure answers may be: what train and calibrate find, and what eval and adapt make of it. */
class CalibrateCommandTest {
  private static final int STEPS = 30;

  @TempDir private Path temporary;

  private static void refused(int code, String sentence, Ran r) {
    assertEquals("", r.out());
    assertTrue(r.err().contains(sentence), r.err());
    assertEquals(code, r.code(), r.err());
  }

  /** Trains on 24 characters in folders, of which some are for validation. */
  private Ran train(Path run, int steps, Object... more) {
    Path drawings = temporary.resolve("drawings");
    if (!Files.exists(drawings)) {
      Runs.write(drawings, 24, 0, 6);
    }
    Stream<Object> usual =
        Stream.of(
            "train",
            "--data=folder:" + drawings,
            "--out=" + run,
            "--device=cpu",
            "--size=14",
            "--channels=1",
            "--blocks=2",
            "--filters=8",
            "--ways=3",
            "--shots=1",
            "--queries=3",
            "--eval-queries=3",
            "--steps=" + steps,
            "--rate=0.01",
            "--schedule=constant", // cosine depends on the number of steps
            "--eval-every=0",
            "--eval-episodes=20",
            "--val-episodes=20",
            "--workers=1");
    return Ran.of(Stream.concat(usual, Stream.of(more)).toArray());
  }

  private static String calibration(Path run) throws IOException {
    return Files.readString(run.resolve("calibration.json"));
  }

  @Test
  void trainFindsATemperatureThatEvalAndAdaptUse() throws IOException {
    Path run = temporary.resolve("r");
    Ran trained = train(run, STEPS, "--json");
    assertEquals(0, trained.code(), trained.err());
    RunCalibration.Fit fit = RunFolder.open(run).calibration().orElseThrow().fits().getFirst();
    assertEquals(20, fit.tasks());
    assertEquals(20 * 9, fit.answers());
    assertTrue(
        trained.err().contains("calibrated on 20 tasks of validation classes, 3-way 1-shot"),
        trained.err());
    assertEquals(fit.temperature(), trained.json().get("temperature").asDouble());
    JsonNode eval = Ran.of("eval", run, "--episodes=20", "--json").json();
    assertEquals(fit.temperature(), eval.get("temperature").asDouble());
    assertEquals(trained.json().get("ece_tempered"), eval.get("ece_tempered"));
    assertEquals(trained.json().get("brier"), eval.get("brier"));
    String metrics = Files.readString(run.resolve("metrics.jsonl"));
    assertTrue(metrics.contains("\"ece_tempered\":" + eval.get("ece_tempered").asText()), metrics);

    Path support = temporary.resolve("support");
    Path query = temporary.resolve("query");
    Runs.write(support, 3, 0, 1);
    Runs.write(query, 3, 3, 4);
    JsonNode adapted =
        Ran.of("adapt", run, "--support", support, "--query", query, "--device=cpu", "--json")
            .json();
    assertEquals(fit.temperature(), adapted.get("temperature").asDouble());
    assertTrue(adapted.get("expected_error").isNull(), "nothing is rejected");
    tempered(run, support, query, fit.temperature());

    double least = 0.5;
    Ran some =
        Ran.of("adapt", run, "--support", support, "--query", query, "--min-confidence", least);
    RunCalibration.Expected e = fit.expected(least);
    assertTrue(
        some.out()
            .contains(
                "to be wrong, as of %s of 180 answers on 20 tasks of validation classes, 3-way 1-shot"
                    .formatted(e.answers())),
        some.out());
    assertFalse(some.out().contains("here are"), some.out());
    Ran two =
        Ran.of(
            "adapt",
            run,
            "--support",
            temporary.resolve("two"),
            "--query",
            query,
            "--min-confidence=0.5");
    refused(1, "two", two);
    Runs.write(temporary.resolve("two"), 2, 0, 2);
    two =
        Ran.of(
            "adapt",
            run,
            "--support",
            temporary.resolve("two"),
            "--query",
            query,
            "--min-confidence=0.5");
    assertTrue(
        two.out().contains("here are 2 classes, 2 images of each class, for which"), two.out());

    double error = 0.9;
    JsonNode most =
        Ran.of("adapt", run, "--support", support, "--query", query, "--max-error", error, "--json")
            .json();
    assertEquals(fit.threshold(error).getAsDouble(), most.get("min_confidence").asDouble());
    refused(
        2,
        "--max-error is '0.000001': expected an error that a threshold reaches",
        Ran.of("adapt", run, "--support", support, "--query", query, "--max-error=0.000001"));
  }

  /** Probabilities of one image, without the temperature and with it. */
  private static void tempered(Path run, Path support, Path query, double temperature)
      throws IOException {
    Path image = query.resolve("c1/hand04.png");
    AdaptOptions cpu = AdaptOptions.usual().device("cpu");
    Prediction with;
    try (Adapter a = Quickstudy.load(run, cpu)) {
      Classifier c = a.adapt(Support.ofFolder(support));
      assertEquals(temperature, c.temperature());
      with = c.predict(Image.read(image));
    }
    Path aside = run.resolveSibling("aside.json");
    Files.move(run.resolve("calibration.json"), aside);
    try (Adapter a = Quickstudy.load(run, cpu)) {
      Classifier c = a.adapt(Support.ofFolder(support));
      assertTrue(a.calibration().isEmpty());
      assertEquals(1, c.temperature());
      Prediction without = c.predict(Image.read(image));
      assertEquals(without.label(), with.label());
      double sum =
          without.probabilities().values().stream()
              .mapToDouble(p -> Math.pow(p, 1 / temperature))
              .sum();
      without
          .probabilities()
          .forEach(
              (k, p) ->
                  assertEquals(
                      Math.pow(p, 1 / temperature) / sum, with.probabilities().get(k), 1e-9));
    }
    Files.move(aside, run.resolve("calibration.json"));
  }

  @Test
  void aRunThatWasStoppedIsCalibratedAsOneThatWasNot() throws IOException {
    Path whole = temporary.resolve("whole");
    Path parts = temporary.resolve("parts");
    assertEquals(0, train(whole, STEPS).code());
    assertEquals(0, train(parts, 5).code());
    String before = calibration(parts);
    Ran on = Ran.of("train", "--out", parts, "--resume", "--steps=" + STEPS);
    assertEquals(0, on.code(), on.err());
    assertFalse(before.equals(calibration(parts)));
    assertEquals(calibration(whole), calibration(parts));

    // what another step was calibrated for does not count
    Files.writeString(parts.resolve("calibration.json"), before);
    Ran eval = Ran.of("eval", parts, "--episodes=4", "--json");
    assertFalse(eval.json().has("temperature"));
    assertTrue(eval.err().contains("no temperature was found for step " + STEPS), eval.err());
  }

  @Test
  void aRunFromBeforeIsCalibratedLater() throws IOException {
    Path run = temporary.resolve("r");
    assertEquals(0, train(run, STEPS, "--batch-norm=transductive").code());
    String then = calibration(run);
    assertEquals(
        List.of("transductive", "support"),
        RunFolder.open(run).calibration().orElseThrow().fits().stream()
            .map(RunCalibration.Fit::norm)
            .toList());
    Files.delete(run.resolve("calibration.json"));
    Ran eval = Ran.of("eval", run, "--episodes=4", "--json");
    assertFalse(eval.json().has("temperature"));
    assertTrue(eval.err().contains("quickstudy calibrate finds one"), eval.err());

    Ran again = Ran.of("calibrate", run, "--device=cpu");
    assertEquals(0, again.code(), again.err());
    assertEquals(then, calibration(run), "with the same tasks");
    assertEquals(2 * (2 + 8), again.out().lines().count(), again.out());
    JsonNode other =
        Ran.of("calibrate", run, "--episodes=8", "--shots=2", "--queries=4", "--json").json();
    assertEquals(8, other.at("/fits/1/episodes").asInt());
    assertEquals(2, other.at("/fits/0/shots").asInt());
    assertEquals(8 * 12, other.at("/fits/0/kept/0/answers").asInt());
    JsonNode support = Ran.of("eval", run, "--episodes=4", "--batch-norm=support", "--json").json();
    assertEquals(other.at("/fits/1/temperature").asDouble(), support.get("temperature").asDouble());
  }

  @Test
  void whatCannotBeCalibratedIsSaid() throws IOException {
    Path run = temporary.resolve("r");
    Ran trained = train(run, STEPS, "--split=random", "--eval-ways=5", "--json");
    assertEquals(0, trained.code(), trained.err());
    assertTrue(
        trained.err().contains("not calibrated, so that probabilities are the learner's own"),
        trained.err());
    assertFalse(Files.exists(run.resolve("calibration.json")));
    refused(2, "--ways is 5", Ran.of("calibrate", run));
    refused(
        2,
        "is calibrated",
        Ran.of(
            "adapt",
            run,
            "--support",
            temporary.resolve("drawings"),
            "--query",
            temporary.resolve("drawings"),
            "--max-error=0.1"));
    for (String bad : List.of("0", "1", "x", "NaN", "-1")) {
      refused(
          2,
          "--max-error is '%s'".formatted(bad),
          Ran.of("adapt", run, "--support=x", "--query=x", "--max-error=" + bad));
    }
    refused(
        2,
        "expected one of them",
        Ran.of(
            "adapt", run, "--support=x", "--query=x", "--max-error=0.1", "--min-confidence=0.2"));
    refused(2, "gives no probabilities of classes", Ran.of("calibrate", Runs.sinusoid()));
    refused(2, "does not exist", Ran.of("calibrate", temporary.resolve("none")));

    Files.writeString(run.resolve("calibration.json"), "{\"version\":2,\"step\":1,\"fits\":[]}");
    refused(1, "calibration.json' cannot be read", Ran.of("eval", run));
    refused(1, "say calibrate again", Ran.of("eval", run));
  }
}
