package io.quickstudy.data.source;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.SignalTasks;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;

/**
 * Bits to repeat (Graves, Wayne and Danihelka 2014, section 4.1): vectors of eight random bits,
 * then a delimiter in a channel of its own, then nothing while the vectors are to be answered in
 * their order. An item is a vector.
 *
 * @param seed of the bits
 */
record CopyTask(long seed) implements SignalTasks {
  private static final int BITS = 8;

  /** The data set. */
  static final DataSource DATA =
      new SignalData(
          "copy",
          "vectors of bits to repeat (Graves et al. 2014, section 4.1); built in",
          BITS + 1,
          BITS,
          CopyTask::new);

  @Override
  public String about() {
    return "copy, vectors of %s bits".formatted(outputs());
  }

  @Override
  public int inputs() {
    return BITS + 1;
  }

  @Override
  public int outputs() {
    return BITS;
  }

  @Override
  public int least() {
    return 1;
  }

  @Override
  public int steps(int items) {
    return 2 * items + 1;
  }

  @Override
  public void write(long task, int items, float[] x, float[] y, float[] asked, int at) {
    RandomStream random = new RandomStream(seed, RandomUse.SIGNAL, task);
    int answered = at + items + 1;
    for (int i = 0; i < items; i++) {
      for (int b = 0; b < outputs(); b++) {
        int bit = random.nextInt(2);
        x[(at + i) * inputs() + b] = bit;
        y[(answered + i) * outputs() + b] = bit;
      }
      asked[answered + i] = 1;
    }
    x[(at + items) * inputs() + outputs()] = 1; // the delimiter
  }
}
