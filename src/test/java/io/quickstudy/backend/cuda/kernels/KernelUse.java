package io.quickstudy.backend.cuda.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kernel takes of a GPU, as the assembler reports it.
 *
 * @param kernel its name, or that of a function that it calls
 * @param architecture such as "sm_90"
 * @param registers of each thread; 0 for a function, which the kernel's number covers
 * @param stored bytes of registers put into memory where there are too few, for each thread
 * @param loaded bytes of them fetched again
 * @param stack bytes of local memory for each thread
 * @param shared bytes of shared memory that are fixed, for each block
 */
record KernelUse(
    String kernel,
    String architecture,
    int registers,
    int stored,
    int loaded,
    int stack,
    int shared) {

  private static final Pattern FUNCTION =
      Pattern.compile(
          "Function properties for (\\w+)\\s+(?:ptxas\\s+\\.\\s+)?(\\d+) bytes stack frame,"
              + " (\\d+) bytes spill stores, (\\d+) bytes spill loads"
              + "(?:\\s*ptxas info\\s*:\\s*Used (\\d+) registers([^\\n]*))?");
  private static final Pattern MANGLED = Pattern.compile("_Z.*\\d([a-z]\\w*?)E[A-Z].*");
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  /** The report in a compiler's log, the option {@code --ptxas-options=--verbose} given. */
  static List<KernelUse> parse(String architecture, String log) {
    List<KernelUse> out = new ArrayList<>();
    Matcher m = FUNCTION.matcher(log);
    while (m.find()) {
      int registers = 0;
      int shared = 0;
      if (m.group(5) != null) {
        registers = Integer.parseInt(m.group(5));
        Matcher s = SHARED.matcher(m.group(6));
        shared = s.find() ? Integer.parseInt(s.group(1)) : 0;
      }
      out.add(
          new KernelUse(
              name(m.group(1)),
              architecture,
              registers,
              Integer.parseInt(m.group(3)),
              Integer.parseInt(m.group(4)),
              Integer.parseInt(m.group(2)),
              shared));
    }
    return out;
  }

  /** A function's own name, which C++ hides among its namespaces and types. */
  private static String name(String symbol) {
    Matcher m = MANGLED.matcher(symbol);
    return m.matches() ? m.group(1) : symbol;
  }

  /** All of it as one table with a title line. */
  static String table(List<KernelUse> all) {
    String format = "%-20s  %-12s  %9s  %6s  %6s  %5s  %6s%n";
    StringBuilder out =
        new StringBuilder(
            format.formatted(
                "kernel", "architecture", "registers", "stored", "loaded", "stack", "shared"));
    for (KernelUse u : all) {
      out.append(
          format.formatted(
              u.kernel,
              u.architecture,
              u.registers == 0 ? "" : u.registers,
              u.stored,
              u.loaded,
              u.stack,
              u.shared));
    }
    return out.toString();
  }
}
