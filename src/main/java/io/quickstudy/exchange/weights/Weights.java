package io.quickstudy.exchange.weights;

import io.quickstudy.graph.Shape;
import io.quickstudy.nn.Frozen;
import io.quickstudy.nn.Norm;
import io.quickstudy.run.Checkpoint;
import io.quickstudy.run.Components;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunException;
import io.quickstudy.run.Safetensors;
import io.quickstudy.run.TensorFile;
import io.quickstudy.runtime.Array;
import io.quickstudy.settings.ConfigException;
import io.quickstudy.text.Names;
import io.quickstudy.text.Text;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Parameters from a file of another program, or of another run, and back into such a file. */
public final class Weights {
  /** How tensors are named and laid out in a file that is written. */
  public enum Layout {
    /** As modules of PyTorch name and lay out theirs. */
    PYTORCH,
    /** As in a run's checkpoints. */
    QUICKSTUDY
  }

  private static final String PYTORCH_FORMAT = "pt";
  private static final int LONGEST_NAME = 200;

  private final RunConfig config;
  private final Map<String, Shape> flattened;
  private final TensorFile file;
  private final Layout layout;

  private Weights(RunConfig config, TensorFile file) {
    this.config = config;
    this.flattened = Components.flattened(config);
    this.file = file;
    boolean own = file.metadata("format").equals(Safetensors.FORMAT);
    this.layout = own ? Layout.QUICKSTUDY : Layout.PYTORCH;
  }

  /**
   * Checks that the files a configuration starts from are there and whole, before anything takes
   * time.
   *
   * @throws ConfigException if one is not there
   * @throws RunException if one is damaged
   */
  public static void check(RunConfig config) {
    if (!config.network().weights().isEmpty()) {
      open(config).close();
      if (!config.network().weightsMap().isEmpty()) {
        NameMap.read(Path.of(config.network().weightsMap()));
      }
    }
  }

  private static TensorFile open(RunConfig config) {
    Path path = Path.of(config.network().weights());
    if (!Files.isRegularFile(path)) {
      throw new ConfigException(
          "Weights '%s' %s: expected a .safetensors file; check the path."
              .formatted(path, Files.exists(path) ? "are no file" : "do not exist"));
    }
    return TensorFile.open(path);
  }

  /**
   * The state before the first step, with the weights that the configuration names in it.
   *
   * @param drawn the state with parameters as they are drawn
   * @param listener told in a few lines what was taken and what was not
   * @throws ConfigException if the names or shapes do not fit
   * @throws RunException if the file is damaged
   */
  public static Map<String, Array> start(
      RunConfig config, Map<String, Array> drawn, Consumer<String> listener) {
    if (config.network().weights().isEmpty()) {
      return drawn;
    }
    try (TensorFile file = open(config)) {
      Map<String, Array> theta = new Checkpoint(0, 0, drawn).theta();
      Map<String, Array> state = new LinkedHashMap<>(drawn);
      new Weights(config, file)
          .read(theta, listener)
          .forEach(
              (n, a) -> {
                state.put(Checkpoint.THETA + n, a);
                state.computeIfPresent(Checkpoint.AVERAGE + n, (name, drawnOne) -> a);
              });
      return state;
    }
  }

  /**
   * Parameters as a file for others.
   *
   * @param map a file of names, or empty for the usual ones
   */
  public static byte[] write(
      RunConfig config, Map<String, Array> theta, Layout layout, Optional<Path> map) {
    if (layout == Layout.QUICKSTUDY) {
      return Safetensors.write(theta);
    }
    Map<String, List<String>> names =
        map.map(p -> NameMap.read(p).of(theta.keySet())).orElseGet(() -> usual("", theta, layout));
    Map<String, Shape> flattened = Components.flattened(config);
    Map<String, Array> tensors = new LinkedHashMap<>();
    theta.forEach(
        (ours, a) -> {
          TorchLayout turned = TorchLayout.of(flattened, ours, a.shape());
          Shape shape =
              Shape.of(turned.shape(a.shape()).stream().mapToInt(Math::toIntExact).toArray());
          float[] numbers = turned.theirs(a.data(), a.shape());
          for (String theirs : names.get(ours)) {
            tensors.put(theirs, new Array(shape, numbers));
            numbers = new float[numbers.length]; // of several that are added up, the first is all
          }
        });
    return Safetensors.write(tensors, PYTORCH_FORMAT);
  }

