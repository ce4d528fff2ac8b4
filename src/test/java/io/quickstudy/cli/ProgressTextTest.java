package io.quickstudy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.cli.ProgressLine.Part;
import io.quickstudy.cli.ProgressLine.State;
import io.quickstudy.data.Metric;
import io.quickstudy.run.BestSoFar;
import io.quickstudy.train.TrainListener.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What progress says at any width. */
class ProgressTextTest {
  private static final BestSoFar BEST = new BestSoFar(1800, 0.812, 0.004, 2);
  private static final Progress P =
      new Progress(2066, 6000, 0.755, 0.7624, 35.2, 70, 0, Metric.ACCURACY, BEST);

  private static String training(int width) {
    return ProgressLine.text(ProgressText.training(P), width);
  }

  @Test
  void theMostImportantIsLeftOutLast() {
    assertEquals(
        "training 34% [======>             ] 2066/6000, loss 0.755, accuracy 76.2%, 1 min 10 s"
            + " left, best 81.2% at step 1800, 35.2 steps/s",
        training(199));
    assertEquals(
        "training 34% 2066/6000, loss 0.755, acc 76.2%, 1 min left, best 81.2% at 1800",
        training(79));
    assertEquals(
        "training 34% [==>   ] 2066/6000, loss 0.755, accuracy 76.2%, 1 min 10 s left",
        training(76));
    assertEquals("training 34% 2066/6000, loss 0.755", training(39));
    assertEquals("34%, loss 0.755", training(19));
    assertEquals("34%", training(3));
    assertEquals("", training(2));
  }

  @Test
  void noWidthIsOverrunAndNoWordIsCut() {
    Progress error =
        new Progress(7, 9_000_000, 12345.678, Double.NaN, 0.123, 1e6, 5, Metric.MSE, BEST);
    List<State> all =
        List.of(
            ProgressText.training(P),
            ProgressText.training(error),
            ProgressText.validating(Optional.of(P), 3, 120, 600),
            ProgressText.validating(Optional.empty(), 0, 16, 600),
            ProgressText.evaluating(0, 0, 16, 600),
            ProgressText.evaluating(2, 584, 600, 600),
            new State("downloading omniglot-background.zip", "", 512, 0, "512/512 KiB", List.of()));
    for (State s : all) {
      List<String> whole =
          s.parts().stream().flatMap(p -> java.util.stream.Stream.of(p.words(), p.few())).toList();
      String before = "";
      for (int width = 0; width <= 250; width++) {
        String text = ProgressLine.text(s, width);
        assertTrue(text.length() <= width, text);
        for (String part : text.split(", ", -1)) {
          boolean head = part.contains("%") && text.startsWith(part);
          assertTrue(head || part.isEmpty() || whole.contains(part), text);
        }
        int parts = text.split(", ", -1).length;
        assertTrue(parts >= before.split(", ", -1).length, "less in more room: " + text);
        before = text;
      }
    }
  }

  @Test
  void itSaysWhatAValidationDoes() {
    State s = ProgressText.validating(Optional.of(P), 10, 120, 600);
    assertEquals(
        "validating 20% [====>               ] 120 of 600 tasks, 1 min 0 s left, best 81.2% at step"
            + " 1800",
        ProgressLine.text(s, 100));
    assertEquals("validating 20% 120 of 600 tasks, 1 min left", ProgressLine.text(s, 45));
    assertEquals("val 20%, 1 min left", ProgressLine.text(s, 19));
    assertEquals(
        "evaluating 20% 120 of 600 tasks, 8.0 s left",
        ProgressLine.text(ProgressText.evaluating(2, 120, 120, 600), 45));
  }

  /** How long validations take nobody knows before the first. */
  @Test
  void timeThatNobodyKnowsIsNotCounted() {
    Progress early = new Progress(5, 100, 1, Double.NaN, 2, 47.5, 5, Metric.MSE, BestSoFar.NONE);
    assertEquals(
        "step 5 of 100: loss 1.000, 48 s left and 5 validations, 2.00 steps/s",
        ProgressText.plain(early));
    assertEquals(
        "training 5% 5/100, loss 1.000, > 48 s left",
        ProgressLine.text(ProgressText.training(early), 44));
    Progress error = new Progress(100, 100, 1, Double.NaN, 2, 0, 0, Metric.MSE, BEST);
    assertEquals(
        "step 100 of 100: loss 1.000, done, best 0.812 at step 1800, 2.00 steps/s",
        ProgressText.plain(error));
  }

  @Test
  void aLineIsDrawnOverAndMessagesGoAboveIt() {
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    ProgressLine line =
        new ProgressLine(
            new PrintStream(to, true, StandardCharsets.UTF_8),
            new ScreenWidth(() -> Optional.of(20)));
    line.draw(ProgressText.training(P));
    line.above("a message");
    line.end();
    line.end();
    String end = System.lineSeparator();
    String said = to.toString(StandardCharsets.UTF_8);
    assertEquals(
        "\r34%, loss 0.755\u001b[K\r\u001b[Ka message" + end + "34%, loss 0.755" + end, said);
    assertFalse(said.matches("(?s).*\u001b\\[[0-9;]*m.*"), "no colours");
    assertEquals("loss 1", Part.of("loss 1").few());
  }
}
