/**
 * Models as ONNX files, for programs that know nothing of this project.
 *
 * <p>{@link io.quickstudy.exchange.onnx.OnnxExport} traces what a run computes for its inputs, at
 * two batch sizes: an extent that differs is the batch axis, whatever does not depend on the inputs
 * (weights, and all of an adaptation to a support set) is computed here and becomes an initialiser,
 * and the rest is translated op by op ({@link io.quickstudy.exchange.onnx.Translator}). So a new
 * learner or model is exported without a line here, as long as its ops have counterparts.
 *
 * <p>May import: {@code settings}, {@code run}, {@code train} for the version of the program,
 * {@code runtime}, {@code learner}, {@code nn}, {@code task}, {@code transform}, {@code data},
 * {@code graph}, and {@code backend} for the precision.
 */
package io.quickstudy.exchange.onnx;
