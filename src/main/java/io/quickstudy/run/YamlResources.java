package io.quickstudy.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** YAML files among the resources, in a folder beside this class whose INDEX the build makes. */
final class YamlResources {
  private static final String END = ".yaml";

  private final String folder;
  private final List<String> names;

  YamlResources(String folder) {
    this.folder = folder;
    this.names =
        read("INDEX").lines().filter(n -> n.endsWith(END)).map(n -> n.replace(END, "")).toList();
  }

  /** The files' names without their ending, in order. */
  List<String> names() {
    return names;
  }

  boolean has(String name) {
    return names.contains(name);
  }

  String text(String name) {
    return read(name + END);
  }

  private String read(String file) {
    try (InputStream in = YamlResources.class.getResourceAsStream(folder + "/" + file)) {
      if (in == null) {
        throw new IllegalStateException(
            "resource '%s/%s' is missing: expected it beside %s; build again"
                .formatted(folder, file, YamlResources.class.getName()));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("a resource that cannot be read: " + folder + "/" + file, e);
    }
  }
}
