package io.quickstudy.backend.cuda.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which products are left to cuBLAS, as an H200 was faster. */
class SmallProductTest {
  @Test
  void aClassifiersProductsAreOurOwn() {
    assertEquals(Optional.of(new SmallProduct(64, 125)), SmallProduct.of(4, 25, 5, 800));
    assertEquals(Optional.of(new SmallProduct(2, 125)), SmallProduct.of(4, 800, 5, 25));
    assertEquals(Optional.of(new SmallProduct(1, 313)), SmallProduct.of(4, 25, 800, 5));
    assertEquals(Optional.of(new SmallProduct(64, 80)), SmallProduct.of(1, 64, 5, 2400));
  }

  @Test
  void productsThatFillTilesAreLeftToCublas() {
    assertEquals(Optional.empty(), SmallProduct.of(1, 16, 800, 200)); // a step of an LSTM
    assertEquals(Optional.empty(), SmallProduct.of(4, 128, 128, 128));
    assertEquals(Optional.empty(), SmallProduct.of(100, 75, 5, 800));
  }

  @Test
  void theNumberOfTasksDoesNotChangeHowSumsAreMade() {
    for (int tasks = 1; tasks <= 8; tasks *= 2) {
      assertEquals(64, SmallProduct.of(tasks, 25, 5, 800).orElseThrow().slices());
    }
  }
}
