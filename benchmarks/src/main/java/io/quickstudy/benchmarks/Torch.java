package io.quickstudy.benchmarks;

import io.quickstudy.nn.Norm;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** libtorch: a workload as its own users would write it for speed. */
final class Torch implements Side {
  private static final String PROPERTIES = "/META-INF/maven/org.bytedeco/pytorch/pom.properties";

  // The preset loads libtorch.so before it unpacks this one, which that needs: the process crashes.
  private static final String LIBRARY = "/org/bytedeco/pytorch/%s/libtorch_cpu.so";

  private final PointerScope lifetime;
  private final Map<String, Tensor> theta;
  private final TorchStep step;
  private final TorchLayouts layouts;
  private final Tensor result;
  private final String output;

  private Torch(
      PointerScope lifetime,
      Map<String, Tensor> theta,
      TorchStep step,
      TorchLayouts layouts,
      Tensor result,
      String output) {
    this.lifetime = lifetime;
    this.theta = theta;
    this.step = step;
    this.layouts = layouts;
    this.result = result;
    this.output = output;
  }

  /** Copies parameters and episodes into the layouts it works best with. */
  static Torch open(CaseFile start, TorchOptions options) {
    unpack();
    Workload w = start.workload();
    torch.set_num_threads(options.threads());
    Context.setFlushDenormal(true);
    TorchLayouts layouts = new TorchLayouts(w.net(), options);
    PointerScope lifetime = new PointerScope();
    Map<String, Tensor> trained = new LinkedHashMap<>();
    Map<String, Tensor> buffers = new LinkedHashMap<>();
    start
        .values()
        .forEach(
            (n, v) -> {
              if (n.startsWith(Workload.THETA)) {
                String name = n.substring(Workload.THETA.length());
                Map<String, Tensor> group = Norm.isBuffer(name) ? buffers : trained;
                group.put(name, keep(lifetime, () -> layouts.parameter(name, v)));
              }
            });
    List<Tensor> theta = List.copyOf(trained.values());
    TorchStep step =
        switch (w.method()) {
          case MAML, ADAPT ->
              new TorchMaml(w, theta, tasks(lifetime, start, layouts), theta.get(0).new_zeros());
          case PROTONET ->
              new TorchProtoNet(w, theta, buffers, tasks(lifetime, start, layouts).get(0));
          case LSTM -> {
            Tensor x = keep(lifetime, () -> layouts.sequences(start.values().get("x")));
            Tensor y = keep(lifetime, () -> layouts.sequences(start.values().get("y")));
            yield new TorchLstm(w, options.lstm(), trained, x, y);
          }
        };
    boolean adapts = w.method() == Workload.Method.ADAPT;
    return new Torch(
        lifetime,
        adapts ? Map.of() : trained,
        step,
        layouts,
        new Tensor(),
        adapts ? "logits" : "loss");
  }

  /** A tensor that lives as long as this, without what was made on the way to it. */
  private static Tensor keep(PointerScope lifetime, Supplier<Tensor> make) {
    try (PointerScope scope = new PointerScope()) {
      Tensor t = make.get();
      lifetime.attach(t);
      return t;
    }
  }

  /** Unpacks its libraries. */
  static void unpack() {
    try {
      Loader.cacheResource(torch.class, LIBRARY.formatted(Loader.getPlatform()));
    } catch (IOException e) {
      throw new BenchmarkException("libtorch cannot be unpacked: %s.".formatted(e.getMessage()), e);
    }
  }

  private static List<TorchTask> tasks(
      PointerScope lifetime, CaseFile start, TorchLayouts layouts) {
    List<TorchTask> tasks = new ArrayList<>();
    for (int i = 0; i < start.tasks(); i++) {
      int task = i;
      Function<String, Tensor> part =
          name -> keep(lifetime, () -> layouts.examples(start.values().get(name), task));
      tasks.add(
          new TorchTask(
              part.apply("support.x"),
              part.apply("support.y"),
              part.apply("query.x"),
              part.apply("query.y")));
    }
    return tasks;
  }

  @Override
  public void run() {
    try (PointerScope scope = new PointerScope()) {
      theta.values().forEach(p -> p.mutable_grad().reset());
      result.put(step.run());
    }
  }

  @Override
  public Map<String, Values> results() {
    Map<String, Values> m = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope();
        AutoGradMode off = new AutoGradMode(false)) {
      m.put(output, TorchLayouts.values(theta.isEmpty() ? result.unsqueeze(0) : result));
      theta.forEach((n, p) -> m.put(Workload.GRAD + n, layouts.gradient(n, p.grad())));
    }
    return m;
  }

  @Override
  public Map<String, String> versions() {
    Map<String, String> m = new LinkedHashMap<>();
    Properties p = new Properties();
    try (InputStream in = Torch.class.getResourceAsStream(PROPERTIES)) {
      if (in != null) {
        p.load(in);
      }
    } catch (IOException e) {
      throw new BenchmarkException("The preset of libtorch does not say its version.", e);
    }
    m.put("pytorch", p.getProperty("version", "unknown"));
    m.put("config", torch.show_config().getString().strip());
    m.put("threads", Integer.toString(torch.get_num_threads()));
    return m;
  }

  @Override
  public void close() {
    lifetime.close();
  }
}
