package io.quickstudy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.quickstudy.data.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A configuration as YAML: a flat list of keys. */
public final class ConfigFile {
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
  private static final long MAX_BYTES = 1 << 20;

  private ConfigFile() {}

  /**
   * The values that a file gives, as texts; any of the keys may be absent.
   *
   * @throws ConfigException if the file cannot be read, is no flat list, or has an unknown key
   */
  public static Map<String, String> read(Path file) {
    JsonNode root;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigException(
            "File '%s' has %d bytes: expected a configuration of at most 1 MiB; name another."
                .formatted(file, Files.size(file)));
      }
      root = YAML.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "Configuration '%s' does not exist: expected a YAML file; check the path."
              .formatted(file),
          e);
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "Configuration '%s' is no YAML (%s): expected lines such as 'ways: 5'; correct it."
              .formatted(file, where(e)),
          e);
    } catch (IOException e) {
      throw new ConfigException(
          "Configuration '%s' cannot be read (%s): expected a YAML file; check the path."
              .formatted(file, Files.isDirectory(file) ? "it is a folder" : e.getMessage()),
          e);
    }
    if (root.isMissingNode() || root.isNull()) {
      return Map.of();
    }
    if (!root.isObject()) {
      throw new ConfigException(
          "Configuration '%s' is no list of keys: expected lines such as 'ways: 5'; correct it."
              .formatted(file));
    }
    Map<String, String> texts = new LinkedHashMap<>();
    root.properties().forEach(e -> texts.put(known(file, e.getKey()), text(file, e)));
    return texts;
  }

  private static String where(JsonProcessingException e) {
    String message = e.getOriginalMessage().lines().findFirst().orElse("");
    return e.getLocation() == null
        ? message
        : "line " + e.getLocation().getLineNr() + ": " + message;
  }

  private static String known(Path file, String key) {
    if (!ConfigKeys.names().contains(key)) {
      String hint =
          Names.nearest(key, ConfigKeys.names()).map(n -> "did you mean '" + n + "'?").orElse("");
      throw new ConfigException(
          "Configuration '%s' has the unknown key '%s'; %s".formatted(file, key, hint));
    }
    return key;
  }

  private static String text(Path file, Map.Entry<String, JsonNode> e) {
    JsonNode value = e.getValue();
    if (value.isNull()) {
      return "";
    }
    if (value.isArray()) {
      List<String> parts = new ArrayList<>();
      value.forEach(v -> parts.add(v.asText()));
      return String.join(",", parts);
    }
    if (!value.isValueNode()) {
      throw new ConfigException(
          "Configuration '%s' has a block under '%s': expected one value; correct it."
              .formatted(file, e.getKey()));
    }
    return value.asText();
  }

  /** The file that says everything about a run, under headings. */
  public static String write(RunConfig config) {
    StringBuilder s = new StringBuilder();
    s.append("# Everything about this run; quickstudy train --config FILE makes it again.\n");
    Map<String, Object> values = ConfigKeys.values(config);
    for (Meaning.Group group : Meaning.Group.values()) {
      s.append("\n# ").append(group.heading()).append('\n');
      for (ConfigKeys.Key k : ConfigKeys.all()) {
        if (k.group() == group) {
          s.append(k.name()).append(": ").append(yaml(values.get(k.name()))).append('\n');
        }
      }
    }
    return s.toString();
  }

  private static String yaml(Object value) {
    if (value instanceof List<?> l) {
      return l.toString();
    }
    if (!(value instanceof String s)) {
      return ConfigKeys.format(value);
    }
    if (s.matches("[A-Za-z/][A-Za-z0-9_./-]*")) {
      return s;
    }
    try {
      return new ObjectMapper().writeValueAsString(s); // a JSON string is YAML
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a string that JSON cannot hold: " + s, e);
    }
  }

  /** The bytes of {@link #write}. */
  static byte[] bytes(RunConfig config) {
    return write(config).getBytes(StandardCharsets.UTF_8);
  }
}
