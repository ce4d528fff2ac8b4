package io.quickstudy;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import java.nio.file.Path;

/**
 * The entrance for Java programs: load a trained run, {@linkplain Adapter#adapt adapt} it to a few
 * labelled examples, predict.
 */
public final class Quickstudy {
  private Quickstudy() {}

  /**
   * Loads a run's newest checkpoint, for any number of threads.
   *
   * @param run the folder that {@code train} wrote
   * @throws io.quickstudy.run.ConfigException if it holds no run
   * @throws io.quickstudy.run.RunException if there is no whole checkpoint in it
   */
  public static Adapter load(Path run) {
    return load(run, AdaptOptions.usual());
  }

  /**
   * As {@link #load(Path)}, on another device, with other limits or from another checkpoint.
   *
   * @throws io.quickstudy.backend.BackendException if the device cannot be used
   */
  public static Adapter load(Path run, AdaptOptions options) {
    return Adapter.load(run, options);
  }
}
