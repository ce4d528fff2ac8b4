package io.quickstudy.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quickstudy.backend.CSource;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The numbers of the native program format are the same in Java and in C++. */
class FormatTest {
  @Test
  void numbersAreThoseOfTheHeader() throws IOException {
    CSource header = CSource.read("native/quickstudy.h");
    Map<String, Integer> expected = new TreeMap<>(header.constants("qs_opcode"));
    expected.remove("QS_IOTA"); // counts in programs of the native tests; steps read tables instead
    for (String name : new String[] {"QS_MAGIC", "QS_VERSION"}) {
      expected.put(name, header.constant(name));
    }
    Map<String, Integer> ours = new TreeMap<>();
    Arrays.stream(Format.class.getDeclaredFields())
        .filter(f -> f.getType() == int.class)
        .forEach(f -> ours.put("QS_" + f.getName(), value(f)));
    assertEquals(expected, ours);
  }

  private static int value(Field f) {
    try {
      return f.getInt(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
