package io.quickstudy.adapt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.Quickstudy;
import io.quickstudy.run.RunException;
import org.junit.jupiter.api.Test;

/** A support set whose matrix has no Cholesky factor. */
class UnsolvedSupportTest {
  private static Support same(int first, int second) {
    Support.Builder b = Support.builder();
    for (int i = 0; i < 6; i++) {
      b.add("a", Runs.image(first, i % 2)).add("b", Runs.image(second, i % 2));
    }
    return b.build();
  }

  @Test
  void itIsSaidAndTheNextOneIsServed() {
    try (Adapter adapter = Quickstudy.load(Runs.singular(), AdaptOptions.usual().device("cpu"))) {
      String said = assertThrows(RunException.class, () -> adapter.adapt(same(1, 1))).getMessage();
      assertTrue(
          said.matches(
              "Nothing can be learnt of this support set: The matrix \\[12, 12\\].* is not positive"
                  + " definite: expected .*; raise .* Or give other examples, .*"),
          said);
      Support two = Support.builder().add("a", Runs.image(1, 0)).add("b", Runs.image(2, 0)).build();
      assertEquals("b", adapter.adapt(two).predict(Runs.image(2, 0)).label());
    }
  }
}
