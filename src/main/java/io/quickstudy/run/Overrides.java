package io.quickstudy.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What may be changed about a run that exists. */
public final class Overrides {
  /**
   * Values that do not change what a step computes, but for rounding on another device or limit.
   */
  private static final Set<String> FREE =
      Set.of(
          "data-dir",
          "steps",
          "checkpoint-every",
          "log-every",
          "eval-every",
          "val-episodes",
          "eval-episodes",
          "eval-ways",
          "eval-shots",
          "eval-queries",
          "eval-inner-steps",
          "device",
          "workers",
          "memory-limit");

  private Overrides() {}

  /**
   * The configuration with which a run goes on.
   *
   * @param run its own
   * @param given texts by key
   * @throws ConfigException if one of these would make it another run
   */
  public static RunConfig resume(RunConfig run, Map<String, String> given) {
    Map<String, String> texts = ConfigKeys.texts(run);
    Map<String, String> changes = Recipes.normalise(given);
    Map<String, String> changed = new LinkedHashMap<>(texts);
    changed.putAll(changes);
    // as values, since 1e-3 and 0.001 are the same
    Map<String, String> after = ConfigKeys.texts(ConfigKeys.parse(changed));
    for (String key : changes.keySet()) {
      if (!FREE.contains(key) && !after.get(key).equals(texts.get(key))) {
        throw new ConfigException(
            ("Option --%s is %s: expected %s, with which the run began; leave it out, or "
                    + "start a new run in another --out.")
                .formatted(key, after.get(key), texts.get(key)));
      }
    }
    return ConfigKeys.parse(changed);
  }

  /**
   * The configuration by which a run is measured.
   *
   * @param run its own
   * @param given texts by key; data or split of another kind than the run's may be among them
   * @throws ConfigException if they do not fit the run
   */
  public static RunConfig measure(RunConfig run, Map<String, String> given) {
    Map<String, String> texts = ConfigKeys.texts(run);
    Map<String, String> changes = Recipes.normalise(given);
    String data = changes.getOrDefault("data", texts.get("data"));
    if (!data.equalsIgnoreCase(texts.get("data"))) {
      ConfigKeys.Key key =
          ConfigKeys.all().stream().filter(k -> k.name().equals("data")).findFirst().orElseThrow();
      DataName other = (DataName) ConfigKeys.parse(key, data);
      if (other.images() != run.data().images()) {
        throw new ConfigException(
            "Data '%s' for a run on '%s': expected %s; leave --data out."
                .formatted(other, run.data(), run.data().images() ? "images" : "sinusoid"));
      }
      texts.put("data-dir", "");
      texts.put("split", Recipes.split(run.learner(), other, changes));
    }
    texts.putAll(changes);
    return ConfigKeys.parse(texts);
  }
}
