package io.quickstudy.backend.plan;

import io.quickstudy.graph.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A part of a program that is lowered by itself.
 *
 * @param chunks how often it runs, each time on its own slice of the task axis; 1 for one that all
 *     workers share
 * @param tasks how many it computes at once, along the first axis of what is each task's own; 0
 *     where nothing is
 * @param outputs what it computes
 * @param targets where each output goes
 * @param arguments where its arguments lie
 */
record Segment(
    int chunks,
    int tasks,
    List<Tensor> outputs,
    List<Buffer> targets,
    Map<Tensor, Buffer> arguments) {}
