package io.quickstudy.learners.inner;

import io.quickstudy.nn.Model;
import io.quickstudy.nn.Norm;
import io.quickstudy.transform.Params;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The parameters that inner steps change: all (MAML), the last layer (ANIL, Raghu et al. 2020), all
 * but it (BOIL, Oh et al. 2021), or those of some names. The others stay as the outer steps have
 * learned them.
 */
public final class Part {
  /** All parameters. */
  public static final String ALL = "all";

  /** Those of the model's last layer. */
  public static final String HEAD = "head";

  /** All but those of the model's last layer. */
  public static final String BODY = "body";

  private final String text;
  private final Predicate<String> names;

  private Part(String text, Predicate<String> names) {
    this.text = text;
    this.names = names;
  }

  /** All parameters. */
  public static Part all() {
    return new Part(ALL, n -> true);
  }

  /**
   * A part of a model's parameters.
   *
   * @param text {@code all}, {@code head}, {@code body}, or a regular expression that whole names
   *     match, such as {@code norm[34][.].*}
   * @throws IllegalArgumentException if it is none, or the model has no head
   */
  public static Part of(String text, Model f) {
    return switch (text) {
      case ALL -> all();
      case HEAD -> new Part(text, isHead(text, f));
      case BODY -> new Part(text, isHead(text, f).negate());
      default -> {
        try {
          yield new Part(text, Pattern.compile(text).asMatchPredicate());
        } catch (PatternSyntaxException e) {
          throw new IllegalArgumentException(
              "Option --adapts is '%s': expected all, head, body or a regular expression of names of parameters (%s); correct it."
                  .formatted(text, e.getDescription().toLowerCase(java.util.Locale.ROOT)),
              e);
        }
      }
    };
  }

  private static Predicate<String> isHead(String text, Model f) {
    String head =
        f.lastLayer()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Option --adapts is '%s': expected all or names of parameters, since this model does not say which layer is its last; give a regular expression of their names."
                            .formatted(text)));
    return n -> n.startsWith(head + ".");
  }

  /**
   * Those of theta that inner steps change, in order; never statistics, nor what is the inner
   * loop's own.
   *
   * @throws IllegalArgumentException if there are none
   */
  public Params of(Params theta) {
    Params all = theta.select(n -> !Norm.isBuffer(n) && !InnerLoop.isOwn(n));
    Params some = all.select(names);
    if (some.count() == 0) {
      Set<String> known = new TreeSet<>(all.names());
      throw new IllegalArgumentException(
          "Option --adapts is '%s': expected all, head, body or a pattern that matches some of %s; correct it."
              .formatted(text, known));
    }
    return some;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Part p && p.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