  /** What to know about a model whose weights go to or come from PyTorch; often nothing. */
  public static Optional<String> advice(RunConfig c) {
    return Components.noteOnWeights(c).map(note -> "note: " + note);
  }

  /** What tensors are usually called that are ours, behind a prefix. */
  private static Map<String, List<String>> usual(
      String prefix, Map<String, Array> theta, Layout layout) {
    Map<String, List<String>> names = new LinkedHashMap<>();
    for (String ours : theta.keySet()) {
      List<String> theirs =
          switch (layout == Layout.PYTORCH ? ours : "") {
            case "lstm.weight_ih", "lstm.weight_hh" -> List.of(ours + "_l0");
            case "lstm.bias" -> List.of("lstm.bias_ih_l0", "lstm.bias_hh_l0");
            default -> List.of(ours);
          };
      names.put(ours, theirs.stream().map(n -> prefix + n).toList());
    }
    return names;
  }

  private Map<String, Array> read(Map<String, Array> theta, Consumer<String> listener) {
    Map<String, List<String>> names =
        config.network().weightsMap().isEmpty()
            ? guessed(theta)
            : present(NameMap.read(Path.of(config.network().weightsMap())).of(theta.keySet()));
    Map<String, Array> taken = new LinkedHashMap<>();
    Set<String> used = new LinkedHashSet<>();
    names.forEach(
        (ours, theirs) -> {
          if (!theirs.isEmpty()) {
            taken.put(ours, read(ours, theta.get(ours).shape(), theirs));
            used.addAll(theirs);
          }
        });
    listener.accept(
        "starting from %s of '%s' in the layouts of %s"
            .formatted(
                Text.count(used.size(), "tensor"),
                file.name(),
                layout == Layout.PYTORCH ? "PyTorch" : "a run"));
    if (layout == Layout.PYTORCH) {
      shiftByBiases(names, taken, used, listener);
      advice(config).ifPresent(listener);
    }
    tell(theta, names, used, listener);
    return taken;
  }

  /** One parameter: the sum of tensors, turned. */
  private Array read(String ours, Shape shape, List<String> theirs) {
    TorchLayout turned =
        layout == Layout.PYTORCH ? TorchLayout.of(flattened, ours, shape) : new TorchLayout.Same();
    List<Long> expected = turned.shape(shape);
    float[] sum = new float[shape.size()];
    for (String name : theirs) {
      List<Long> found = file.shape(name);
      if (!found.equals(expected)) {
        throw misshapen(ours, shape, name, turned);
      }
      float[] numbers = turned.ours(numbers(name), shape);
      for (int i = 0; i < sum.length; i++) {
        sum[i] = theirs.size() == 1 ? numbers[i] : sum[i] + numbers[i];
      }
    }
    return new Array(shape, sum);
  }

  private ConfigException misshapen(String ours, Shape shape, String name, TorchLayout turned) {
    List<Long> found = file.shape(name);
    List<Long> expected = turned.shape(shape);
    boolean unturned = found.equals(new TorchLayout.Same().shape(shape));
    boolean permuted = found.stream().sorted().toList().equals(expected.stream().sorted().toList());
    String repair =
        unturned || permuted
            ? "its axes are in another order: save it as PyTorch lays it out"
            : "it is of another architecture: make %s--channels, --size and --ways agree with it"
                .formatted(
                    config.model().stream()
                        .flatMap(m -> m.keys().stream())
                        .map(k -> "--" + k.name() + ", ")
                        .collect(Collectors.joining()));
    return new ConfigException(
        "Tensor '%s' of '%s' has shape %s: expected %s (%s) for '%s', which is %s here; %s."
            .formatted(
                Names.shown(name),
                file.name(),
                found,
                expected,
                turned.axes(),
                ours,
                shape,
                repair));
  }

