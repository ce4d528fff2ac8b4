package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.data.sampling.SequenceBatch;
import io.quickstudy.data.sampling.SequenceSampler;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Sequence;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sequences of images. */
final class SequenceSource implements TaskSource {
  private final SequenceSampler sampler;
  private final Images images;
  private SequenceBatch batch;

  SequenceSource(SequenceSampler sampler, Images images) {
    this.sampler = sampler;
    this.images = images;
  }

  @Override
  public Map<String, Op.Type> inputs() {
    Map<String, Op.Type> m = new LinkedHashMap<>();
    for (String part : new String[] {"index", "move", "label"}) {
      m.put(part, new Op.Type(Shape.of(sampler.spec().length()), DType.I32));
    }
    return m;
  }

  @Override
  public Map<String, Resident> residents() {
    return images.residents();
  }

  @Override
  public void fill(long first, int tasks, Compiled into) {
    if (batch == null || batch.tasks() != tasks) {
      batch = SequenceBatch.allocate(tasks, sampler.spec());
    }
    sampler.fill(first, batch);
    into.set("index", batch.index().array());
    into.set("move", batch.move().array());
    into.set("label", batch.label().array());
  }

  /** Which appearance of its class each image of the last {@link #fill} is, from 1: flat. */
  int[] instances() {
    return batch.instance().array();
  }

  /** One sequence of the last {@link #fill}. */
  io.quickstudy.data.sampling.DrawnSequence drawn(int task) {
    int length = sampler.spec().length();
    return new io.quickstudy.data.sampling.DrawnSequence(
        Images.row(batch.index(), task, length),
        Images.row(batch.move(), task, length),
        Images.row(batch.label(), task, length),
        Images.row(batch.instance(), task, length));
  }

  /** Where its images are from. */
  ImageSet set() {
    return images.set();
  }

  /** How they are moved. */
  PixelMoves moves() {
    return sampler.moves();
  }

  @Override
  public Built build(Params inputs, Params residents) {
    Tensor x = images.gathered(residents, inputs.get("index"), inputs.get("move"));
    return new Built.OfSequence(new Sequence(x, inputs.get("label")));
  }
}
