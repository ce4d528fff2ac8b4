package io.quickstudy.train;

import io.quickstudy.data.ImageSet;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.data.sampling.TaskBatch;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.task.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A few training images as they are, and as a run changes them at random: drawn as for training,
 * and computed by the same program.
 *
 * @param set where they are from
 * @param moves how they are moved
 * @param index which images, each with
 * @param move the row of its table of moves
 * @param versions of each several, F32 [height * width * channels], mostly 0 to 1
 */
public record ChangedImages(
    ImageSet set, PixelMoves moves, int[] index, int[] move, List<List<float[]>> versions) {

  /**
   * Draws some.
   *
   * @param images how many images
   * @param versions how many of each
   * @return nothing where a run changes none, or is of no images
   */
  public static Optional<ChangedImages> of(Session session, int images, int versions) {
    boolean none = session.config().augmentation().changes().isNone();
    if (none || !(session.set().orElse(null) instanceof ImageSet set)) {
      return Optional.empty();
    }
    TrainingSource source;
    try {
      source = (TrainingSource) session.tasks().changed(images);
    } catch (ConfigException e) {
      return Optional.empty(); // a part without as many
    }
    try (Compiled f =
        MetaStep.compileEach(
            session, "x", source, Map.of(), versions, (p, drawn) -> ((Batch) drawn).x())) {
      source.fill(0, versions, f);
      TaskBatch drawn = source.tasks().drawn();
      int[] index = same(drawn, "index", f);
      int[] move = same(drawn, "move", f);
      f.run();
      float[] all = f.output("x").data();
      int size = all.length / images / versions;
      List<List<float[]>> each =
          IntStream.range(0, images)
              .mapToObj(
                  i ->
                      IntStream.range(0, versions)
                          .mapToObj(v -> (v * images + i) * size)
                          .map(from -> Arrays.copyOfRange(all, from, from + size))
                          .toList())
              .toList();
      return Optional.of(new ChangedImages(set, source.moves(), index, move, each));
    }
  }

  /** Gives all tasks the first one's integers of a name, so that only the changes differ. */
  private static int[] same(TaskBatch drawn, String name, Compiled into) {
    int[] first = drawn.of(name, 0);
    int[] all = drawn.all(name).clone();
    for (int i = 0; i < all.length; i++) {
      all[i] = first[i % first.length];
    }
    into.set(name, all);
    return first;
  }
}
