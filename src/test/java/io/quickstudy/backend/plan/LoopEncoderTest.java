package io.quickstudy.backend.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.backend.CSource;
import io.quickstudy.graph.DType;
import io.quickstudy.graph.Elementwise;
import io.quickstudy.graph.Elementwise.Binary;
import io.quickstudy.graph.Elementwise.Unary;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The numbers of a loop's description are the same in Java, C++ and CUDA. */
class LoopEncoderTest {
  private static CSource header;

  @BeforeAll
  static void read() throws IOException {
    header = CSource.read("native/quickstudy.h");
  }

  @Test
  void functionsAreThoseOfTheHeader() {
    Map<String, Integer> expected = new TreeMap<>(header.constants("qs_fn"));
    expected.remove("QS_FMA"); // the C++ side puts products and sums together to it
    Map<String, Integer> ours = new TreeMap<>();
    for (Unary u : Unary.values()) {
      ours.put("QS_" + u.name(), LoopEncoder.function(u));
    }
    for (Binary b : Binary.values()) {
      ours.put("QS_" + b.name(), LoopEncoder.function(b));
    }
    ours.put("QS_SELECT", LoopEncoder.function(new Elementwise.Select()));
    assertEquals(expected, ours);
  }

  @Test
  void kindsAreThoseOfTheHeader() {
    Map<String, Integer> ours = new TreeMap<>();
    for (DType t : DType.values()) {
      ours.put("QS_" + t.name(), LoopEncoder.dtype(t));
    }
    assertEquals(new TreeMap<>(header.constants("qs_dtype")), ours);
  }

  @Test
  void modesAreThoseOfTheHeader() {
    Map<String, Integer> ours = new TreeMap<>();
    for (Loop.Mode m : Loop.Mode.values()) {
      ours.put((m == Loop.Mode.STORE ? "QS_" : "QS_REDUCE_") + m.name(), LoopEncoder.mode(m));
    }
    assertEquals(new TreeMap<>(header.constants("qs_out")), ours);
  }

  @Test
  void loopsFitIntoTheKernels() {
    assertEquals(header.constant("QS_MAX_DIMS"), LoopEncoder.MAX_DIMS);
    assertTrue(Fusion.MOST_VALUES <= header.constant("QS_MAX_REGS"));
  }
}
