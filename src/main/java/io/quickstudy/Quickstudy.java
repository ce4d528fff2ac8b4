package io.quickstudy;

import io.quickstudy.adapt.AdaptOptions;
import io.quickstudy.adapt.Adapter;
import io.quickstudy.check.CheckOptions;
import io.quickstudy.check.CheckReport;
import io.quickstudy.check.LearnerCheck;
import io.quickstudy.check.Subject;
import io.quickstudy.check.TaskShape;
import io.quickstudy.learners.Learner;
import java.nio.file.Path;

/**
 * The entrance for Java programs: load a trained run, {@linkplain Adapter#adapt adapt} it to a few
 * labelled examples, predict; or check a learner of your own.
 */
public final class Quickstudy {
  private Quickstudy() {}

  /**
   * Loads a run's newest checkpoint, for any number of threads.
   *
   * @param run the folder that {@code train} wrote
   * @throws io.quickstudy.settings.ConfigException if it holds no run
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

  /**
   * Checks a learner on the CPU and any GPU: its meta-gradient against differences of its loss,
   * tasks batched against a loop, devices against the reference. Small shapes take seconds:
   *
   * <pre>{@code
   * CheckReport r = Quickstudy.check(new MyLearner(...), TaskShape.episode(3, 2, 1, 8, 8, 1));
   * assertTrue(r.passed(), r.text());
   * }</pre>
   *
   * @param learner whose gradient is that of its loss
   * @param task what it is made for
   */
  public static CheckReport check(Learner learner, TaskShape task) {
    return check(Subject.of(learner, task), CheckOptions.usual());
  }

  /**
   * As {@link #check(Learner, TaskShape)}, with other options or a gradient that leaves out terms.
   *
   * @throws io.quickstudy.backend.BackendException if a device that is named cannot be used
   */
  public static CheckReport check(Subject subject, CheckOptions options) {
    return LearnerCheck.once(subject, options);
  }
}
