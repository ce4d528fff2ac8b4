package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.CurveTasks;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Op;
import io.quickstudy.graph.Shape;
import io.quickstudy.runtime.Compiled;
import io.quickstudy.task.Drawn;
import io.quickstudy.task.Task;
import io.quickstudy.transform.Params;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Curves such as sine waves: their points are the tasks, as they are. */
final class CurveSource implements TaskSource {
  private final CurveTasks curves;
  private final int shots;
  private final int queries;
  private final int drawn;
  private float[] supportX = {};
  private float[] supportY = {};
  private float[] queryX = {};
  private float[] queryY = {};

  CurveSource(CurveTasks curves, int shots, int queries) {
    this(curves, shots, queries, queries);
  }

  private CurveSource(CurveTasks curves, int shots, int queries, int drawn) {
    this.curves = curves;
    this.shots = shots;
    this.queries = queries;
    this.drawn = drawn;
    curves.enough(Math.addExact(shots, drawn));
  }

  /**
   * For a picture, whose queries lie along a line in place of those that are drawn: measured tasks
   * have no more points than they have, so that one is repeated.
   */
  static CurveSource pictured(CurveTasks curves, int shots, int queries) {
    return new CurveSource(curves, shots, queries, curves.names().isEmpty() ? queries : 1);
  }

  @Override
  public Map<String, Op.Type> inputs() {
    Map<String, Op.Type> m = new LinkedHashMap<>();
    m.put("support.x", points(shots, curves.inputs()));
    m.put("support.y", points(shots, curves.outputs()));
    m.put("query.x", points(queries, curves.inputs()));
    m.put("query.y", points(queries, curves.outputs()));
    return m;
  }

  private static Op.Type points(int n, int numbers) {
    return new Op.Type(Shape.of(n, numbers), DType.F32);
  }

  @Override
  public Map<String, Resident> residents() {
    return Map.of();
  }

  @Override
  public void fill(long first, int tasks, Compiled into) {
    supportX = room(supportX, tasks * shots * curves.inputs());
    supportY = room(supportY, tasks * shots * curves.outputs());
    queryX = room(queryX, tasks * queries * curves.inputs());
    queryY = room(queryY, tasks * queries * curves.outputs());
    curves.fill(first, tasks, shots, drawn, supportX, supportY, queryX, queryY);
    repeat(queryX, tasks, curves.inputs());
    repeat(queryY, tasks, curves.outputs());
    into.set("support.x", supportX);
    into.set("support.y", supportY);
    into.set("query.x", queryX);
    into.set("query.y", queryY);
  }

  /** Makes queries of those that were drawn, from the last on, since they lie at the front. */
  private void repeat(float[] points, int tasks, int numbers) {
    for (int i = tasks * queries - 1; i >= 0 && drawn < queries; i--) {
      int from = i / queries * drawn + i % queries % drawn;
      System.arraycopy(points, from * numbers, points, i * numbers, numbers);
    }
  }

  @Override
  public void describe(TaskDigest into) {
    for (float[] points : List.of(supportX, supportY, queryX, queryY)) {
      into.add(points);
    }
  }

  private static float[] room(float[] before, int size) {
    return before.length == size ? before : new float[size];
  }

  /** The tasks. */
  CurveTasks curves() {
    return curves;
  }

  /** The support inputs of one task of the last {@link #fill}, [shots * inputs]. */
  float[] supportX(int task) {
    return row(supportX, task, shots * curves.inputs());
  }

  /** Its support values, [shots * outputs]. */
  float[] supportY(int task) {
    return row(supportY, task, shots * curves.outputs());
  }

  /** Its query inputs, [queries * inputs]. */
  float[] queryX(int task) {
    return row(queryX, task, queries * curves.inputs());
  }

  /** Its query values, [queries * outputs]. */
  float[] queryY(int task) {
    return row(queryY, task, queries * curves.outputs());
  }

  private static float[] row(float[] all, int task, int size) {
    return Arrays.copyOfRange(all, task * size, (task + 1) * size);
  }

  @Override
  public Drawn build(Params inputs, Params residents) {
    return Task.unpack(inputs);
  }
}
