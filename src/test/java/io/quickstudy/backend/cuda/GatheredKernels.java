package io.quickstudy.backend.cuda;

import io.quickstudy.backend.cuda.loops.LoopKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The generated kernels of many programs, each compiled once. */
final class GatheredKernels {
  private static final int SOURCES = 8;

  private final Set<String> functions = new LinkedHashSet<>();
  private final Set<String> kernels = new LinkedHashSet<>();
  private EmulatedDriver driver;

  /** Takes those of a program; every function and kernel of a source has a paragraph. */
  void add(LoopKernels generated) {
    for (String s : generated.sources()) {
      for (String text : s.split("\n\n")) {
        (text.startsWith("QS_KERNEL") ? kernels : functions).add(text.strip());
      }
    }
  }

  /** How many there are. */
  int count() {
    return kernels.size();
  }

  /** Whether some text is in any of their functions. */
  boolean have(String text) {
    return functions.stream().anyMatch(f -> f.contains(text));
  }

  boolean compiled() {
    return driver != null;
  }

  /** The emulator with all of them. */
  EmulatedDriver driver() {
    return driver;
  }

  void compile() {
    List<String> all = List.copyOf(kernels);
    List<String> sources = new ArrayList<>();
    int each = (all.size() - 1) / SOURCES + 1;
    for (int i = 0; i < all.size(); i += each) {
      String some = String.join("\n\n", all.subList(i, Math.min(all.size(), i + each)));
      Set<String> called = new LinkedHashSet<>(Arrays.asList(some.split("[^a-z0-9_]+")));
      StringBuilder s = new StringBuilder();
      for (String f : functions) {
        if (f.startsWith("#include") || called.contains(LoopKernels.nameOf(f))) {
          s.append(f).append("\n\n");
        }
      }
      sources.add(s.append(some).toString());
    }
    driver = EmulatedDriver.holding(sources);
  }
}
