package io.quickstudy.data.source;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.SignalTasks;
import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;

/**
 * Associative recall (Graves, Wayne and Danihelka 2014, section 4.3): items of three vectors of six
 * bits, each behind a delimiter; then one of them again, but for the last, between delimiters of
 * another channel; then nothing while the item that came behind it is to be answered.
 *
 * @param seed of the bits
 */
record RecallTask(long seed) implements SignalTasks {
  private static final int BITS = 6;
  private static final int VECTORS = 3;
  private static final int ITEM = BITS; // the channel of an item's delimiter
  private static final int QUERY = BITS + 1; // that of the query's

  /** The data set. */
  static final DataSource DATA =
      new SignalData(
          "recall",
          "items of bits, of which the one behind a given one is asked for (Graves et al. 2014,"
              + " section 4.3); built in",
          BITS + 2,
          BITS,
          RecallTask::new);

  @Override
  public String about() {
    return "recall, items of %s vectors of %s bits".formatted(VECTORS, BITS);
  }

  @Override
  public int inputs() {
    return BITS + 2;
  }

  @Override
  public int outputs() {
    return BITS;
  }

  @Override
  public int least() {
    return 2;
  }

  /** The items and the query behind delimiters, one more of these, and the answer. */
  @Override
  public int steps(int items) {
    return (items + 1) * (VECTORS + 1) + 1 + VECTORS;
  }

  @Override
  public void write(long task, int items, float[] x, float[] y, float[] asked, int at) {
    RandomStream random = new RandomStream(seed, RandomUse.SIGNAL, task);
    float[] bits = new float[items * VECTORS * BITS];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = random.nextInt(2);
    }
    for (int i = 0; i < items; i++) {
      show(bits, i, ITEM, x, at + i * (VECTORS + 1));
    }
    int asks = random.nextInt(items - 1);
    int query = at + items * (VECTORS + 1);
    show(bits, asks, QUERY, x, query);
    x[(query + VECTORS + 1) * inputs() + QUERY] = 1;
    int answer = query + VECTORS + 2;
    for (int v = 0; v < VECTORS; v++) {
      System.arraycopy(bits, ((asks + 1) * VECTORS + v) * BITS, y, (answer + v) * BITS, BITS);
      asked[answer + v] = 1;
    }
  }

  /** A delimiter and an item's vectors, from a step on. */
  private void show(float[] bits, int item, int delimiter, float[] x, int step) {
    x[step * inputs() + delimiter] = 1;
    for (int v = 0; v < VECTORS; v++) {
      System.arraycopy(bits, (item * VECTORS + v) * BITS, x, (step + 1 + v) * inputs(), BITS);
    }
  }
}
