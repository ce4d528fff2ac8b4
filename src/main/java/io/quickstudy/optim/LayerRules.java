package io.quickstudy.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Rates, momenta and L2 weights by layer (Koch, Zemel and Salakhutdinov 2015, section 3.2). A layer
 * is named as its parameters are up to a dot: "conv1" for "conv1.weight" and "conv1.bias".
 *
 * @param rates by layer, what the configured rate is times there
 * @param momenta by layer, the momentum at the end
 * @param decays by layer, lambda of an L2 penalty
 * @param decay lambda of all other layers
 * @param firstMomentum the momentum before the first step
 * @param momentumSteps after how many steps, along a line, it is what it is at the end; 0 for at
 *     once
 */
public record LayerRules(
    Map<String, Double> rates,
    Map<String, Double> momenta,
    Map<String, Double> decays,
    double decay,
    double firstMomentum,
    int momentumSteps) {
  /** What stands for no layers. */
  public static final String NONE = "none";

  /**
   * Numbers by layer.
   *
   * @param option the option's name, for messages
   * @param text "none", or "conv1=0.5,conv2=1"
   * @throws IllegalArgumentException if it is neither
   */
  public static Map<String, Double> parse(String option, String text) {
    Map<String, Double> m = new LinkedHashMap<>();
    if (text.equals(NONE)) {
      return m;
    }
    for (String part : text.split(",", -1)) {
      String[] two = part.split("=", -1);
      double value = two.length == 2 && !two[0].isBlank() ? number(two[1].trim()) : Double.NaN;
      if (!(value >= 0 && value < Double.POSITIVE_INFINITY)
          || m.put(two[0].trim(), value) != null) {
        throw new IllegalArgumentException(
            "Option --%s is '%s': expected none, or layers with a number of at least 0 each, such as conv1=0.5,conv2=1; change it."
                .formatted(option, text));
      }
    }
    return m;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /**
   * A rule with these in it.
   *
   * @throws IllegalArgumentException if there are momenta and it has none
   */
  public Optimiser of(Optimiser configured) {
    Set<String> layers = new LinkedHashSet<>(rates.keySet());
    layers.addAll(momenta.keySet());
    layers.addAll(decays.keySet());
    List<Optimiser.Groups.Group> groups = new ArrayList<>();
    for (String l : layers) {
      groups.add(new Optimiser.Groups.Group(Pattern.quote(l) + "(\\..*)?", rule(configured, l)));
    }
    Optimiser rest = rule(configured, "");
    return groups.isEmpty() ? rest : new Optimiser.Groups(groups, rest);
  }

  private Optimiser rule(Optimiser configured, String layer) {
    Optimiser rule = configured;
    if (momentumSteps > 0 || momenta.containsKey(layer)) {
      rule = withMomentum(configured, layer);
    }
    if (rates.containsKey(layer)) {
      rule = new Optimiser.Scaled(rule, rates.get(layer));
    }
    double lambda = decays.getOrDefault(layer, decay);
    return lambda > 0 ? new Optimiser.Regularised(rule, lambda) : rule;
  }

  private Optimiser withMomentum(Optimiser configured, String layer) {
    if (!(configured instanceof Optimiser.Sgd sgd)) {
      throw new IllegalArgumentException(
          "Momenta by layer or step with optimiser '%s': expected sgd, which has them; say --optimiser sgd or leave them out."
              .formatted(configured.getClass().getSimpleName()));
    }
    double last = momenta.getOrDefault(layer, sgd.last());
    if (last >= 1) {
      throw new IllegalArgumentException(
          "Momentum %s of layer '%s': expected 0 to below 1; change it.".formatted(last, layer));
    }
    return new Optimiser.Sgd(
        sgd.rate(),
        momentumSteps > 0
            ? new Schedule.Linear(firstMomentum, last, momentumSteps)
            : new Schedule.Constant(last));
  }
}
