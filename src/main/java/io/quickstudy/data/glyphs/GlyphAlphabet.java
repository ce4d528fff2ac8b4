package io.quickstudy.data.glyphs;

import io.quickstudy.random.RandomStream;
import io.quickstudy.random.RandomUse;
import java.util.ArrayList;
import java.util.List;

/**
 * A procedural alphabet: a taste for some kinds of stroke, a grid of anchors, a usual number of
 * strokes. Its characters are stroke programmes, some derived from others as accents and mirror
 * images are in the world's alphabets.
 */
final class GlyphAlphabet {
  private static final int ATTEMPTS = 40;
  private static final double LEAST_DIFFERENCE = 0.055;
  private static final GlyphShape[] SHAPES = GlyphShape.values();

  private final RandomStream style;
  private final double[] weights = new double[SHAPES.length];
  private final double[] columns;
  private final double[] rows;
  private final double meanStrokes;
  private final double aspect;
  private final double headline;
  private final double derived;
  private final List<GlyphCharacter> characters = new ArrayList<>();

  GlyphAlphabet(long seed, int number) {
    style = new RandomStream(seed, RandomUse.GLYPH_ALPHABET, number);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = SHAPES[i].weight() * StrictMath.exp(0.9 * style.nextGaussian());
    }
    columns = levels(style.between(2, 4));
    rows = levels(style.between(3, 4));
    meanStrokes = style.between(1.1, 3.0);
    aspect = StrictMath.exp(0.22 * style.nextGaussian());
    headline = style.nextDouble() < 0.12 ? style.between(0.5, 1.0) : 0;
    derived = style.between(0.0, 0.3);
  }

  private double[] levels(int count) {
    double[] levels = new double[count];
    for (int i = 0; i < count; i++) {
      double inner = i == 0 || i == count - 1 ? 0 : 0.08;
      levels[i] = (double) i / (count - 1) + inner * style.nextGaussian();
    }
    return levels;
  }

  /** The next character, legible and unlike those before it. */
  GlyphCharacter next(RandomStream random) {
    GlyphCharacter best = null;
    double bestDifference = -1;
    for (int i = 0; i < ATTEMPTS && bestDifference < LEAST_DIFFERENCE; i++) {
      GlyphCharacter candidate = candidate(random);
      double difference = candidate.blot() ? 0 : 1;
      for (GlyphCharacter other : characters) {
        difference = Math.min(difference, candidate.difference(other));
      }
      if (difference > bestDifference) {
        best = candidate;
        bestDifference = difference;
      }
    }
    characters.add(best);
    return best;
  }

  private GlyphCharacter candidate(RandomStream random) {
    List<GlyphStroke> strokes = new ArrayList<>();
    int target = strokeCount(random);
    if (!characters.isEmpty() && random.nextDouble() < derived) {
      strokes.addAll(characters.get(random.nextInt(characters.size())).strokes());
      vary(strokes, random);
    } else if (random.nextDouble() < headline) {
      strokes.add(new GlyphStroke.Builder().corner(0, 0).corner(1, 0).build());
      target++;
    }
    double length = strokes.stream().mapToDouble(GlyphStroke::length).sum();
    while (strokes.size() < Math.min(6, target) || (length < 1.3 && strokes.size() < 5)) {
      GlyphStroke stroke = GlyphJoin.attach(strokes, this, random);
      strokes.add(stroke);
      length += stroke.length();
      if (length > 4.5) {
        break;
      }
    }
    return GlyphCharacter.of(strokes, aspect, random);
  }

  private int strokeCount(RandomStream random) {
    int count = 1;
    while (count < 5 && random.nextDouble() < (meanStrokes - 0.4) / (meanStrokes + 0.6)) {
      count++;
    }
    return count;
  }

  /** Drops or mirrors a stroke of a character that another one is derived from, or adds one. */
  private void vary(List<GlyphStroke> strokes, RandomStream random) {
    int which = random.nextInt(strokes.size());
    switch (random.nextInt(4)) {
      case 0 -> {
        strokes.remove(which);
        strokes.add(GlyphJoin.attach(strokes, this, random));
      }
      case 1 -> strokes.set(which, strokes.get(which).moved(-1, 1, 1, 0));
      case 2 -> strokes.set(which, strokes.get(which).moved(1, 0, -1, 1));
      default -> strokes.add(GlyphJoin.attach(strokes, this, random));
    }
  }

  /** A kind of stroke, by this alphabet's taste. */
  GlyphShape shape(RandomStream random) {
    double sum = 0;
    for (double w : weights) {
      sum += w;
    }
    double at = random.nextDouble() * sum;
    int i = 0;
    while (i < SHAPES.length - 1 && at >= weights[i]) {
      at -= weights[i++];
    }
    return SHAPES[i];
  }

  /** An anchor at least {@code distance} from a point. */
  double[] anchor(double fromX, double fromY, double distance, RandomStream random) {
    double[] anchor = null;
    for (int i = 0; i < 12; i++) {
      anchor =
          new double[] {
            columns[random.nextInt(columns.length)] + 0.03 * random.nextGaussian(),
            rows[random.nextInt(rows.length)] + 0.03 * random.nextGaussian()
          };
      if (StrictMath.hypot(anchor[0] - fromX, anchor[1] - fromY) >= distance) {
        return anchor;
      }
    }
    return anchor;
  }
}
