package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Precision;

/**
 * How programs are computed.
 *
 * @param choice of the convolutions that cuDNN computes
 * @param precision of products and convolutions
 */
record Options(Plan.Choice choice, Precision precision) {}
