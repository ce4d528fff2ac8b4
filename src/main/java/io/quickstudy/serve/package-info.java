/**
 * What a Java service needs beside {@code adapt} when people whom it does not know send it images:
 * {@link io.quickstudy.serve.ClassifierCache} keeps the classifiers that were used last, {@link
 * io.quickstudy.serve.Guard} stands between the network and the work, with limits on size, time and
 * how many wait, and counts in {@link io.quickstudy.serve.Metrics} what came of it. The cache and
 * the metrics serve any framework; the guard makes handlers of the JDK's own HTTP server.
 *
 * <p>May import: {@code adapt}, {@code data} for its exception, {@code run} and {@code settings}
 * for theirs, {@code text}.
 */
package io.quickstudy.serve;
