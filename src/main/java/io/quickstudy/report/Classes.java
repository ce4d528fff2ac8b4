package io.quickstudy.report;

import io.quickstudy.data.ClassUnit;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.sampling.PixelMoves;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which class an image of a task is of. Where a turned character is a class of its own, its angle
 * is part of that; where a group is a class, it is the first of its members.
 */
final class Classes {
  private static final int TURNS = 4;

  private final List<ImageClass> classes;
  private final int[] classOf;
  private final int movesPerTurn;
  private final Rotations rotations;
  private final ClassUnit unit;

  Classes(ExampleSet set, PixelMoves moves, Rotations rotations, ClassUnit unit) {
    this.classes = set.classes();
    this.rotations = rotations;
    this.unit = unit;
    Map<String, Integer> firsts = new HashMap<>();
    this.movesPerTurn = moves.rows() / moves.rotations();
    this.classOf = new int[set.examples()];
    for (int c = 0; c < classes.size(); c++) {
      ImageClass k = classes.get(c);
      firsts.putIfAbsent(k.group(), c);
      int number = unit == ClassUnit.GROUPS ? firsts.get(k.group()) : c;
      java.util.Arrays.fill(classOf, k.first(), k.first() + k.count(), number);
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
    ImageClass c = classes.get(number / TURNS);
    String name = unit == ClassUnit.GROUPS ? c.group() : c.fullName();
    return (name.isEmpty() ? "(no name)" : name) + (turn == 0 ? "" : ", " + 90 * turn + "°");
  }

  /** The group of a class, such as its alphabet; often empty. */
  String group(int number) {
    return classes.get(number / TURNS).group();
  }
}
