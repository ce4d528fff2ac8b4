package io.quickstudy.serve;

import io.quickstudy.adapt.Classifier;
import io.quickstudy.text.Names;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * The classifiers that were used last, by an id that stands for the images that they learned from:
 * the same bytes have the same id, and are adapted to once, however many ask at the same time. For
 * any number of threads.
 *
 * <p>A classifier holds what adaptation made of the run's parameters, on the heap: some kilobytes
 * for prototypes, as much as the run's checkpoint where a learner adapts all of them.
 */
public final class ClassifierCache {
  private static final int ID_LETTERS = 24;
  private static final float LOAD = 0.75f;

  private final int most;
  private final Map<String, FutureTask<Classifier>> kept = new LinkedHashMap<>(16, LOAD, true);
  private long removed;

  /**
   * An empty cache.
   *
   * @param most how many classifiers it keeps; with one more the one goes that was not used for
   *     longest
   * @throws IllegalArgumentException if that is less than 1
   */
  public ClassifierCache(int most) {
    if (most < 1) {
      throw new IllegalArgumentException(
          "A cache of %s classifiers: expected at least 1; change it.".formatted(most));
    }
    this.most = most;
  }

  /**
   * The id of a classifier, which is made if it is not there.
   *
   * @param support what it is made of, as it came; two texts that differ are two classifiers
   * @param adapt makes it; what it throws is thrown here, to all who wait for it, and nothing is
   *     kept
   * @return 24 letters and digits, which nobody guesses who has not seen the support set
   */
  public String put(byte[] support, Supplier<Classifier> adapt) {
    String id = id(support);
    FutureTask<Classifier> mine =
        new FutureTask<>(() -> Objects.requireNonNull(adapt.get(), "classifier"));
    FutureTask<Classifier> task;
    synchronized (this) {
      FutureTask<Classifier> there = kept.get(id);
      task = there == null ? mine : there;
      if (there == null) {
        kept.put(id, mine);
        shrink();
      }
    }
    if (task == mine) {
      mine.run();
    }
    boolean made = false;
    try {
      await(task);
      made = true;
    } finally {
      if (!made && task == mine) {
        synchronized (this) {
          kept.remove(id, mine);
        }
      }
    }
    return id;
  }

  private void shrink() {
    Iterator<FutureTask<Classifier>> oldest = kept.values().iterator();
    while (kept.size() > most) {
      oldest.next();
      oldest.remove();
      removed++;
    }
  }

  /**
   * A classifier, which is then the one used last.
   *
   * @throws NoSuchElementException if it never was there, or is no longer
   */
  public Classifier get(String id) {
    FutureTask<Classifier> task;
    synchronized (this) {
      task = kept.get(id);
    }
    if (task == null) {
      throw new NoSuchElementException(
          "Classifier '%s' is not known: expected the id of one of the %s that were used last; send its support images again."
              .formatted(Names.shown(id), most));
    }
    return await(task);
  }

  private static Classifier await(FutureTask<Classifier> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "Interrupted while a classifier was adapted: expected to wait for it; ask again.", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException r -> throw r;
        case Error r -> throw r;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  /** How many there are. */
  public synchronized int size() {
    return kept.size();
  }

  /** How many had to go since the beginning. */
  public synchronized long removed() {
    return removed;
  }

  private static String id(byte[] support) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(support);
      return HexFormat.of().formatHex(digest).substring(0, ID_LETTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
