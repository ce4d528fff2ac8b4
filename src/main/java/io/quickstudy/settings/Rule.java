package io.quickstudy.settings;

import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A default that follows from other values, as recipes write it:
 *
 * <ul>
 *   <li>{@code = shots}: the value of another key
 *   <li>{@code = 0.4 * ways}: so many times it
 *   <li>{@code = given ways else 5}: the value that somebody gave, else another
 * </ul>
 *
 * Any other text is a value as it stands.
 */
public final class Rule {
  private static final Pattern KEY = Pattern.compile("= *([a-z-]+)");
  private static final Pattern TIMES = Pattern.compile("= *([0-9.]+) *\\* *([a-z-]+)");
  private static final Pattern GIVEN = Pattern.compile("= *given +([a-z-]+) +else +(.+)");

  private Rule() {}

  /** Whether a text is a rule and no value. */
  public static boolean isRule(String text) {
    return text.startsWith("=");
  }

  /**
   * The value of a text.
   *
   * @param text a value or a rule
   * @param given what somebody gave, by key
   * @param value the value of a key, as a text
   * @throws IllegalArgumentException if it begins like a rule and is none
   */
  public static String apply(String text, Map<String, String> given, UnaryOperator<String> value) {
    if (!isRule(text)) {
      return text;
    }
    Matcher m = KEY.matcher(text);
    if (m.matches()) {
      return value.apply(m.group(1));
    }
    m = TIMES.matcher(text);
    if (m.matches()) {
      String of = value.apply(m.group(2));
      try {
        return Values.format(Double.parseDouble(m.group(1)) * Double.parseDouble(of));
      } catch (NumberFormatException e) {
        throw new ConfigException(
            "Option --%s is '%s': expected a number; change it.".formatted(m.group(2), of), e);
      }
    }
    m = GIVEN.matcher(text);
    if (m.matches()) {
      return given.getOrDefault(m.group(1), m.group(2));
    }
    throw new IllegalArgumentException(
        "Rule '%s' is none: expected '= KEY', '= NUMBER * KEY' or '= given KEY else VALUE'; correct it."
            .formatted(text));
  }
}
