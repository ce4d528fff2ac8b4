package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.sampling.Episode;
import io.quickstudy.data.sampling.EpisodeBatch;
import io.quickstudy.data.sampling.EpisodeSampler;
import io.quickstudy.data.sampling.PixelMoves;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Batch;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;

/** Classification episodes of images. */
final class EpisodeSource implements TaskSource {
  private static final String[] SETS = {"support", "query"};

  private final EpisodeSampler sampler;
  private final Images images;
  private EpisodeBatch batch;

  EpisodeSource(EpisodeSampler sampler, Images images) {
    this.sampler = sampler;
    this.images = images;
  }

  @Override
  public Map<String, Op.Type> inputs() {
    Map<String, Op.Type> m = new LinkedHashMap<>();
    for (String set : SETS) {
      int n = set.equals("support") ? sampler.spec().supportSize() : sampler.spec().querySize();
      for (String part : new String[] {"index", "move", "label"}) {
        m.put(set + "." + part, new Op.Type(Shape.of(n), DType.I32));
      }
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
      batch = EpisodeBatch.allocate(tasks, sampler.spec());
    }
    sampler.fill(first, batch);
    into.set("support.index", batch.supportIndex().array());
    into.set("support.move", batch.supportMove().array());
    into.set("support.label", batch.supportLabel().array());
    into.set("query.index", batch.queryIndex().array());
    into.set("query.move", batch.queryMove().array());
    into.set("query.label", batch.queryLabel().array());
  }

  /** One task of the last {@link #fill}. */
  Episode drawn(int task) {
    int support = sampler.spec().supportSize();
    int query = sampler.spec().querySize();
    return new Episode(
        Images.row(batch.supportIndex(), task, support),
        Images.row(batch.supportMove(), task, support),
        Images.row(batch.supportLabel(), task, support),
        Images.row(batch.queryIndex(), task, query),
        Images.row(batch.queryMove(), task, query),
        Images.row(batch.queryLabel(), task, query));
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
    return new Built.OfTask(
        new Task(part(inputs.sub("support"), residents), part(inputs.sub("query"), residents)));
  }

  private Batch part(Params of, Params residents) {
    Tensor x = images.gathered(residents, of.get("index"), of.get("move"));
    return new Batch(x, of.get("label"));
  }
}
