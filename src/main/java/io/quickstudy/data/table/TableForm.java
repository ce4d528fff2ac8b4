package io.quickstudy.data.table;

import io.quickstudy.data.DataSource.Kind;
import io.quickstudy.text.Names;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a table holds, as far as a learner has to know.
 *
 * @param kind curves to regress, or classes to tell apart
 * @param inputs the numbers of a point's input, or of a vector
 * @param outputs the numbers of a point's value; 1 of classes
 */
public record TableForm(Kind kind, int inputs, int outputs) {
  private static final Pattern CURVES =
      Pattern.compile("regression ([1-9]\\d{0,6}) ([1-9]\\d{0,6})");
  private static final Pattern CLASSES = Pattern.compile("classes ([1-9]\\d{0,6})");

  /**
   * The form of a text.
   *
   * @param text "regression INPUTS VALUES" or "classes NUMBERS", as {@link #text} writes it
   * @throws IllegalArgumentException if it is none
   */
  public static TableForm of(String text) {
    Matcher curves = CURVES.matcher(text);
    if (curves.matches()) {
      return new TableForm(
          Kind.CURVES, Integer.parseInt(curves.group(1)), Integer.parseInt(curves.group(2)));
    }
    Matcher classes = CLASSES.matcher(text);
    if (classes.matches()) {
      return new TableForm(Kind.CLASSES, Integer.parseInt(classes.group(1)), 1);
    }
    throw new IllegalArgumentException(
        "Option --columns is '%s': expected 'regression INPUTS VALUES' or 'classes NUMBERS'; leave it out to have the table say."
            .formatted(Names.shown(text)));
  }

  /** As a run keeps it. */
  public String text() {
    return kind == Kind.CURVES
        ? "regression %s %s".formatted(inputs, outputs)
        : "classes " + inputs;
  }
}
