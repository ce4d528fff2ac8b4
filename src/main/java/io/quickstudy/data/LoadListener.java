package io.quickstudy.data;

/**
 * Told how the loading of images goes; every method may be ignored. Called by one thread at once.
 */
public interface LoadListener {
  /** Ignores everything. */
  LoadListener NONE = new LoadListener() {};

  /** Something to know, one line. */
  default void message(String line) {}

  /** Some of a file has come; its total is -1 where it is unknown. */
  default void download(String file, long bytes, long total) {}

  /** So many images of all are decoded. */
  default void decoded(int images, int of) {}
}