  /** The names of a map, all of which have to be in the file. */
  private Map<String, List<String>> present(Map<String, List<String>> names) {
    Set<String> absent = new LinkedHashSet<>();
    names.values().forEach(theirs -> absent.addAll(theirs));
    absent.removeAll(file.names());
    if (!absent.isEmpty()) {
      throw new ConfigException(
          "Weights '%s' have no tensor %s, which map '%s' names: expected some of %s%s; correct the map."
              .formatted(
                  file.name(),
                  Some.of(absent),
                  config.network().weightsMap(),
                  Some.of(shown()),
                  nearest(absent.iterator().next())));
    }
    return names;
  }

  /** The tensors that somebody may want, with names that a message can hold. */
  private List<String> shown() {
    return file.names().stream().filter(n -> n.length() < LONGEST_NAME && !isNoWeight(n)).toList();
  }

  private String nearest(String name) {
    return Names.nearest(name, shown())
        .map(n -> " (the nearest is '" + Names.shown(n) + "')")
        .orElse("");
  }

  /** The names without a map: ours, or PyTorch's usual ones, perhaps behind a common prefix. */
  private Map<String, List<String>> guessed(Map<String, Array> theta) {
    String first = usual("", theta, layout).values().iterator().next().get(0);
    List<String> whole = new ArrayList<>();
    Map<String, List<String>> best = usual("", theta, layout);
    List<String> missing = missing(best);
    for (String name : file.names()) {
      String prefix = name.substring(0, Math.max(0, name.length() - first.length()));
      if (!name.endsWith(first) || !(prefix.isEmpty() || prefix.endsWith("."))) {
        continue;
      }
      Map<String, List<String>> names = usual(prefix, theta, layout);
      List<String> lacks = missing(names);
      if (lacks.isEmpty()) {
        whole.add(prefix);
      }
      if (lacks.size() < missing.size() || prefix.isEmpty()) {
        best = names;
        missing = lacks;
      }
    }
    if (whole.size() > 1 && !whole.contains("")) {
      throw new ConfigException(
          "Weights '%s' have all parameters under %s: expected them once; say which in a --weights-map FILE."
              .formatted(file.name(), Some.of(whole)));
    }
    if (!missing.isEmpty()) {
      Optional<Map<String, List<String>>> backbone = backbone(theta);
      if (backbone.isPresent()) {
        return backbone.get();
      }
      String ours = theta.keySet().iterator().next();
      Shape shape = theta.get(ours).shape();
      List<Long> expected = TorchLayout.of(flattened, ours, shape).shape(shape);
      List<String> like = shown().stream().filter(n -> file.shape(n).equals(expected)).toList();
      throw new ConfigException(
          "Weights '%s' have no tensor %s: there are %s; name them in a --weights-map FILE with lines such as '%s: %s'."
              .formatted(
                  file.name(),
                  Some.of(missing),
                  shown().isEmpty() ? "none" : Some.of(shown()),
                  ours,
                  like.isEmpty() ? "NAME" : Names.shown(like.get(0))));
    }
    return best;
  }

