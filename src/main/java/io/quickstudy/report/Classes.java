package io.quickstudy.report;

import io.quickstudy.data.ImageClass;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.sampling.PixelMoves;
import java.util.List;

/**
 * Which class an image of a task is of. Where a turned character is a class of its own, its angle
 * is part of that.
 */
final class Classes {
  private static final int TURNS = 4;

  private final List<ImageClass> classes;
  private final int[] classOf;
  private final int movesPerTurn;
  private final Rotations rotations;

  Classes(ImageSet set, PixelMoves moves, Rotations rotations) {
    this.classes = set.classes();
    this.rotations = rotations;
    this.movesPerTurn = moves.rows() / moves.rotations();
    this.classOf = new int[set.examples()];
    for (int c = 0; c < classes.size(); c++) {
      java.util.Arrays.fill(
          classOf, classes.get(c).first(), classes.get(c).first() + classes.get(c).count(), c);
    }
  }

  /** The number of an image's class. */
  int of(int index, int move) {
    int turn = rotations == Rotations.CLASSES ? move / movesPerTurn : 0;
    return classOf[index] * TURNS + turn;
  }

  /** The number in its set of an image's class, however that is turned. */
  int number(int index) {
    return classOf[index];
  }

  /** A class's name: "Greek/character07, turned 90°". */
  String name(int number) {
    int turn = number % TURNS;
    String name = classes.get(number / TURNS).fullName();
    return (name.isEmpty() ? "(no name)" : name) + (turn == 0 ? "" : ", " + 90 * turn + "°");
  }

  /** The group of a class, such as its alphabet; often empty. */
  String group(int number) {
    return classes.get(number / TURNS).group();
  }
}
