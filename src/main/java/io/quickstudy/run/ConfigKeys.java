package io.quickstudy.run;

import io.quickstudy.nn.ConvNet;
import io.quickstudy.text.Names;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The components of {@link RunConfig} as named keys: their texts, types and choices. */
public final class ConfigKeys {
  private static final int LONGEST = 1000;
  private static final Map<String, Key> KEYS = new LinkedHashMap<>();

  static {
    for (RecordComponent c : RunConfig.class.getRecordComponents()) {
      Meaning m = c.getAnnotation(Meaning.class);
      Key k = new Key(kebab(c.getName()), c.getType(), m.value(), m.group());
      KEYS.put(k.name(), k);
    }
  }

  private ConfigKeys() {}

  /**
   * One key.
   *
   * @param name in kebab case
   * @param type of its values: int, long, double, String, List of Integer, or an enum
   * @param meaning one line
   * @param group the heading it belongs to
   */
  public record Key(String name, Class<?> type, String meaning, Meaning.Group group) {
    /** The names of the values of an enum; empty for other types. */
    public List<String> choices() {
      return type.isEnum()
          ? Arrays.stream(type.getEnumConstants()).map(ConfigKeys::format).toList()
          : List.of();
    }

    /** What stands for a value in a synopsis: N, X, NAME, or the choices. */
    public String placeholder() {
      if (type.isEnum()) {
        return String.join("|", choices());
      }
      if (type == double.class) {
        return "X";
      }
      if (type == List.class) {
        return "N[,N]";
      }
      if (name.equals("memory-limit")) {
        return "SIZE";
      }
      if (name.startsWith("weights")) {
        return "FILE";
      }
      return type == String.class ? "NAME" : "N";
    }
  }

  /** All keys in the order of the record. */
  public static Collection<Key> all() {
    return KEYS.values();
  }

  /** All names in the order of the record. */
  public static List<String> names() {
    return List.copyOf(KEYS.keySet());
  }

  /**
   * Makes a configuration.
   *
   * @param texts a value for every key
   * @throws ConfigException for the first value that is not of its key's type, or does not fit
   */
  public static RunConfig parse(Map<String, String> texts) {
    List<Object> values = new ArrayList<>();
    for (Key k : KEYS.values()) {
      String text = texts.get(k.name());
      if (text == null) {
        throw new ConfigException(
            "Value '%s' is missing: expected one; add it.".formatted(k.name()));
      }
      values.add(parse(k, text.trim()));
    }
    Class<?>[] types = KEYS.values().stream().map(Key::type).toArray(Class<?>[]::new);
    try {
      return RunConfig.class.getDeclaredConstructor(types).newInstance(values.toArray());
    } catch (java.lang.reflect.InvocationTargetException e) {
      if (e.getCause() instanceof ConfigException c) {
        throw c;
      }
      throw new IllegalStateException("a configuration could not be made", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("RunConfig has no constructor of its components", e);
    }
  }

  /**
   * One value.
   *
   * @throws ConfigException if the text is no value of the key's type
   */
  static Object parse(Key k, String text) {
    if (!Names.shown(text, LONGEST).equals(text)) {
      // no value is: messages show them, and config.yaml has to hold them
      throw new ConfigException(
          "Option --%s is '%s': expected at most %d characters in one line; change it."
              .formatted(k.name(), Names.shown(text), LONGEST));
    }
    if (k.type().isEnum()) {
      for (Object e : k.type().getEnumConstants()) {
        if (format(e).equalsIgnoreCase(text)) {
          return e;
        }
      }
      throw new ConfigException(Names.unknown(k.name(), text, k.choices()));
    }
    try {
      if (k.type() == int.class) {
        return new BigDecimal(text).intValueExact();
      }
      if (k.type() == long.class) {
        return new BigDecimal(text).longValueExact();
      }
      if (k.type() == double.class) {
        return finite(new BigDecimal(text).doubleValue());
      }
      if (k.type() == List.class) {
        return Arrays.stream(text.split("[,\\s]+", 0))
            .filter(s -> !s.isEmpty())
            .map(s -> new BigDecimal(s).intValueExact())
            .toList();
      }
      return text;
    } catch (ArithmeticException | NumberFormatException e) {
      String expected =
          k.type() == double.class
              ? "a number"
              : k.type() == List.class ? "whole numbers with commas" : "a whole number";
      throw new ConfigException(
          "Option --%s is '%s': expected %s; %s.".formatted(k.name(), text, expected, "change it"),
          e);
    }
  }

  private static double finite(double value) {
    if (Double.isInfinite(value)) {
      throw new ArithmeticException("too large");
    }
    return value;
  }

  /** A configuration's values as texts, by key. */
  public static Map<String, String> texts(RunConfig config) {
    return values(config).entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, e -> format(e.getValue()), (a, b) -> b, LinkedHashMap::new));
  }

  /** A configuration's values by key. */
  static Map<String, Object> values(RunConfig config) {
    Map<String, Object> m = new LinkedHashMap<>();
    for (RecordComponent c : RunConfig.class.getRecordComponents()) {
      try {
        m.put(kebab(c.getName()), c.getAccessor().invoke(config));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("RunConfig's " + c.getName() + " cannot be read", e);
      }
    }
    return m;
  }

  /** A value as people type it. */
  public static String format(Object value) {
    return switch (value) {
      case ConvNet.Down d -> d == ConvNet.Down.MAX_POOL ? "pool" : text(d.name());
      case Enum<?> e -> text(e.name());
      case Double d ->
          Double.isFinite(d)
              ? BigDecimal.valueOf(d).stripTrailingZeros().toPlainString()
              : d.toString();
      case List<?> l -> l.stream().map(Object::toString).collect(Collectors.joining(","));
      default -> value.toString();
    };
  }

  /** An enum's constant in kebab case. */
  public static String text(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
