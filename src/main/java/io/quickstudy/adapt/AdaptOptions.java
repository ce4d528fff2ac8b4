package io.quickstudy.adapt;

import io.quickstudy.data.Framing;
import io.quickstudy.data.image.PictureInk;
import io.quickstudy.run.CheckpointChoice;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a run is put to work. Immutable: start from {@link #usual()}.
 *
 * @param device "cpu", "cuda" or "cuda:1", or "auto": a GPU if one can be used, which computes one
 *     call at a time, else the CPU
 * @param threads calls that compute at once; others wait for their turn. A GPU takes one at a time
 * @param workers threads within one call; of several calls at once one has them, the others go on
 *     alone, with bitwise the same results
 * @param checkpoint which: the best by validation unless told otherwise
 * @param learner options of the learner by name, such as "inner-steps", instead of those that the
 *     run is measured with
 * @param queries whether those of one call are seen on their own or together
 * @param ink what the brightness of pictures means; unless given, {@code AUTO} for a run on glyphs
 *     or Omniglot and {@code BRIGHT} for others
 * @param fit what becomes of the aspect of pictures; unless given, as the run was trained
 * @param trim whether an empty margin counts; unless given, as the run was trained
 * @param levels whether brightness is each picture's own; unless given, as the run was trained
 */
public record AdaptOptions(
    String device,
    int threads,
    int workers,
    CheckpointChoice checkpoint,
    Map<String, String> learner,
    Queries queries,
    Optional<PictureInk> ink,
    Optional<Framing.Fit> fit,
    Optional<Framing.Trim> trim,
    Optional<Framing.Levels> levels) {

  /**
   * What a prediction depends on besides the support set, for a run with batch norm transductive.
   */
  public enum Queries {
    /** On nothing: what the support set says of the statistics normalises every query. */
    APART,
    /**
     * On the other queries of the same call: they are normalised by their own statistics, as they
     * were in training. Better for many images of all classes, and worthless for one image.
     */
    TOGETHER
  }

  /** Checks the numbers. */
  public AdaptOptions {
    atLeast(1, "threads", threads);
    atLeast(1, "workers", workers);
    learner = Map.copyOf(learner);
  }

  private static void atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(
          "Option %s is %s: expected a number of at least %s; change it."
              .formatted(name, value, least));
    }
  }

  /** For a service: on every processor one call at a time, and the best checkpoint. */
  public static AdaptOptions usual() {
    return new AdaptOptions(
        "auto",
        Runtime.getRuntime().availableProcessors(),
        1,
        CheckpointChoice.BEST,
        Map.of(),
        Queries.APART,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same on another device. */
  public AdaptOptions device(String other) {
    return new AdaptOptions(
        other, threads, workers, checkpoint, learner, queries, ink, fit, trim, levels);
  }

  /** The same with another number of calls at once. */
  public AdaptOptions threads(int other) {
    return new AdaptOptions(
        device, other, workers, checkpoint, learner, queries, ink, fit, trim, levels);
  }

  /** The same with another number of threads within a call. */
  public AdaptOptions workers(int other) {
    return new AdaptOptions(
        device, threads, other, checkpoint, learner, queries, ink, fit, trim, levels);
  }

  /** The same with the checkpoint of a step. */
  public AdaptOptions step(int other) {
    return checkpoint(CheckpointChoice.of(other));
  }

  /** The same with another checkpoint. */
  public AdaptOptions checkpoint(CheckpointChoice other) {
    return new AdaptOptions(
        device, threads, workers, other, learner, queries, ink, fit, trim, levels);
  }

  /** The same with another number of gradient steps, for a learner that takes such. */
  public AdaptOptions innerSteps(int other) {
    return learner("inner-steps", Integer.toString(other));
  }

  /**
   * The same with another value of an option of the learner, one of those that measuring has values
   * of its own for.
   */
  public AdaptOptions learner(String option, String value) {
    Map<String, String> more = new HashMap<>(learner);
    more.put(option, value);
    return new AdaptOptions(
        device, threads, workers, checkpoint, more, queries, ink, fit, trim, levels);
  }

  /** The same with queries seen otherwise. */
  public AdaptOptions queries(Queries other) {
    return new AdaptOptions(
        device, threads, workers, checkpoint, learner, other, ink, fit, trim, levels);
  }

  /** The same with another meaning of brightness. */
  public AdaptOptions ink(PictureInk other) {
    return new AdaptOptions(
        device,
        threads,
        workers,
        checkpoint,
        learner,
        queries,
        Optional.of(other),
        fit,
        trim,
        levels);
  }

  /** The same with another way to make squares of pictures. */
  public AdaptOptions fit(Framing.Fit other) {
    return new AdaptOptions(
        device,
        threads,
        workers,
        checkpoint,
        learner,
        queries,
        ink,
        Optional.of(other),
        trim,
        levels);
  }

  /** The same with the empty margin of drawings cut off, or not. */
  public AdaptOptions trim(Framing.Trim other) {
    return new AdaptOptions(
        device,
        threads,
        workers,
        checkpoint,
        learner,
        queries,
        ink,
        fit,
        Optional.of(other),
        levels);
  }

  /** The same with the brightness of each picture stretched, or not. */
  public AdaptOptions levels(Framing.Levels other) {
    return new AdaptOptions(
        device, threads, workers, checkpoint, learner, queries, ink, fit, trim, Optional.of(other));
  }

  /** How pictures are framed for a run that was trained so. */
  public Framing framing(Framing trained) {
    return new Framing(
        fit.orElse(trained.fit()), trim.orElse(trained.trim()), levels.orElse(trained.levels()));
  }
}
