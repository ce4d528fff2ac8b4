package io.quickstudy.backend.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quickstudy.graph.DType;
import org.junit.jupiter.api.Test;

/** Parts of buffers, for the steps of a recurrence. */
class BufferTest {
  private final Buffer all = new Buffer("all", DType.F32, 100, Buffer.Space.SHARED);

  @Test
  void aPartThatStaysLiesInItsBuffer() {
    all.place(640);
    Buffer part = all.part(20, 10, 0);
    assertEquals(640 + 80, part.offset());
    assertEquals(640 + 80 + 12, part.part(3, 2, 0).offset());
    assertSame(all, part.part(3, 2, 0).root());
    assertEquals(Buffer.Space.SHARED, part.space());
    all.spread(3, 4096);
    assertEquals(4096, part.chunkBytes());
  }

  @Test
  void aPartThatMovesIsFoundFromWhereItIsThen() {
    all.place(640);
    Buffer moves = all.part(90, 10, -10);
    assertEquals(Buffer.Space.MOVING, moves.space());
    assertEquals(0, moves.offset());
    assertEquals(360, moves.start());
    assertEquals(-40, moves.perStep());
    Buffer inside = moves.part(4, 2, 0);
    assertSame(moves, inside.mover());
    assertEquals(16, inside.offset());
    assertEquals(Buffer.Space.MOVING, inside.space());
  }

  @Test
  void fourNumbersAreReadAtOnceOnlyWhereEveryStepBeginsAtAMultiple() {
    assertTrue(all.isAligned(16));
    assertTrue(all.part(20, 10, 8).isAligned(16));
    assertFalse(all.part(20, 10, 10).isAligned(16));
    assertFalse(all.part(21, 10, 0).isAligned(16));
    assertFalse(all.part(20, 10, 10).part(4, 4, 0).isAligned(16));
  }
}
