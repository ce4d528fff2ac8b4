/**
 * What one looks at: a run as a page, and as files for TensorBoard.
 *
 * <p>{@link io.quickstudy.report.Report} writes one HTML file that needs nothing else, no network
 * and, but for the values under the pointer, no JavaScript. {@link io.quickstudy.report.MetricsLog}
 * reads what training logged; {@link io.quickstudy.train.Predictions} says what the run does on
 * test tasks. Everything that reaches the page goes through {@link io.quickstudy.report.Html},
 * which escapes it. {@link io.quickstudy.report.TensorBoard} hands the lines of metrics.jsonl on
 * while they are written.
 *
 * <p>Charts are SVG made here: a library draws on a canvas, which shows nothing without JavaScript,
 * keeps its colours when the page turns dark, and prints as pixels.
 *
 * <p>May import: {@code learner}, {@code nn}, {@code settings}, {@code task}, {@code train}, {@code
 * run}, {@code data}, {@code data.sampling}, {@code compare}, {@code explain}, {@code text}, and
 * {@code runtime} for arrays.
 */
package io.quickstudy.report;
