package io.quickstudy.explain;

/** A method whose direction is an expansion in the inner rate: c A + d alpha B + O(alpha^2). */
public enum Method {
  /** Equation: E[g_MAML] = A - 2 alpha B. */
  MAML("MAML", 1, 2),
  /** E[g_FOMAML] = A - alpha B. */
  FOMAML("FOMAML", 1, 1),
  /** E[g_Reptile] = 2 A - alpha B. */
  REPTILE("Reptile", 2, 1);

  private final String title;
  private final int ofA;
  private final int ofB;

  Method(String title, int ofA, int ofB) {
    this.title = title;
    this.ofA = ofA;
    this.ofB = ofB;
  }

  /** Its name as the paper writes it. */
  public String title() {
    return title;
  }

  /** Before its direction's names. */
  String key() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** How many times A is in its direction. */
  int ofA() {
    return ofA;
  }

  /** How many times alpha B is taken off. */
  int ofB() {
    return ofB;
  }

  /** The first two terms: "A − 2αB". */
  public String leading() {
    return times(ofA) + "A \u2212 " + times(ofB) + "\u03b1B";
  }

  private static String times(int n) {
    return n == 1 ? "" : Integer.toString(n);
  }
}
