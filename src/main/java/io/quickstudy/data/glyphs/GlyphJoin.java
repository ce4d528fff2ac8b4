package io.quickstudy.data.glyphs;

import io.quickstudy.random.RandomStream;
import java.util.List;

/** How the next stroke of a procedural character relates to those before it. */
enum GlyphJoin {
  END(0.27),
  ALONG(0.25),
  CROSS(0.16),
  PARALLEL(0.09),
  MIRROR(0.06),
  APART(0.17);

  private static final int ATTEMPTS = 12;
  private static final double MOST_OVERLAP = 0.3;

  private final double share;

  GlyphJoin(double share) {
    this.share = share;
  }

  /** Draws another stroke for a character, one that does not hide those before it. */
  static GlyphStroke attach(
      List<GlyphStroke> strokes, GlyphAlphabet alphabet, RandomStream random) {
    GlyphStroke stroke = draw(strokes, alphabet, random);
    for (int i = 0; i < ATTEMPTS && isMuddle(stroke, strokes); i++) {
      stroke = draw(strokes, alphabet, random);
    }
    return stroke;
  }

  private static boolean isMuddle(GlyphStroke stroke, List<GlyphStroke> strokes) {
    return stroke.doublesBack()
        || strokes.stream().mapToDouble(stroke::overlap).sum() > MOST_OVERLAP;
  }

  private static GlyphStroke draw(
      List<GlyphStroke> strokes, GlyphAlphabet alphabet, RandomStream random) {
    GlyphJoin join = strokes.isEmpty() ? APART : pick(random);
    GlyphShape shape = alphabet.shape(random);
    if (strokes.isEmpty()) {
      while (shape == GlyphShape.DOT) {
        shape = alphabet.shape(random);
      }
    } else if (shape == GlyphShape.DOT) {
      join = APART;
    }
    double[] free = alphabet.anchor(0.5, 0.5, 0, random);
    if (join == APART) {
      double pull = shape == GlyphShape.DOT ? random.between(0.3, 1.0) : 1;
      return shape.draw(
          0.5 + pull * (free[0] - 0.5), 0.5 + pull * (free[1] - 0.5), alphabet, random);
    }
    GlyphStroke other = strokes.get(random.nextInt(strokes.size()));
    int last = other.points() - 1;
    int end = random.nextInt(2) * last;
    double[] on = pointOn(other, random);
    return switch (join) {
      case END -> shape.draw(other.x()[end], other.y()[end], alphabet, random);
      case ALONG -> shape.draw(on[0], on[1], alphabet, random);
      case CROSS -> {
        GlyphStroke stroke = shape.draw(free[0], free[1], alphabet, random);
        double[] middle = pointOn(stroke, random);
        double scale = random.between(0.5, 0.9);
        yield stroke.moved(scale, on[0] - scale * middle[0], scale, on[1] - scale * middle[1]);
      }
      case PARALLEL -> {
        double away = random.between(0.2, 0.45) * (random.nextInt(2) * 2 - 1);
        double scale = random.between(0.6, 1.1);
        boolean down = random.nextInt(2) == 0;
        yield other.moved(scale, down ? 0 : away, scale, down ? away : 0);
      }
      default -> random.nextInt(2) == 0 ? other.moved(-1, 1, 1, 0) : other.moved(1, 0, -1, 1);
    };
  }

  private static GlyphJoin pick(RandomStream random) {
    double at = random.nextDouble();
    for (GlyphJoin join : values()) {
      at -= join.share;
      if (at < 0) {
        return join;
      }
    }
    return APART;
  }

  /** A point between the ends of a stroke: a third, the middle or two thirds along some piece. */
  private static double[] pointOn(GlyphStroke stroke, RandomStream random) {
    int piece = random.nextInt(stroke.points() - 1);
    double t = random.between(1, 3) / 4.0;
    return new double[] {
      (1 - t) * stroke.x()[piece] + t * stroke.x()[piece + 1],
      (1 - t) * stroke.y()[piece] + t * stroke.y()[piece + 1]
    };
  }
}