  /**
   * The names where the file holds the model's features alone, as published backbones are: what the
   * learner has beside them stays as it is drawn. Nothing if the features are not all there, or if
   * the file has a matrix that could be what is missing, under another name.
   */
  private Optional<Map<String, List<String>>> backbone(Map<String, Array> theta) {
    Map<String, String> features = Components.features(config, theta.keySet());
    Map<String, List<String>> names = new LinkedHashMap<>();
    features.forEach((ours, theirs) -> names.put(ours, List.of(theirs)));
    if (names.isEmpty() || !missing(names).isEmpty()) {
      return Optional.empty();
    }
    Set<String> used = new LinkedHashSet<>();
    names.values().forEach(used::addAll);
    for (String n : theta.keySet()) {
      Shape shape = theta.get(n).shape();
      if (names.putIfAbsent(n, List.of()) == null && shape.rank() > 1) {
        List<Long> expected = TorchLayout.of(flattened, n, shape).shape(shape);
        if (file.names().stream()
            .anyMatch(t -> !used.contains(t) && file.shape(t).equals(expected))) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(names);
  }

  private List<String> missing(Map<String, List<String>> names) {
    return names.values().stream()
        .flatMap(List::stream)
        .filter(n -> !file.names().contains(n))
        .toList();
  }

  /**
   * Convolutions here have no bias, since the normalisation behind them removes it. With running
   * statistics the mean has to know of it: (x + b) - mean = x - (mean - b).
   */
  private void shiftByBiases(
      Map<String, List<String>> names,
      Map<String, Array> taken,
      Set<String> used,
      Consumer<String> listener) {
    List<String> biases = new ArrayList<>();
    boolean running = config.network().batchNorm().keepsStatistics();
    names.forEach(
        (ours, theirs) -> {
          if (!ours.matches("(frozen\\.)?conv\\d+\\.weight") || theirs.size() != 1) {
            return;
          }
          String bias = theirs.get(0).replaceAll("weight$", "bias");
          if (used.contains(bias) || !file.names().contains(bias)) {
            return;
          }
          used.add(bias);
          biases.add(bias);
          String mean = ours.replace("conv", "norm").replace("weight", Norm.MEAN);
          Array moved = taken.get(mean);
          if ((running || Frozen.holds(ours)) && moved != null) {
            Array b = read(mean, moved.shape(), List.of(bias));
            float[] shifted = moved.data().clone();
            for (int i = 0; i < shifted.length; i++) {
              shifted[i] -= b.data()[i];
            }
            taken.put(mean, new Array(moved.shape(), shifted));
          }
        });
    if (!biases.isEmpty()) {
      listener.accept(
          "biases of convolutions, %s, %s"
              .formatted(
                  Some.of(biases),
                  running || config.network().isFrozen()
                      ? "went into the running means"
                      : "have no effect before a batch norm"));
    }
  }

  private void tell(
      Map<String, Array> theta,
      Map<String, List<String>> names,
      Set<String> used,
      Consumer<String> listener) {
    List<String> drawn = theta.keySet().stream().filter(n -> names.get(n).isEmpty()).toList();
    if (!drawn.isEmpty()) {
      String why = config.network().weightsMap().isEmpty() ? "there are none" : "the map says so";
      listener.accept("as drawn, since %s: %s".formatted(why, Some.of(drawn)));
    }
    List<String> rest =
        file.names().stream().filter(n -> !used.contains(n) && !isNoWeight(n)).toList();
    if (!rest.isEmpty()) {
      listener.accept("not taken from '%s': %s".formatted(file.name(), Some.of(rest)));
    }
  }

  /** What files hold beside weights: counters of batches, statistics, an optimiser's state. */
  private boolean isNoWeight(String name) {
    return name.endsWith("num_batches_tracked")
        || (!config.network().batchNorm().keepsStatistics() && Norm.isBuffer(name))
        || (layout == Layout.QUICKSTUDY && name.startsWith("optimiser."));
  }

  /**
   * The numbers of a tensor.
   *
   * @throws RunException if one of them is not finite
   */
  private float[] numbers(String tensor) {
    float[] numbers = file.numbers(tensor);
    for (int i = 0; i < numbers.length; i++) {
      if (!Float.isFinite(numbers[i])) {
        throw new RunException(
            "Tensor '%s' of '%s' has %s at position %s: expected finite 32-bit floats; use weights of a run that did not diverge."
                .formatted(Names.shown(tensor), file.name(), numbers[i], i));
      }
    }
    return numbers;
  }
}
