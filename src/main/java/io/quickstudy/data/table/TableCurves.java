package io.quickstudy.data.table;

import io.quickstudy.data.CurveTasks;
import io.quickstudy.data.ImageClass;
import io.quickstudy.data.VectorSet;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import io.quickstudy.text.Text;
import java.util.Arrays;
import java.util.List;

/**
 * The tasks of a table: task {@code i} is one of them, by chance, and some of its rows without
 * repetition, first the support points, then the queries.
 */
public final class TableCurves implements CurveTasks {
  private final String about;
  private final VectorSet set;
  private final int inputs;
  private final int[] of;
  private final long seed;
  private final double from;
  private final double to;

  /**
   * Some tasks of a table.
   *
   * @param about what the table is
   * @param set its rows by task, inputs before values
   * @param inputs how many numbers of a row are inputs
   * @param of the numbers of these tasks, at least one
   * @param seed by which they are drawn
   */
  public TableCurves(String about, VectorSet set, int inputs, int[] of, long seed) {
    if (inputs < 1 || inputs >= set.width() || of.length == 0) {
      throw new IllegalArgumentException(
          "%s tasks of %s inputs in rows of %s: expected at least one of each, and fewer inputs than numbers."
              .formatted(of.length, inputs, set.width()));
    }
    this.about = about;
    this.set = set;
    this.inputs = inputs;
    this.of = of.clone();
    this.seed = seed;
    float[] values = set.values();
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < values.length; i++) {
      if (i % set.width() < inputs) {
        least = Math.min(least, values[i]);
        most = Math.max(most, values[i]);
      }
    }
    boolean range = least < most;
    this.from = range ? least : least - 0.5;
    this.to = range ? most : most + 0.5;
  }

  @Override
  public String about() {
    return about;
  }

  @Override
  public int inputs() {
    return inputs;
  }

  @Override
  public int outputs() {
    return set.width() - inputs;
  }

  @Override
  public double from() {
    return from;
  }

  @Override
  public double to() {
    return to;
  }

  @Override
  public List<String> names() {
    return Arrays.stream(of).mapToObj(i -> set.classes().get(i).fullName()).toList();
  }

  @Override
  public void enough(int points) {
    for (int i : of) {
      ImageClass task = set.classes().get(i);
      if (task.count() < points) {
        throw new IllegalArgumentException(
            "Task '%s' of '%s' has %s: expected at least %s, shots and queries; lower --shots and --queries, or leave the task out."
                .formatted(task.fullName(), set.name(), Text.count(task.count(), "row"), points));
      }
    }
  }

  @Override
  public void fill(
      long first,
      int tasks,
      int shots,
      int queries,
      float[] supportX,
      float[] supportY,
      float[] queryX,
      float[] queryY) {
    CurveTasks.check(this, tasks, shots, queries, supportX, supportY, queryX, queryY);
    for (int k = 0; k < tasks; k++) {
      RandomStream random = new RandomStream(seed, RandomUse.TABLE, first + k);
      ImageClass task = set.classes().get(of[random.nextInt(of.length)]);
      enough(task, shots + queries);
      int[] rows = random.distinct(shots + queries, task.count());
      for (int i = 0; i < rows.length; i++) {
        boolean support = i < shots;
        int at = support ? k * shots + i : k * queries + i - shots;
        copy(task.first() + rows[i], at, support ? supportX : queryX, support ? supportY : queryY);
      }
    }
  }

  private void enough(ImageClass task, int points) {
    if (task.count() < points) {
      enough(points);
    }
  }

  private void copy(int row, int at, float[] x, float[] y) {
    int from = row * set.width();
    System.arraycopy(set.values(), from, x, at * inputs, inputs);
    System.arraycopy(set.values(), from + inputs, y, at * outputs(), outputs());
  }
}
