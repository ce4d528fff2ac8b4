package io.quickstudy.cli;

import io.quickstudy.train.SystemInfo;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quickstudy info}. */
@Command(
    name = "info",
    description = "Shows devices, libraries and versions, and where the data is.",
    sortOptions = false)
final class InfoCommand implements Callable<Integer> {
  private final Console console;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  InfoCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Map<String, Object> info = SystemInfo.gather();
    if (json) {
      console.json(info);
    } else {
      print("", info);
    }
    return 0;
  }

  private void print(String indent, Map<?, ?> values) {
    int width = values.keySet().stream().mapToInt(k -> k.toString().length()).max().orElse(0);
    values.forEach(
        (k, v) -> {
          if (v instanceof Map<?, ?> m) {
            console.out().println(indent + k);
            print(indent + "  ", m);
          } else {
            String name = k.toString();
            console.out().println(indent + name + " ".repeat(width + 2 - name.length()) + v);
          }
        });
  }
}
