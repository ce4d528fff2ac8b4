package io.quickstudy.benchmarks;

/** A benchmark that cannot go on; its message is one sentence for the user. */
final class BenchmarkException extends RuntimeException {
  BenchmarkException(String message) {
    super(message);
  }

  BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}
