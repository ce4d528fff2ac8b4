/**
 * Models as immutable values: a {@link io.quickstudy.nn.Model} makes its parameters ({@link
 * io.quickstudy.nn.Init}) and is a pure function of them. Whose statistics normalise a pass is said
 * by the caller ({@link io.quickstudy.nn.Norm}), never kept inside a model.
 *
 * <p>A {@link io.quickstudy.nn.ModelKind} says what a model is called and which options it has; it
 * makes an {@link io.quickstudy.nn.Architecture}, and that a network for the examples at hand.
 *
 * <p>A model that is random while it is trained, by dropout or {@link io.quickstudy.nn.DropBlock},
 * draws of {@link io.quickstudy.nn.TrainingNoise}, which a training step alone provides: everywhere
 * else, in measuring, adapting, exporting and in a learner's own tests, it is not random at all.
 *
 * <p>May import: {@code settings}, {@code transform}, {@code functions}, {@code graph}.
 */
package io.quickstudy.nn;
