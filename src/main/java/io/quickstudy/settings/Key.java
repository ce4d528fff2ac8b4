package io.quickstudy.settings;

import io.quickstudy.text.Names;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;

/**
 * One value of a configuration by name: its meaning, type, default and limits.
 *
 * @param name in kebab case
 * @param type of its values: int, long, double, String, List of Integer, or an enum
 * @param meaning in one line
 * @param setting what is said beside the component
 */
public record Key(String name, Class<?> type, String meaning, Setting setting) {
  private static final int LONGEST = 1000;
  private static final String EVAL = "eval-";

  /** The key of a record's component. */
  static Key of(RecordComponent c) {
    Setting s = c.getAnnotation(Setting.class);
    if (s == null) {
      throw new IllegalArgumentException(
          "Component '%s' of %s has no @Setting: expected its meaning; write it beside it."
              .formatted(c.getName(), c.getDeclaringRecord().getName()));
    }
    boolean known =
        List.of(int.class, long.class, double.class, String.class, List.class).contains(c.getType())
            || c.getType().isEnum();
    if (!known) {
      throw new IllegalArgumentException(
          ("Component '%s' of %s is of type %s: expected int, long, double, String, List of Integer"
                  + " or an enum; choose one of these.")
              .formatted(
                  c.getName(), c.getDeclaringRecord().getName(), c.getType().getSimpleName()));
    }
    return new Key(kebab(c.getName()), c.getType(), s.value(), s);
  }

  /** The key under which measuring has a value of its own. */
  public Key evaluated() {
    return new Key(EVAL + name, type, meaning + ", when it is measured", setting);
  }

  /** The same, where another has the name as well: what it means there comes behind. */
  public Key or(Key other) {
    List<String> theirs = other.choices();
    String choices =
        theirs.isEmpty() || theirs.equals(choices()) ? "" : " (" + String.join(", ", theirs) + ")";
    return new Key(name, type, meaning + "; or " + other.meaning + choices, setting);
  }

  /** The names of the values of an enum; empty for other types. */
  public List<String> choices() {
    return type.isEnum()
        ? Arrays.stream(type.getEnumConstants()).map(Values::format).toList()
        : List.of();
  }

  /** What stands for a value in a synopsis: N, X, NAME, or the choices. */
  public String placeholder() {
    if (!setting.placeholder().isEmpty()) {
      return setting.placeholder();
    }
    if (type.isEnum()) {
      return String.join("|", choices());
    }
    if (type == double.class) {
      return "X";
    }
    if (type == List.class) {
      return "N[,N]";
    }
    return type == String.class ? "NAME" : "N";
  }

  /**
   * The value of a text, within its limits.
   *
   * @throws ConfigException if the text is no such value
   */
  public Object parse(String given) {
    String text = given.trim();
    if (!Names.shown(text, LONGEST).equals(text)) {
      // no value is: messages show them, and config.yaml has to hold them
      throw new ConfigException(
          "Option --%s is '%s': expected at most %s characters in one line; change it."
              .formatted(name, Names.shown(text), LONGEST));
    }
    if (type.isEnum()) {
      for (Object e : type.getEnumConstants()) {
        if (Values.format(e).equalsIgnoreCase(text)) {
          return e;
        }
      }
      throw new ConfigException(Names.unknown(name, text, choices()));
    }
    try {
      if (type == int.class) {
        return limited(new BigDecimal(text).intValueExact());
      }
      if (type == long.class) {
        return limited(new BigDecimal(text).longValueExact());
      }
      if (type == double.class) {
        return limited(finite(new BigDecimal(text).doubleValue()));
      }
      if (type == List.class) {
        return Arrays.stream(text.split("[,\\s]+", 0))
            .filter(s -> !s.isEmpty())
            .map(s -> limited(new BigDecimal(s).intValueExact()))
            .toList();
      }
      return text;
    } catch (ArithmeticException | NumberFormatException e) {
      String expected =
          type == double.class
              ? "a number"
              : type == List.class ? "whole numbers with commas" : "a whole number";
      throw new ConfigException(
          "Option --%s is '%s': expected %s; change it.".formatted(name, text, expected), e);
    }
  }

  private static double finite(double value) {
    if (Double.isInfinite(value)) {
      throw new ArithmeticException("too large");
    }
    return value;
  }

  private <N extends Number> N limited(N value) {
    double v = value.doubleValue();
    if (v < setting.least()) {
      throw outside(value, "a number of at least " + Values.format(setting.least()));
    }
    if (!(v > setting.above())) {
      throw outside(value, "a number above " + Values.format(setting.above()));
    }
    if (v > setting.most()) {
      throw outside(value, "a number of at most " + Values.format(setting.most()));
    }
    if (!(v < setting.below())) {
      throw outside(value, "a number below " + Values.format(setting.below()));
    }
    return value;
  }

  private ConfigException outside(Number value, String expected) {
    return new ConfigException(
        "Option --%s is %s: expected %s; change it."
            .formatted(name, Values.format(value), expected));
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
  }
}
