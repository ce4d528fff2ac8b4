package io.quickstudy.data;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.List;
import java.util.Optional;

/**
 * Some curves drawn again and again, each with the same points: what there is to learn from where
 * tasks are few. Task {@code i} is one of the first so many, by chance.
 */
public final class FewCurves implements CurveTasks {
  private final CurveTasks of;
  private final int count;
  private final long seed;
  private float[][] one = new float[4][];

  /**
   * Some curves.
   *
   * @param of all of them
   * @param count how many there are, at least 1
   * @param seed by which they are drawn
   */
  public FewCurves(CurveTasks of, int count, long seed) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "%s curves to learn from: expected at least 1.".formatted(count));
    }
    this.of = of;
    this.count = count;
    this.seed = seed;
  }

  @Override
  public String about() {
    return "%s, %s of them".formatted(of.about(), count);
  }

  @Override
  public int inputs() {
    return of.inputs();
  }

  @Override
  public int outputs() {
    return of.outputs();
  }

  @Override
  public double from() {
    return of.from();
  }

  @Override
  public double to() {
    return of.to();
  }

  private long drawn(long i) {
    return new RandomStream(seed, RandomUse.FEW_CURVES, i).nextInt(count);
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
    float[][] all = {supportX, supportY, queryX, queryY};
    int[] size = {shots * inputs(), shots * outputs(), queries * inputs(), queries * outputs()};
    for (int k = 0; k < size.length; k++) {
      one[k] = one[k] != null && one[k].length == size[k] ? one[k] : new float[size[k]];
    }
    for (int task = 0; task < tasks; task++) {
      of.fill(drawn(first + task), 1, shots, queries, one[0], one[1], one[2], one[3]);
      for (int k = 0; k < size.length; k++) {
        System.arraycopy(one[k], 0, all[k], task * size[k], size[k]);
      }
    }
  }

  @Override
  public List<String> names() {
    return of.names();
  }

  @Override
  public void enough(int points) {
    of.enough(points);
  }

  @Override
  public Optional<Curve> curve(long i) {
    return of.curve(drawn(i));
  }

  @Override
  public Optional<Posterior> posterior() {
    return of.posterior();
  }
}
