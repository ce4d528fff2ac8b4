package io.quickstudy.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.report.Confusion.Cell;
import io.quickstudy.report.Confusion.Image;
import io.quickstudy.report.Confusion.Pair;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Mistakes beside their occasions. */
class ConfusionTest {
  private final Confusion confusion = new Confusion();

  /** A task of these classes, with queries as pairs of what was right and what was said. */
  private void task(int[] classes, int[]... answers) {
    confusion.begin(classes);
    Image[] support = new Image[classes.length];
    java.util.Arrays.setAll(support, k -> new Image(100 + classes[k], 0));
    for (int[] a : answers) {
      confusion.add(new Answer(a[0], a[1], 1), new Image(classes[a[0]], 0), support);
    }
  }

  private static int[] list(int... v) {
    return v;
  }

  @Test
  void countsMistakesAndWhereTheyCouldHaveBeen() {
    task(list(4, 7), list(0, 0), list(0, 1), list(1, 1), list(1, 1));
    task(list(7, 9), list(0, 0), list(1, 0), list(1, 0));
    assertEquals(List.of(4, 7, 9), confusion.classes());
    assertEquals(new Cell(1, 2), confusion.cell(4, 7));
    assertEquals(new Cell(0, 2), confusion.cell(7, 4));
    assertEquals(new Cell(0, 1), confusion.cell(7, 9));
    assertEquals(new Cell(2, 2), confusion.cell(9, 7));
    assertEquals(new Cell(0, 0), confusion.cell(4, 9), "they never met");
    assertEquals(
        Map.of(4, new Cell(1, 2), 7, new Cell(0, 3), 9, new Cell(2, 2)), confusion.totals());
    Pair worst = confusion.worst(5).get(0);
    assertEquals(9, worst.a());
    assertEquals(new Image(9, 0), worst.mistaken());
    assertEquals(new Image(107, 0), worst.support());
    Cell[][] groups = confusion.between(Map.of(4, 0, 7, 0, 9, 1), 2);
    assertEquals(new Cell(1, 4), groups[0][0]);
    assertEquals(new Cell(0, 1), groups[0][1]);
    assertEquals(new Cell(2, 2), groups[1][0]);
    assertEquals(new Cell(0, 0), groups[1][1]);
  }

  @Test
  void oneMistakeOfOneIsLessThanNineOfTen() {
    task(list(1, 2), list(0, 1));
    for (int i = 0; i < 10; i++) {
      task(list(3, 4), list(0, i == 0 ? 0 : 1));
    }
    List<Pair> worst = confusion.worst(2);
    assertEquals(3, worst.get(0).a());
    assertTrue(worst.get(0).proved() > worst.get(1).proved());
    assertEquals(1, confusion.worst(1).size());
  }

  @Test
  void confidenceIsTheSoftmaxWithoutOverflow() {
    Answer a = Answer.of(1, new float[] {1000, 1000 - (float) Math.log(3), -1e30f});
    assertEquals(0, a.predicted());
    assertEquals(0.75, a.confidence(), 1e-4);
    assertEquals(0, Answer.of(0, new float[] {2, 2}).predicted(), "the first of equals");
    assertEquals(
        List.of("A", "Z", "AA", "AZ", "BA"),
        List.of(
            Answer.letter(0),
            Answer.letter(25),
            Answer.letter(26),
            Answer.letter(51),
            Answer.letter(52)));
  }
}
