package io.quickstudy.run;

import io.quickstudy.data.DataSource;
import io.quickstudy.graph.Shape;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.settings.Key;
import java.util.LinkedHashMap;
import java.util.List;
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
          "classpath",
          "steps",
          "minutes",
          "checkpoint-every",
          "log-every",
          "eval-every",
          "patience",
          "val-episodes",
          "eval-episodes",
          "eval-ways",
          "eval-shots",
          "eval-queries",
          "eval-unlabelled",
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
    Map<String, String> texts = RunKeys.texts(run);
    Map<String, String> changes = Recipes.normalise(given);
    Map<String, String> changed = new LinkedHashMap<>(texts);
    changed.putAll(changes);
    // as values, since 1e-3 and 0.001 are the same
    Map<String, String> after = RunKeys.texts(RunKeys.parse(changed));
    List<String> measured = RunKeys.evaluated(run.learner()).stream().map(Key::name).toList();
    for (String key : changes.keySet()) {
      if (!FREE.contains(key)
          && !measured.contains(key)
          && !after.get(key).equals(texts.get(key))) {
        throw new ConfigException(
            ("Option --%s is %s: expected %s, with which the run began; leave it out, or "
                    + "start a new run in another --out.")
                .formatted(key, after.get(key), texts.get(key)));
      }
    }
    return RunKeys.parse(changed);
  }

  /** Numbers of another length are nothing to a run; images are brought to its size. */
  private static void alike(RunConfig run, RunConfig now) {
    Shape before = run.data().example(run.request());
    Shape after = now.data().example(now.request());
    boolean numbers = before.rank() == 1 && after.rank() == 1;
    if (before.rank() != after.rank()
        || (numbers && !before.equals(after))
        || run.data().outputs() != now.data().outputs()) {
      throw new ConfigException(
          "Data '%s' has examples of %s and values of %s: expected %s and %s, as '%s' of the run; use such data."
              .formatted(
                  now.data().name(),
                  after,
                  now.data().outputs(),
                  before,
                  run.data().outputs(),
                  run.data().name()));
    }
  }

  /**
   * The configuration by which a run is measured.
   *
   * @param run its own
   * @param given texts by key; data or split of another kind than the run's may be among them
   * @throws ConfigException if they do not fit the run
   */
  public static RunConfig measure(RunConfig run, Map<String, String> given) {
    Map<String, String> texts = RunKeys.texts(run);
    Map<String, String> changes = Recipes.normalise(given);
    String data = changes.getOrDefault("data", texts.get("data"));
    if (!data.equalsIgnoreCase(texts.get("data"))) {
      NamedChoices choices = NamedChoices.on(run.classpath());
      DataSource other =
          RunKeys.in(
              choices.data(data),
              changes.getOrDefault("data-dir", ""),
              changes.getOrDefault(RunKeys.COLUMNS, ""));
      if (other.kind() != run.data().kind()) {
        throw new ConfigException(
            "Data '%s' for a run on '%s': expected %s; leave --data out."
                .formatted(
                    other.name(), run.data().name(), run.classifies() ? "images" : "functions"));
      }
      texts.put("data-dir", "");
      texts.put(RunKeys.COLUMNS, other.columns());
      texts.put("split", Recipes.split(run.learner(), other, changes, choices));
    }
    texts.putAll(changes);
    RunConfig c = RunKeys.parse(texts);
    alike(run, c);
    if (c.network().batchNorm().keepsStatistics()
        && c.network().batchNorm() != run.network().batchNorm()) {
      throw new ConfigException(
          "Option --batch-norm is %s: expected one of which no statistics are learned, since the run learned none with %s; choose transductive or support."
              .formatted(c.network().batchNorm(), run.network().batchNorm()));
    }
    return c;
  }
}
