/**
 * A trained run at work in a service: {@link io.quickstudy.adapt.Adapter} holds what was
 * meta-trained, {@link io.quickstudy.adapt.Classifier} and {@link io.quickstudy.adapt.Regressor}
 * what a handful of labelled examples made of it. All of them are immutable and may be used by any
 * number of threads at once; the compiled functions behind them are lent to one call at a time.
 * Native memory belongs to the adapter and is freed when that is closed.
 *
 * <p>May import: {@code settings}, {@code run} for the learner that a configuration names, {@code
 * runtime}, {@code learner}, {@code nn}, {@code data}, {@code data.image}, {@code data.table},
 * {@code task}, {@code text}, {@code transform}, {@code graph}, and the types of {@code backend}
 * that {@code runtime} takes.
 */
package io.quickstudy.adapt;
