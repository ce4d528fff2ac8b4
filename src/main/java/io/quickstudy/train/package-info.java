/**
 * Training and evaluation.
 *
 * <p>{@link io.quickstudy.train.Session} opens what a {@link io.quickstudy.run.RunConfig} names:
 * the device and the data. {@link io.quickstudy.train.Trainer} compiles the whole meta-step of it
 * into one function and repeats that, {@link io.quickstudy.train.Evaluator} measures; {@link
 * io.quickstudy.train.Verifier} measures pairs.
 *
 * <p>An episode is a few integers on the host; its images are gathered, turned and scaled inside
 * the compiled function. Episodes are counted, not drawn from a moving state: step {@code i} sees
 * the same tasks however often the run was stopped.
 *
 * <p>May import: {@code settings}, {@code run}, {@code exchange.weights} for weights to start from,
 * {@code runtime}, {@code learner}, {@code nn}, {@code optim}, {@code data} and its rooms, {@code
 * random}, {@code text}, {@code task}, {@code transform}, {@code functions}, {@code graph}, and the
 * types of {@code backend} that {@code runtime} hands out.
 */
package io.quickstudy.train;
