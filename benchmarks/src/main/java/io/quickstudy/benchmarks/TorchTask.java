package io.quickstudy.benchmarks;

import org.bytedeco.pytorch.Tensor;

/** The episode of one task in libtorch. */
record TorchTask(Tensor support, Tensor supportLabels, Tensor queries, Tensor queryLabels) {}
