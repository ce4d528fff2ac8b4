package io.quickstudy.fuzz;

/** Where Jazzer enters; benchmarks/fuzz says which target. */
public final class Fuzz {
  private static Target target;

  private Fuzz() {}

  /** Takes the target's name, and loads the classes, for which no input shall be blamed. */
  public static void fuzzerInitialize(String[] arguments) throws Exception {
    target = Targets.of(arguments[0]).open();
    for (byte[] seed : target.seeds()) {
      Contract.holds(target, seed);
    }
  }

  /** Gives the target an input. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    Contract.holds(target, input);
  }
}
