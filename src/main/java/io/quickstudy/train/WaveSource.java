package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.source.Sinusoids;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sine waves: their points are the tasks, as they are. */
final class WaveSource implements TaskSource {
  private final Sinusoids waves;

  WaveSource(Sinusoids waves) {
    this.waves = waves;
  }

  @Override
  public Map<String, Op.Type> inputs() {
    Op.Type support = new Op.Type(Shape.of(waves.shots(), 1), DType.F32);
    Op.Type query = new Op.Type(Shape.of(waves.queries(), 1), DType.F32);
    Map<String, Op.Type> m = new LinkedHashMap<>();
    m.put("support.x", support);
    m.put("support.y", support);
    m.put("query.x", query);
    m.put("query.y", query);
    return m;
  }

  @Override
  public Map<String, Resident> residents() {
    return Map.of();
  }

  @Override
  public void fill(long first, int tasks, Compiled into) {
    float[] supportX = new float[tasks * waves.shots()];
    float[] supportY = new float[tasks * waves.shots()];
    float[] queryX = new float[tasks * waves.queries()];
    float[] queryY = new float[tasks * waves.queries()];
    waves.fill(first, tasks, supportX, supportY, queryX, queryY);
    into.set("support.x", supportX);
    into.set("support.y", supportY);
    into.set("query.x", queryX);
    into.set("query.y", queryY);
  }

  /** The tasks. */
  Sinusoids waves() {
    return waves;
  }

  @Override
  public Built build(Params inputs, Params residents) {
    return new Built.OfTask(Task.unpack(inputs));
  }
}
