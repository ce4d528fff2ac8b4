package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Precision;

/**
 * How programs are computed.
 *
 * @param choice of the convolutions that cuDNN computes
 * @param precision of products and convolutions
 * @param loops who does them
 */
record CudaOptions(CudaPlan.Choice choice, Precision precision, CudaBackend.Loops loops) {}
