package io.quickstudy.adapt;

import io.quickstudy.backend.FactorException;
import io.quickstudy.run.RunException;
import io.quickstudy.runtime.Compiled;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Compiled functions, each lent to one call at a time. As many calls compute at once as there are
 * lanes; others wait in order. What is not lent is kept for the next call, the newest first, within
 * a bound: so the native memory depends on the lanes, and not on how many threads call, how often
 * or with what shapes.
 */
final class Programs implements AutoCloseable {
  /** Most memory of programs that nobody uses, unless it takes more to keep one for each lane. */
  static final long IDLE_BYTES = 512L << 20;

  /** What a function computes. */
  enum Kind {
    /** From a support set what the learner makes of it. */
    ADAPT,
    /** From that and queries the predictions. */
    PREDICT,
    /** The same, and how sure each prediction is. */
    PREDICTIVE,
    /** The predictions of each of the models that the learner has sampled. */
    SAMPLES,
    /** From examples their features, together or each on its own. */
    FEATURES
  }

  /**
   * What makes two functions the same.
   *
   * @param examples how many it takes
   */
  record Key(Kind kind, int examples, int ways) {}

  /** A compiled function and what its caller left in it. */
  static final class Held {
    /** Nobody's. */
    static final long NONE = -1;

    final Compiled compiled;
    private final Key key;

    /** Whose adapted parameters its inputs hold. */
    long owner = NONE;

    private Held(Key key, Compiled compiled) {
      this.key = key;
      this.compiled = compiled;
    }

    private long bytes() {
      return compiled.memory().bytes();
    }
  }

  private final int lanes;
  private final Semaphore free;
  private final Runnable last;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Deque<Held> idle = new ArrayDeque<>(); // the newest first; guarded by itself

  /**
   * No programs yet.
   *
   * @param lanes calls at once
   * @param last what to do when all are closed
   */
  Programs(int lanes, Runnable last) {
    this.lanes = lanes;
    this.free = new Semaphore(lanes, true);
    this.last = last;
  }

  /**
   * Lends a function to a piece of work, compiled first where there is none.
   *
   * @throws IllegalStateException if all this is closed
   * @throws RunException if a matrix that was to be factored has no Cholesky factor
   */
  <T> T with(Key key, Function<Key, Compiled> compile, Function<Held, T> work) {
    free.acquireUninterruptibly();
    try {
      if (closed.get()) {
        throw new IllegalStateException(
            "This adapter is closed: expected an open one; close it when nothing uses it any"
                + " more.");
      }
      Held held = take(key);
      if (held == null) {
        held = new Held(key, compile.apply(key));
      }
      T result;
      try {
        result = work.apply(held);
      } catch (FactorException e) {
        held.compiled.close();
        throw new RunException(
            "Nothing can be learnt of this support set: %s Or give other examples, not the same one for several classes."
                .formatted(e.sentence()),
            e);
      } catch (RuntimeException | Error e) {
        held.compiled.close(); // nobody knows what is in it
        throw e;
      }
      giveBack(held);
      return result;
    } finally {
      free.release();
    }
  }

  private Held take(Key key) {
    synchronized (idle) {
      for (Iterator<Held> all = idle.iterator(); all.hasNext(); ) {
        Held h = all.next();
        if (h.key.equals(key)) {
          all.remove();
          return h;
        }
      }
      return null;
    }
  }

  private void giveBack(Held held) {
    synchronized (idle) {
      idle.addFirst(held);
      long bytes = idle.stream().mapToLong(Held::bytes).sum();
      while (bytes > IDLE_BYTES && idle.size() > lanes) {
        Held oldest = idle.removeLast();
        bytes -= oldest.bytes();
        oldest.compiled.close();
      }
    }
  }

  /** How many nobody uses just now. */
  int idle() {
    synchronized (idle) {
      return idle.size();
    }
  }

  /** Waits for the calls under way and frees everything; closing again does nothing. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    free.acquireUninterruptibly(lanes);
    try {
      synchronized (idle) {
        idle.forEach(h -> h.compiled.close());
        idle.clear();
      }
      last.run();
    } finally {
      free.release(lanes);
    }
  }
}
