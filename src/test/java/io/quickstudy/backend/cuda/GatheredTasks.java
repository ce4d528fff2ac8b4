package io.quickstudy.backend.cuda;

import io.quickstudy.backend.cuda.loops.LoopKernels;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The kernels that carry tasks of many programs, each compiled once. */
final class GatheredTasks {
  private static final int SOURCES = 8;
  private static final String INCLUDE = "#include \"task.cuh\"\n";

  private final Set<String> functions = new LinkedHashSet<>();
  private final Set<String> kernels = new LinkedHashSet<>();
  private EmulatedDriver driver;

  /** Takes those of a program; every function and kernel has a paragraph. */
  void add(LoopKernels generated) {
    for (String s : generated.sources()) {
      if (s.startsWith(INCLUDE)) {
        for (String text : s.substring(INCLUDE.length()).strip().split("\n\n")) {
          (text.startsWith("QS_KERNEL") ? kernels : functions).add(text.strip());
        }
      }
    }
  }

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

  private static String nameOf(String function) {
    return function.substring(function.indexOf("qs_task_"), function.indexOf('('));
  }

  void compile() {
    List<String> all = List.copyOf(kernels);
    List<String> sources = new ArrayList<>();
    int each = (all.size() - 1) / SOURCES + 1;
    for (int i = 0; i < all.size(); i += each) {
      String some = String.join("\n\n", all.subList(i, Math.min(all.size(), i + each)));
      StringBuilder s = new StringBuilder(INCLUDE);
      functions.stream()
          .filter(f -> some.contains(nameOf(f)))
          .forEach(f -> s.append(f).append('\n'));
      sources.add(s.append(some).toString());
    }
    driver = EmulatedDriver.holding(sources);
  }
}
