package io.quickstudy.nn;

import static io.quickstudy.functions.Normalisation.batchNorm;
import static io.quickstudy.graph.Ops.*;

import io.quickstudy.functions.Losses;
import io.quickstudy.functions.Normalisation.Moments;
import io.quickstudy.graph.Shape;
import io.quickstudy.graph.Tensor;
import io.quickstudy.graph.Window;
import io.quickstudy.settings.Setting;
import io.quickstudy.transform.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A cell, again and again: images [n, height, width, channels] to features [n, d]. Each time a
 * convolution brings the input to as many channels as there are filters, 3x3 at first and 1x1 then;
 * the cell follows, and 2x2 maximum pooling that drops a last odd row or column. Kim et al. (2018),
 * "Auto-Meta: Automated Gradient Based Meta Learner Search", find such cells; {@code quickstudy
 * search} does. Parameters: "cellI.input", and "cellI.bK.left" and "right" of block K where these
 * are convolutions, each with ".conv.weight" and ".norm.*".
 *
 * @param height of an image in pixels
 * @param width of an image in pixels
 * @param channels of an image
 * @param cell what is repeated
 * @param cells how often
 * @param filters of every convolution
 * @param start how large the features are at first
 */
public record CellNet(
    int height, int width, int channels, Cell cell, int cells, int filters, FeatureScale start)
    implements Backbone {
  /** Its declaration. */
  public static final ModelKind<Options> KIND =
      ModelKind.of(CellNet.class, Options.class, Options::architecture)
          .named("cell")
          .about("a cell of convolutions and pooling, repeated, such as 'search' finds")
          .normalised()
          .ofImages();

  /**
   * Its options.
   *
   * @param cell what is repeated
   * @param cells how often
   * @param cellFilters of every convolution
   * @param featureScale how large the features are at first
   */
  public record Options(
      @Setting(
              value = "blocks of the cell model, such as conv3(in)+max3(in); conv1(b1)+same(in)",
              usual = "conv3(in)+same(in)",
              placeholder = "BLOCKS")
          String cell,
      @Setting(
              value = "how often the cell is repeated, each halving the image",
              usual = "4",
              least = 1)
          int cells,
      @Setting(value = "filters of its convolutions", usual = "32", least = 1) int cellFilters,
      @Setting(
              value = "how large features are at first: unit whatever their number, or raw",
              usual = "unit",
              before = "raw")
          FeatureScale featureScale) {
    private Architecture architecture() {
      Cell c = Cell.parse(cell);
      return e -> new CellNet(e.dim(0), e.dim(1), e.dim(2), c, cells, cellFilters, featureScale);
    }
  }

  /** Refuses a network whose image shrinks to nothing. */
  public CellNet {
    if (height >> cells == 0 || width >> cells == 0) {
      throw new IllegalArgumentException(
          "Option --cells is %s: expected fewer, since so many halvings leave nothing of a %sx%s image; lower it."
              .formatted(cells, height, width));
    }
  }

  @Override
  public int features() {
    return maps() * (height >> cells) * (width >> cells);
  }

  private int maps() {
    return filters * cell.outputs().size();
  }

  @Override
  public Optional<Shape> map() {
    return Optional.of(Shape.of(height >> cells, width >> cells, maps()));
  }

  private ConvNorm input(int i) {
    return new ConvNorm("cell" + i + ".input", i == 1 ? 3 : 1, i == 1 ? channels : maps(), filters);
  }

  private Optional<ConvNorm> convolution(int i, int block, String side, Cell.Operation o) {
    String name = "cell%s.b%s.%s".formatted(i, block, side);
    return o.filter() == 0
        ? Optional.empty()
        : Optional.of(new ConvNorm(name, o.filter(), filters, filters));
  }

  @Override
  public Params init(Init draw) {
    Params p = Params.empty();
    for (int i = 1; i <= cells; i++) {
      p = p.with(input(i).init(draw));
      for (int k = 1; k <= cell.blocks().size(); k++) {
        Cell.Block b = cell.blocks().get(k - 1);
        p = p.with(init(draw, convolution(i, k, "left", b.left().operation())));
        p = p.with(init(draw, convolution(i, k, "right", b.right().operation())));
      }
    }
    return p;
  }

  private static Params init(Init draw, Optional<ConvNorm> c) {
    return c.map(v -> v.init(draw)).orElse(Params.empty());
  }

  @Override
  public Pass pass(Params theta, Tensor x, Norm norm) {
    if (x.rank() != 4 || !x.shape().sub(1, 4).equals(Shape.of(height, width, channels))) {
      throw new IllegalArgumentException(
          "images %s; this network expects [n, %s, %s, %s]: resize them or build it for their size"
              .formatted(x.shape(), height, width, channels));
    }
    Layers on = new Layers(theta, norm);
    Tensor z = x;
    for (int i = 1; i <= cells; i++) {
      List<Tensor> known = new ArrayList<>(List.of(on.apply(input(i), z)));
      for (int k = 1; k <= cell.blocks().size(); k++) {
        Cell.Block b = cell.blocks().get(k - 1);
        Tensor left = branch(on, i, k, "left", b.left(), known);
        known.add(add(left, branch(on, i, k, "right", b.right(), known)));
      }
      Tensor[] out = cell.outputs().stream().map(known::get).toArray(Tensor[]::new);
      z = maxPool(out.length == 1 ? out[0] : concatenate(3, out), Window.square(2, 2, 0));
    }
    Tensor flat = reshape(z, Shape.of(z.dim(0), features()));
    return new Pass(scale(flat, start.of(features())), on.seen);
  }

  private Tensor branch(
      Layers on, int i, int block, String side, Cell.Branch b, List<Tensor> known) {
    Tensor in = known.get(b.input());
    return switch (b.operation()) {
      case CONV1, CONV3, CONV5 ->
          on.apply(convolution(i, block, side, b.operation()).orElseThrow(), in);
      case MAX3 -> maxPool(in, Window.square(3, 1, 1));
      case MEAN3 -> averagePool(in, Window.square(3, 1, 1));
      case SAME -> in;
    };
  }

  /** The layers of one pass, and the statistics that they have seen. */
  private static final class Layers {
    private final Params theta;
    private final Norm norm;
    private Params seen = Params.empty();

    Layers(Params theta, Norm norm) {
      this.theta = theta;
      this.norm = norm;
    }

    Tensor apply(ConvNorm layer, Tensor x) {
      Window w = Window.same(layer.size(), 1, x.dim(1), x.dim(2));
      Tensor z = conv(x, theta.get(layer.name() + ".conv.weight"), w);
      String n = layer.name() + ".norm";
      Moments by = norm.moments(n, z);
      seen = seen.with(Norm.pack(n, by));
      return Losses.relu(batchNorm(z, by, theta.get(n + ".weight"), theta.get(n + ".bias")));
    }
  }

  /** A convolution, batch normalisation and ReLU. */
  private record ConvNorm(String name, int size, int in, int out) {
    Params init(Init draw) {
      Shape o = Shape.of(out);
      return Params.of(name + ".conv.weight", draw.glorot(Shape.of(size, size, in, out)))
          .with(name + ".norm.weight", fill(1, o))
          .with(name + ".norm.bias", fill(0, o))
          .with(Norm.pack(name + ".norm", new Moments(fill(0, o), fill(1, o))));
    }
  }
}
