package io.quickstudy.bindings;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** That the library loads and that words, addresses and errors cross the border unharmed. */
class NativeTest {
  private static final long MAGIC = 0x5153;
  private static final long VERSION = 1;
  private static final long F32 = 0;

  @BeforeAll
  static void libraryLoads() {
    assertEquals(Optional.empty(), NativeLibrary.problem());
  }

  @Test
  void levelHasAName() {
    assertFalse(Native.level().isEmpty());
  }

  @Test
  void memoryIsAlignedZeroedCountedAndShared() {
    long before = Native.allocated();
    try (NativeMemory memory = NativeMemory.allocate(1000)) {
      assertEquals(0, memory.address() % 64);
      assertTrue(Native.allocated() - before >= 1000);
      FloatBuffer whole = memory.buffer(0, 1000).asFloatBuffer();
      assertEquals(250, whole.remaining());
      for (int i = 0; i < 250; i++) {
        assertEquals(0f, whole.get(i));
      }
      memory.buffer(64, 8).putFloat(4, 2.5f);
      assertEquals(2.5f, whole.get(17));
      assertThrows(IndexOutOfBoundsException.class, () -> memory.buffer(996, 8));
    }
    assertEquals(before, Native.allocated());
  }

  @Test
  void closedMemoryHasNoAddress() {
    NativeMemory memory = NativeMemory.allocate(0);
    memory.close();
    memory.close();
    assertThrows(IllegalStateException.class, memory::address);
    assertThrows(IllegalArgumentException.class, () -> NativeMemory.allocate(-1));
  }

  @Test
  void malformedProgramGetsASentence() {
    assertNull(Native.programOpen(new long[] {1, 2, 3, 4}, 4));
    assertFalse(Native.error().isBlank());
  }

  @Test
  void loopAddsTwoArrays() {
    int n = 5;
    long nd = 1;
    long add = 32;
    long store = 0;
    // nd dims | nIn {dtype operand strides} | nConst | nOps {fn dst a b c} | nOut {reg mode dtype
    // ..}
    long[] loop = {
      nd, n, //
      2, F32, 2, 0, 0, 1, F32, 3, 0, 0, 1, //
      0, //
      1, add, 2, 0, 1, 0, //
      1, 2, store, F32, 4, 0, 0, 1
    };
    long[] head = {
      MAGIC, VERSION, 0, 1, 1, 1, 1, loop.length
    }; // .. local, segments, chunks, instr..
    long[] code = new long[head.length + loop.length];
    System.arraycopy(head, 0, code, 0, head.length);
    System.arraycopy(loop, 0, code, head.length, loop.length);

    int bytes = n * Float.BYTES;
    try (NativeMemory a = NativeMemory.allocate(bytes);
        NativeMemory b = NativeMemory.allocate(bytes);
        NativeMemory y = NativeMemory.allocate(bytes);
        Native.Program program = Native.programOpen(code, code.length)) {
      assertNotNull(program, Native.error());
      a.buffer(0, bytes).asFloatBuffer().put(new float[] {1, 2, 3, 4, 5});
      b.buffer(0, bytes).asFloatBuffer().put(new float[] {0.5f, -2, 10, 0, 100});
      assertEquals(0, Native.programBind(program, 2, a.address()), Native.error());
      assertEquals(0, Native.programBind(program, 3, b.address()), Native.error());
      assertEquals(0, Native.programBind(program, 4, y.address()), Native.error());

      assertEquals(0, Native.programRun(program, 2), Native.error());
      float[] sum = new float[n];
      y.buffer(0, bytes).asFloatBuffer().get(sum);
      assertArrayEquals(new float[] {1.5f, 0, 13, 4, 105}, sum);

      long[] ns = new long[1];
      assertEquals(0, Native.programProfile(program, ns, 1), Native.error());
      assertTrue(ns[0] >= 0);
    }
  }

  @Test
  void aFolderThatLibrariesCannotBeUnpackedInIsNamed() {
    String full = NativeLibrary.fault(Path.of("/proc/quickstudy")).orElseThrow();
    assertTrue(full.startsWith("'/proc/quickstudy', "), full);
    List<String> mounts =
        List.of(
            "overlay / overlay rw,relatime 0 0",
            "tmpfs /home tmpfs rw,noexec 0 0",
            "ext4 /home/a\\040b/c ext4 rw,nosuid 0 0",
            "torn");
    assertFalse(NativeLibrary.forbidsCode(Path.of("/var/cache"), mounts));
    assertTrue(NativeLibrary.forbidsCode(Path.of("/home/a/.javacpp"), mounts));
    assertFalse(NativeLibrary.forbidsCode(Path.of("/home/a b/c/.javacpp"), mounts));
    assertFalse(NativeLibrary.forbidsCode(Path.of("/homes"), mounts));
  }
}
