package io.quickstudy.run;

import io.quickstudy.backend.MemoryLimit;
import io.quickstudy.backend.Precision;
import io.quickstudy.data.Ink;
import io.quickstudy.data.Rotations;
import io.quickstudy.data.Split;
import io.quickstudy.nn.ConvNet;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.Meaning.Group;
import io.quickstudy.text.Names;
import java.util.List;

/**
 * Everything that makes a run what it is. Each component is an option of the command line and a key
 * of {@code config.yaml}, both under the component's name in kebab case ({@code innerRate} is
 * {@code --inner-rate} and {@code inner-rate:}); {@link ConfigKeys} does the naming, {@link
 * Recipes} knows the defaults.
 *
 * <p>Units: rates per step of a mean loss, sizes in pixels, everything else counts.
 */
public record RunConfig(
    @Meaning(group = Group.LEARNER, value = "the learner") LearnerName learner,
    @Meaning(group = Group.TASKS, value = "the data, with :DIR for where it is") DataName data,
    @Meaning(group = Group.TASKS, value = "folder of the data; empty to look in the usual places")
        String dataDir,
    @Meaning(
            group = Group.TASKS,
            value =
                "which classes train and test: vinyals, random, lake, heldout; for folders random,"
                    + " folders, files[:DIR], heldout; none for sinusoid")
        String split,
    @Meaning(
            group = Group.TASKS,
            value = "turn images by 90 degrees: as new classes, by class, by episode, or not")
        Rotations rotations,
    @Meaning(group = Group.TASKS, value = "random shift of images in training sequences, in pixels")
        int maxShift,
    @Meaning(group = Group.TASKS, value = "side of the images in pixels; 28, 20 and 84 are usual")
        int size,
    @Meaning(group = Group.TASKS, value = "1 for grey images, 3 for colours; folders have both")
        int channels,
    @Meaning(
            group = Group.TASKS,
            value = "what is drawn in a folder's images: dark, which inverts them, or bright")
        Ink ink,
    @Meaning(group = Group.TASKS, value = "classes of a task") int ways,
    @Meaning(
            group = Group.TASKS,
            value = "labelled examples of each class; of a sequence, appearances of each class")
        int shots,
    @Meaning(group = Group.TASKS, value = "examples of each class to predict; none in a sequence")
        int queries,
    @Meaning(group = Group.TASKS, value = "tasks of a step") int metaBatch,
    @Meaning(group = Group.LEARNER, value = "gradient steps on the support set") int innerSteps,
    @Meaning(group = Group.LEARNER, value = "their rate, for a loss that is a mean")
        double innerRate,
    @Meaning(group = Group.LEARNER, value = "the model") ModelName model,
    @Meaning(group = Group.LEARNER, value = "filters of each block of the conv model") int filters,
    @Meaning(group = Group.LEARNER, value = "blocks of the conv model") int blocks,
    @Meaning(group = Group.LEARNER, value = "how a block halves the image") ConvNet.Down down,
    @Meaning(group = Group.LEARNER, value = "how the last block becomes a vector")
        ConvNet.Head head,
    @Meaning(
            group = Group.LEARNER,
            value = "sizes of the mlp's hidden layers, or of the lstm's state")
        List<Integer> hidden,
    @Meaning(group = Group.LEARNER, value = "whose statistics normalise") Norm.Policy batchNorm,
    @Meaning(
            group = Group.LEARNER,
            value = "safetensors file with the parameters to start from; empty to draw them")
        String weights,
    @Meaning(
            group = Group.LEARNER,
            value =
                "YAML file that says which tensor of it is which parameter; empty to go by name")
        String weightsMap,
    @Meaning(group = Group.OPTIMISER, value = "the rule that moves the parameters")
        OptimiserName optimiser,
    @Meaning(group = Group.OPTIMISER, value = "learning rate at the start") double rate,
    @Meaning(group = Group.OPTIMISER, value = "how the rate changes") ScheduleName schedule,
    @Meaning(group = Group.OPTIMISER, value = "step schedule: what the rate is multiplied by")
        double rateFactor,
    @Meaning(group = Group.OPTIMISER, value = "step schedule: after so many steps each time")
        int rateEvery,
    @Meaning(group = Group.OPTIMISER, value = "cosine schedule: the rate at the end")
        double rateLast,
    @Meaning(group = Group.OPTIMISER, value = "momentum of sgd and rmsprop") double momentum,
    @Meaning(group = Group.OPTIMISER, value = "largest norm of the whole gradient, 0 for any")
        double clipNorm,
    @Meaning(group = Group.OPTIMISER, value = "largest size of each gradient number, 0 for any")
        double clipValue,
    @Meaning(group = Group.RUN, value = "meta-steps to train") int steps,
    @Meaning(group = Group.RUN, value = "write a checkpoint after so many steps")
        int checkpointEvery,
    @Meaning(group = Group.RUN, value = "write a line of metrics after so many steps") int logEvery,
    @Meaning(
            group = Group.EVALUATION,
            value = "measure on validation classes after so many steps, 0 for never")
        int evalEvery,
    @Meaning(group = Group.EVALUATION, value = "tasks of such a measurement") int valEpisodes,
    @Meaning(
            group = Group.EVALUATION,
            value = "tasks of the measurement on test classes at the end")
        int evalEpisodes,
    @Meaning(group = Group.EVALUATION, value = "classes of a task that is measured") int evalWays,
    @Meaning(group = Group.EVALUATION, value = "labelled examples of each class there")
        int evalShots,
    @Meaning(group = Group.EVALUATION, value = "examples of each class to predict there")
        int evalQueries,
    @Meaning(group = Group.EVALUATION, value = "gradient steps on the support set there")
        int evalInnerSteps,
    @Meaning(group = Group.RUN, value = "where to compute: auto, cpu") String device,
    @Meaning(
            group = Group.RUN,
            value = "how convolutions and products take their operands; tf32 needs a CUDA device")
        Precision precision,
    @Meaning(group = Group.RUN, value = "threads; any number gives the same result") int workers,
    @Meaning(
            group = Group.RUN,
            value =
                "most memory of the training program, and of that which measures, such as 4G (GiB);"
                    + " none for what there is")
        String memoryLimit,
    @Meaning(group = Group.RUN, value = "seed of the parameters, tasks and random split")
        long seed) {

  /**
   * Checks every value and that they fit together.
   *
   * @throws ConfigException for the first that does not
   */
  public RunConfig {
    hidden = List.copyOf(hidden);
    atLeast(1, "ways", ways);
    atLeast(1, "shots", shots);
    atLeast(1, "meta-batch", metaBatch);
    atLeast(1, "workers", workers);
    atLeast(1, "eval-ways", evalWays);
    atLeast(1, "eval-shots", evalShots);
    atLeast(1, "eval-episodes", evalEpisodes);
    atLeast(1, "val-episodes", valEpisodes);
    atLeast(1, "checkpoint-every", checkpointEvery);
    atLeast(1, "log-every", logEvery);
    atLeast(0, "eval-every", evalEvery);
    atLeast(0, "steps", steps);
    atLeast(0, "max-shift", maxShift);
    atLeast(0, "momentum", momentum);
    atLeast(0, "clip-norm", clipNorm);
    atLeast(0, "clip-value", clipValue);
    atLeast(0, "rate-last", rateLast);
    above0("rate", rate);
    if (steps > 1 << 24) {
      // the step counter is an F32, exact up to here
      throw wrong("steps", steps, "at most 16777216", "train in several runs");
    }
    if (!device.matches("auto|cpu|cuda(:[0-9]+)?")) {
      throw new ConfigException(Names.unknown("device", device, List.of("auto", "cpu", "cuda")));
    }
    if (precision == Precision.TF32 && !device.startsWith("cuda")) {
      throw wrong(
          "precision",
          "tf32",
          "fp32 on device '" + device + "'",
          "say --device cuda, which has it");
    }
    if (momentum >= 1) {
      throw wrong("momentum", momentum, "a number below 1", "0.9 is usual");
    }
    if (clipNorm > 0 && clipValue > 0) {
      throw wrong(
          "clip-norm", clipNorm, "0 where clip-value is " + clipValue, "choose one of both");
    }
    if (schedule == ScheduleName.STEP) {
      atLeast(1, "rate-every", rateEvery);
      above0("rate-factor", rateFactor);
    }
    try {
      MemoryLimit.of(memoryLimit);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
    if (weights.isEmpty() && !weightsMap.isEmpty()) {
      throw wrong("weights-map", weightsMap, "none without weights", "say --weights FILE as well");
    }
    checkLearner(learner, data, innerSteps, innerRate, evalInnerSteps, queries, evalQueries);
    checkData(data, split, size, rotations, maxShift, ways, evalWays, learner);
    FolderKeys.check(data, dataDir, split, channels);
    checkModel(learner, data, model, filters, blocks, hidden, batchNorm);
    if (learner != LearnerName.PROTONET && ways != evalWays) {
      throw wrong(
          "eval-ways",
          evalWays,
          "the " + ways + " ways of training",
          "learner '" + learner + "' has one output for each class");
    }
  }

  /** The most memory that a program may take. */
  public MemoryLimit memory() {
    return MemoryLimit.of(memoryLimit);
  }

  private static void checkData(
      DataName data,
      String split,
      int size,
      Rotations rotations,
      int maxShift,
      int ways,
      int evalWays,
      LearnerName learner) {
    if (data.images()) {
      atLeast(8, "size", size);
      try {
        if (data != DataName.FOLDER) {
          Split.Rule.of(split);
        }
      } catch (IllegalArgumentException e) {
        throw new ConfigException(e.getMessage(), e);
      }
      if (maxShift > 0 && !learner.sequential()) {
        throw wrong(
            "max-shift", maxShift, "0 for learner '" + learner + "'", "only sequences are shifted");
      }
      return;
    }
    if (!split.equals("none")) {
      throw wrong("split", split, "none for '" + data + "'", "its tasks are drawn from one range");
    }
    if (rotations != Rotations.NONE) {
      throw wrong(
          "rotations", ConfigKeys.format(rotations), "none for '" + data + "'", "leave it out");
    }
    if (ways != 1 || evalWays != 1) {
      throw wrong(
          "ways", Math.max(ways, evalWays), "1 for '" + data + "'", "shots says how many points");
    }
  }

  private static void checkLearner(
      LearnerName learner,
      DataName data,
      int innerSteps,
      double innerRate,
      int evalInnerSteps,
      int queries,
      int evalQueries) {
    if (!data.images() && !learner.adapts()) {
      throw new ConfigException(
          "Learner '%s' with data '%s': expected a learner that regresses; use maml or fomaml."
              .formatted(learner, data));
    }
    if (learner.adapts()) {
      atLeast(0, "inner-steps", innerSteps);
      atLeast(0, "eval-inner-steps", evalInnerSteps);
      above0("inner-rate", innerRate);
    } else if (innerSteps != 0 || innerRate != 0 || evalInnerSteps != 0) {
      String key =
          innerSteps != 0 ? "inner-steps" : innerRate != 0 ? "inner-rate" : "eval-inner-steps";
      throw new ConfigException(
          ("Option --%s with learner '%s', which does not adapt by gradient steps: expected "
                  + "none; leave it out or use maml.")
              .formatted(key, learner));
    }
    if (learner.sequential()) {
      if (queries != 0 || evalQueries != 0) {
        throw wrong(
            "queries",
            Math.max(queries, evalQueries),
            "0 for learner '" + learner + "'",
            "every image of its sequences is predicted; --shots says how often a class appears");
      }
    } else {
      atLeast(1, "queries", queries);
      atLeast(1, "eval-queries", evalQueries);
    }
  }

  private static void checkModel(
      LearnerName learner,
      DataName data,
      ModelName model,
      int filters,
      int blocks,
      List<Integer> hidden,
      Norm.Policy batchNorm) {
    if (learner.sequential() != (model == ModelName.LSTM)) {
      throw wrong(
          "model",
          model,
          learner.sequential() ? "lstm for learner 'lstm'" : "conv or mlp",
          "leave it out for the default");
    }
    if (model == ModelName.CONV && !data.images()) {
      throw wrong("model", model, "mlp for '" + data + "'", "leave it out for the default");
    }
    if (model == ModelName.CONV) {
      atLeast(1, "filters", filters);
      atLeast(1, "blocks", blocks);
      boolean impossible = learner.adapts() && batchNorm == Norm.Policy.RUNNING;
      if (batchNorm == Norm.Policy.NONE || impossible) {
        throw wrong(
            "batch-norm",
            batchNorm,
            learner.adapts() ? "transductive or support" : "transductive, support or running",
            impossible
                ? "the inner steps of '" + learner + "' move the statistics"
                : "the conv model has batch norm");
      }
      return;
    }
    if (batchNorm != Norm.Policy.NONE) {
      throw wrong(
          "batch-norm", batchNorm, "none for model '" + model + "'", "it has no batch norm");
    }
    if (hidden.isEmpty() || hidden.stream().anyMatch(n -> n < 1)) {
      throw wrong("hidden", ConfigKeys.format(hidden), "sizes of at least 1", "40,40 for example");
    }
    if (model == ModelName.LSTM && hidden.size() != 1) {
      throw wrong("hidden", ConfigKeys.format(hidden), "one size for the lstm", "200 for example");
    }
  }

  private static void atLeast(double least, String key, double value) {
    if (!(value >= least) || Double.isInfinite(value)) {
      String bound = ConfigKeys.format(least);
      throw wrong(key, ConfigKeys.format(value), "a number of at least " + bound, "change it");
    }
  }

  private static void above0(String key, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw wrong(key, ConfigKeys.format(value), "a number above 0", "change it");
    }
  }

  private static ConfigException wrong(String key, Object value, String expected, String repair) {
    return new ConfigException(
        "Option --%s is %s: expected %s; %s.".formatted(key, value, expected, repair));
  }
}
