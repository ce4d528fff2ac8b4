package io.quickstudy.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What arguments say before they are parsed, which takes the options of the learner and the model
 * that they name.
 */
final class RawOptions {
  private RawOptions() {}

  /** The options that have a value, by their names without dashes; of several the last. */
  static Map<String, String> of(List<String> args) {
    Map<String, String> m = new LinkedHashMap<>();
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      int is = arg.indexOf('=');
      if (!arg.startsWith("--")) {
        continue;
      }
      if (is > 0) {
        m.put(arg.substring(2, is), arg.substring(is + 1));
      } else if (i + 1 < args.size() && !args.get(i + 1).startsWith("--")) {
        m.put(arg.substring(2), args.get(++i));
      }
    }
    return m;
  }
}
