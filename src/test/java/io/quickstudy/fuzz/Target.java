package io.quickstudy.fuzz;

import java.util.List;

/** A parser of foreign files, for the fuzzer and for the tests that replay what it found. */
public interface Target {
  /**
   * Parses one input and uses what comes out as the program does.
   *
   * @throws RuntimeException if the input is bad, as the parser documents
   */
  void parse(byte[] input) throws Exception;

  /** Good inputs, small, of every kind that the parser takes; the fuzzer begins with them. */
  List<byte[]> seeds() throws Exception;

  /** Inputs as large and as odd as the parser lets them be, too large to begin with. */
  default List<byte[]> extremes() throws Exception {
    return List.of();
  }
}
