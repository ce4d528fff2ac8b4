/**
 * Where graph becomes something that runs: {@link io.quickstudy.runtime.Engine} selects the device,
 * traces a function of named tensors once, simplifies it and has the backend compile it; {@link
 * io.quickstudy.runtime.Compiled} is the result, with state that stays on the device between runs.
 *
 * <p>May import: {@code transform}, {@code backend}, {@code backend.cpu}, {@code backend.cuda},
 * {@code graph}.
 */
package io.quickstudy.runtime;
