package io.quickstudy.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What one value of a configuration means, beside the record component that holds it. The
 * component's name in kebab case is the key: {@code innerRate} is {@code --inner-rate} on the
 * command line and {@code inner-rate:} in a YAML file. Its type is int, long, double, String, List
 * of Integer, or an enum.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /** What {@link #before} is where runs without the key cannot exist. */
  String NEVER_MISSING = "\0";

  /** The meaning in one line, in the words of {@code --help}. */
  String value();

  /**
   * The default where no recipe says another: a text as people type it, or a rule as {@link Rule}
   * reads it.
   */
  String usual() default "";

  /** What a run meant whose configuration was written before there was this key. */
  String before() default NEVER_MISSING;

  /** The least that a number may be. */
  double least() default Double.NEGATIVE_INFINITY;

  /** What a number has to be above. */
  double above() default Double.NEGATIVE_INFINITY;

  /** The most that a number may be. */
  double most() default Double.POSITIVE_INFINITY;

  /** What a number has to be below. */
  double below() default Double.POSITIVE_INFINITY;

  /** What stands for a value in a synopsis, where the type does not say enough: SIZE, FILE. */
  String placeholder() default "";

  /**
   * Whether measuring has a value of its own, under the key with "eval-" before it. For options of
   * a learner.
   */
  boolean evaluated() default false;
}
