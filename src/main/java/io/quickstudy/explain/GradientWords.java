package io.quickstudy.explain;

import static io.quickstudy.text.Text.fixed;
import static io.quickstudy.text.Text.number;

import io.quickstudy.explain.GradientTerms.AtRate;
import io.quickstudy.explain.GradientTerms.Expansion;
import io.quickstudy.text.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@link GradientTerms} for people and for machines. */
public final class GradientWords {
  private GradientWords() {}

  /** The tasks: "16 tasks of 10 and 10 examples". */
  public static String tasks(GradientTerms t) {
    int each = t.spec().ways();
    return "%s, whose two mini-batches have %s and %s"
        .formatted(
            Text.count(t.spec().episodes(), "training task"),
            each * t.spec().shots(),
            Text.count((long) each * t.spec().queries(), "example"));
  }

  /** What was found, in sentences. */
  public static List<String> sentences(GradientTerms t) {
    List<String> s = new ArrayList<>();
    s.add(
        "A = E[g], the gradient of all tasks at once, has size %s; B = E[H\u2080g\u2081], by which a step on one mini-batch also helps the other, has size %s. Their cosine is %s."
            .formatted(number(t.a()), number(t.b()), fixed(t.cosine(), 3)));
    s.add(
        "At an inner rate \u03b1 of %s B weighs as much as A in MAML's direction, A \u2212 2\u03b1B."
            .formatted(number(t.scale())));
    t.own().ifPresent(o -> s.add(own(o)));
    String slopes =
        t.expansions().stream().map(e -> slope(e.slope())).collect(Collectors.joining(", "));
    s.add(
        "Roundings leave %s of a direction over; what is well above that grows with a slope of %s, where 2 is O(\u03b1\u00b2)."
            .formatted(number(t.rounding()), slopes));
    t.expansions().stream()
        .flatMapToDouble(e -> e.kink().stream())
        .min()
        .ifPresent(
            k ->
                s.add(
                    "From about \u03b1 = %s steps cross kinks of the network (ReLU, max-pooling), where gradients jump: what is left over is then more than O(\u03b1\u00b2)."
                        .formatted(number(k))));
    return s;
  }

  private static String own(AtRate o) {
    String left = number(o.misfit());
    return "At the learner's rate of %s, MAML's direction differs from A by %s of A's size (2\u03b1B is %s of it); its cosine is %s to A, %s to FOMAML's and %s to Reptile's direction. %s"
        .formatted(
            number(o.rate()),
            number(o.moved()),
            number(o.second()),
            fixed(o.cosineA(), 3),
            fixed(o.cosineFomaml(), 3),
            fixed(o.cosineReptile(), 3),
            o.misfit() <= GradientTerms.HOLDS
                ? "A and B explain it there, but for %s.".formatted(left)
                : "A and B no longer explain it there: they are off by %s.".formatted(left));
  }

  /** A slope: "2.00", or a dash. */
  public static String slope(double slope) {
    return Double.isFinite(slope) ? fixed(slope, 2) : "\u2013";
  }

  /** A rate up to which something holds: "0.0031", or "none". */
  public static String holds(double rate) {
    return Double.isFinite(rate) ? number(rate) : "none";
  }

  /** As a few lines. */
  public static List<String> text(GradientTerms t) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "  %s; %s parameters, %s, %s"
            .formatted(tasks(t), t.parameters(), t.device(), Text.duration(t.seconds())));
    lines.add("  method   direction  off by 10 % at rate  slope");
    for (Expansion e : t.expansions()) {
      lines.add(
          "  %s%s%s%s"
              .formatted(
                  padded(e.method().title(), 9),
                  padded(e.method().leading(), 11),
                  padded(holds(e.holds()), 21),
                  slope(e.slope())));
    }
    sentences(t).forEach(s -> lines.add("  " + s));
    return lines;
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }

  /** For {@code --json}. */
  public static Map<String, Object> json(GradientTerms t) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("ways", t.spec().ways());
    m.put("shots", t.spec().shots());
    m.put("queries", t.spec().queries());
    m.put("tasks", t.spec().episodes());
    m.put("parameters", t.parameters());
    m.put("device", t.device());
    m.put("a", t.a());
    m.put("b", t.b());
    m.put("cosine", finite(t.cosine()));
    m.put("scale", t.scale());
    m.put("rounding", t.rounding());
    m.put("rates", list(t.expansions().getFirst().rates()));
    Map<String, Object> methods = new LinkedHashMap<>();
    for (Expansion e : t.expansions()) {
      Map<String, Object> of = new LinkedHashMap<>();
      of.put("misfits", list(e.misfits()));
      of.put("slope", finite(e.slope()));
      of.put("holds", finite(e.holds()));
      of.put("kink", e.kink().isPresent() ? e.kink().getAsDouble() : null);
      methods.put(e.method().key(), of);
    }
    m.put("methods", methods);
    t.own()
        .ifPresent(
            o -> {
              Map<String, Object> at = new LinkedHashMap<>();
              at.put("rate", o.rate());
              at.put("second", finite(o.second()));
              at.put("moved", finite(o.moved()));
              at.put("misfit", finite(o.misfit()));
              at.put("cosine_a", finite(o.cosineA()));
              at.put("cosine_fomaml", finite(o.cosineFomaml()));
              at.put("cosine_reptile", finite(o.cosineReptile()));
              m.put("at_inner_rate", at);
            });
    m.put("seconds", t.seconds());
    return m;
  }

  private static Double finite(double v) {
    return Double.isFinite(v) ? v : null;
  }

  private static List<Double> list(double[] v) {
    return Arrays.stream(v).mapToObj(GradientWords::finite).toList();
  }
}
