package io.quickstudy.reference;

import java.math.BigInteger;

/**
 * Philox4x32-10 as Salmon et al. (2011) write it: ten rounds, each two products of 64 bits whose
 * halves are exchanged and mixed with the key; the key advances by two Weyl constants.
 */
final class ReferencePhilox {
  private static final long[] MULTIPLIERS = {0xD2511F53L, 0xCD9E8D57L};
  private static final long[] WEYL = {0x9E3779B9L, 0xBB67AE85L};
  private static final long WORD = 0xFFFFFFFFL;

  private ReferencePhilox() {}

  /** The four words of a counter under a key, each below 2^32. */
  static long[] block(long[] counter, long[] key) {
    long[] c = counter.clone();
    long[] k = key.clone();
    for (int round = 0; round < 10; round++) {
      BigInteger first = product(MULTIPLIERS[0], c[0]);
      BigInteger second = product(MULTIPLIERS[1], c[2]);
      c =
          new long[] {
            high(second) ^ c[1] ^ k[0], low(second), high(first) ^ c[3] ^ k[1], low(first)
          };
      k[0] = (k[0] + WEYL[0]) & WORD;
      k[1] = (k[1] + WEYL[1]) & WORD;
    }
    return c;
  }

  private static BigInteger product(long a, long b) {
    return BigInteger.valueOf(a).multiply(BigInteger.valueOf(b));
  }

  private static long high(BigInteger v) {
    return v.shiftRight(32).longValueExact();
  }

  private static long low(BigInteger v) {
    return v.longValue() & WORD;
  }

  /** The numbers of every key: element j is the top 24 bits of word j mod 4 of block j div 4. */
  static double[] uniform(double[] keys, int each) {
    double[] y = new double[keys.length / 2 * each];
    for (int b = 0; b < keys.length / 2; b++) {
      long[] key = {(long) keys[2 * b] & WORD, (long) keys[2 * b + 1] & WORD};
      for (int j = 0; j < each; j++) {
        long[] words = block(new long[] {j / 4, 0, 0, 0}, key);
        y[b * each + j] = (words[j % 4] >>> 8) * 0x1p-24;
      }
    }
    return y;
  }
}
