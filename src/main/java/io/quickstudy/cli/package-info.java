/**
 * The command line: {@code train}, {@code eval}, {@code adapt}, {@code export}, {@code report},
 * {@code compare}, {@code explain}, {@code search}, {@code embed}, {@code check}, {@code info},
 * {@code list}. Exit code 0 is done, 1 failed, 2 bad usage; an error is one sentence on standard
 * error, with a stack trace only under {@code --debug}. With {@code --json} standard output holds
 * one JSON object and nothing else.
 *
 * <p>May import: {@code learner}, {@code learners}, {@code nn}, {@code settings}, {@code task},
 * {@code train}, {@code adapt}, {@code report}, {@code check}, {@code compare}, {@code explain},
 * {@code search}, {@code runtime} for arrays, {@code run}, {@code exchange.onnx}, {@code
 * exchange.weights}, {@code data}, {@code data.image}, {@code data.table}, {@code data.source},
 * {@code text} for names, and {@code graph}.
 */
package io.quickstudy.cli;
