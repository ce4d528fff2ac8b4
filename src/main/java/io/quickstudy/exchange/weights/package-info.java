/**
 * Weights of other programs, in and out: tensors in safetensors files under other names and in
 * PyTorch's layouts.
 *
 * <p>{@link io.quickstudy.run.TensorFile} reads a file that nobody vouches for, {@link
 * io.quickstudy.exchange.weights.NameMap} says which tensor is which parameter, {@link
 * io.quickstudy.exchange.weights.TorchLayout} turns the numbers; {@link
 * io.quickstudy.exchange.weights.Weights} puts the three together.
 *
 * <p>May import: {@code settings}, {@code run}, {@code runtime} for its arrays, {@code nn}, {@code
 * text} for names, {@code graph} for shapes.
 */
package io.quickstudy.exchange.weights;
