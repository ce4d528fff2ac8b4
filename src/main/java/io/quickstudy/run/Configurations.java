package io.quickstudy.run;

import io.quickstudy.text.Names;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The ready-made configurations, which a name is enough for. Each is a YAML file among the
 * resources beside this class: its first line says what it is, the rest are the values that differ
 * from {@link Recipes}. Names tell the data, the ways and shots that are measured, and the learner.
 */
public final class Configurations {
  private static final List<String> NAMES =
      List.of(
          "omniglot-5w1s-protonet",
          "omniglot-5w5s-protonet",
          "omniglot-20w1s-protonet",
          "omniglot-20w5s-protonet",
          "omniglot-5w1s-maml",
          "omniglot-5w5s-maml",
          "omniglot-20w1s-maml",
          "omniglot-20w5s-maml",
          "omniglot-5w1s-fomaml",
          "omniglot-5c50-lstm",
          "sinusoid-10s-maml",
          "sinusoid-5s-maml",
          "sinusoid-10s-fomaml",
          "glyphs-5w1s-protonet",
          "glyphs-20w1s-protonet",
          "glyphs-5w1s-maml",
          "glyphs-5w1s-fomaml",
          "glyphs-5c50-lstm");

  private Configurations() {}

  /** All names. */
  public static List<String> names() {
    return NAMES;
  }

  /** What a configuration is, in one line. */
  public static String about(String name) {
    return text(name).lines().findFirst().orElseThrow().replaceFirst("^# ", "");
  }

  /** The values that a ready-made configuration gives, as texts. */
  public static Map<String, String> values(String name) {
    return ConfigFile.parse(name, text(name).getBytes(StandardCharsets.UTF_8));
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
    if (NAMES.contains(nameOrFile)) {
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
                    : "did you mean '%s'?"
                        .formatted(Names.nearest(nameOrFile, NAMES).orElseThrow())));
  }

  private static String text(String name) {
    try (InputStream in = Configurations.class.getResourceAsStream(name + ".yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("a resource that cannot be read: " + name, e);
    }
  }
}
