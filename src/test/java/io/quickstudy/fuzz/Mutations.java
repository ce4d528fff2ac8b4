package io.quickstudy.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages inputs, the same way each time. */
final class Mutations {
  private static final long[] ODD = {
    0, 1, -1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE
  };
  private static final int ROUNDS = 4;

  private final SplittableRandom random = new SplittableRandom(1);
  private final List<byte[]> seeds;

  Mutations(List<byte[]> seeds) {
    this.seeds = seeds;
  }

  /** A seed with one to four kinds of damage. */
  byte[] next() {
    byte[] input = seed().clone();
    for (int rounds = 1 + random.nextInt(ROUNDS); rounds > 0 && input.length > 0; rounds--) {
      input = damaged(input);
    }
    return input;
  }

  private byte[] seed() {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] damaged(byte[] b) {
    int at = random.nextInt(b.length);
    int end = at + random.nextInt(b.length - at + 1);
    return switch (random.nextInt(6)) {
      case 0 -> {
        b[at] ^= (byte) (1 << random.nextInt(8));
        yield b;
      }
      case 1 -> {
        b[at] = (byte) random.nextInt();
        yield b;
      }
      case 2 -> number(b, at);
      case 3 -> Arrays.copyOf(b, at);
      case 4 -> joined(Arrays.copyOf(b, at), Arrays.copyOfRange(b, end, b.length)); // cut out
      default -> {
        byte[] other = seed();
        yield joined(
            Arrays.copyOf(b, end),
            Arrays.copyOfRange(other, Math.min(at, other.length), other.length));
      }
    };
  }

  private byte[] number(byte[] b, int at) {
    long odd = ODD[random.nextInt(ODD.length)];
    int width = Math.min(1 << random.nextInt(4), b.length - at);
    boolean little = random.nextBoolean();
    for (int i = 0; i < width; i++) {
      b[at + i] = (byte) (odd >> (8 * (little ? i : width - 1 - i)));
    }
    return b;
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] c = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, c, a.length, b.length);
    return c;
  }
}
