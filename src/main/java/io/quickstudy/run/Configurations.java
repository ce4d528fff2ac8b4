package io.quickstudy.run;

import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The ready-made configurations, which a name is enough for. Each is a YAML file among the
 * resources in {@code configurations}: its first line says what it is, a second one {@code # paper:
 * FIGURE} what the paper reaches by it, the rest are the values that differ from {@link Recipes}.
 * Names tell the data, the ways and shots that are measured, and the learner.
 */
public final class Configurations {
  private static final YamlResources SHELF = new YamlResources("configurations");
  private static final String PAPER = "# paper: ";

  private Configurations() {}

  /** All names. */
  public static List<String> names() {
    return SHELF.names();
  }

  /** What a configuration is, in one line. */
  public static String about(String name) {
    return SHELF.text(name).lines().findFirst().orElseThrow().replaceFirst("^# ", "");
  }

  /** The figure of the paper that a configuration is from; empty where it tells none. */
  public static String paper(String name) {
    return SHELF
        .text(name)
        .lines()
        .filter(l -> l.startsWith(PAPER))
        .map(l -> l.substring(PAPER.length()))
        .findFirst()
        .orElse("");
  }

  /** The values that a ready-made configuration gives, as texts. */
  public static Map<String, String> values(String name) {
    return ConfigFile.parse(name, SHELF.text(name));
  }

  /**
   * The values of what somebody named: a file, else one of these.
   *
   * @throws ConfigException if there is neither, or the file is no configuration
   */
  public static Map<String, String> find(String nameOrFile) {
    Path file = Path.of(nameOrFile);
    if (Files.exists(file)) {
      return ConfigFile.read(file);
    }
    if (SHELF.names().contains(nameOrFile)) {
      return values(nameOrFile);
    }
    boolean path = nameOrFile.matches(".*(/|\\\\|\\.ya?ml$).*");
    throw new ConfigException(
        ("Configuration '%s' does not exist: expected a YAML file or a name that 'quickstudy list' "
                + "shows; %s")
            .formatted(
                nameOrFile,
                path
                    ? "check the path."
                    : Names.hint("", nameOrFile, SHELF.names(), "check the name.")));
  }
}
