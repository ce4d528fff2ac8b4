package io.quickstudy.data.glyphs;

import io.quickstudy.random.RandomStream;

/** The kinds of stroke that procedural characters are made of. */
enum GlyphShape {
  LINE(3.0),
  POLYLINE(2.2),
  BOW(1.6),
  OPEN_ELLIPSE(1.4),
  LOOP(1.1),
  SPLINE(2.2),
  HOOK(1.4),
  LOOP_END(1.0),
  BUMPS(0.7),
  ZIGZAG(0.5),
  SPIRAL(0.3),
  MIXED(1.2),
  DOT(0.6);

  private static final double PI = StrictMath.PI;

  private final double weight;

  GlyphShape(double weight) {
    this.weight = weight;
  }

  /** How common the kind is over all alphabets. */
  double weight() {
    return weight;
  }

  /** A stroke of this kind that begins at (x, y) and mostly stays in the unit box. */
  GlyphStroke draw(double x, double y, GlyphAlphabet alphabet, RandomStream random) {
    GlyphStroke.Builder pen = new GlyphStroke.Builder().corner(x, y);
    switch (this) {
      case LINE -> line(pen, 0.4, alphabet, random);
      case POLYLINE -> {
        for (int i = random.between(2, 4); i > 0; i--) {
          line(pen, 0.35, alphabet, random);
        }
      }
      case BOW -> {
        double[] end = alphabet.anchor(x, y, 0.4, random);
        double reach = StrictMath.hypot(end[0] - x, end[1] - y);
        pen.bow(x, y, end[0], end[1], sign(random) * reach * random.between(0.2, 0.8));
      }
      case OPEN_ELLIPSE -> ellipse(pen, 0.2, 0.5, random.between(1.0, 1.8) * PI, 1, random);
      case LOOP -> ellipse(pen, 0.12, 0.5, random.between(1.97, 2.12) * PI, 1, random);
      case SPIRAL ->
          ellipse(pen, 0.3, 0.5, random.between(2.6, 3.8) * PI, random.between(0.2, 0.4), random);
      case SPLINE -> {
        for (int i = random.between(2, 5); i > 0; i--) {
          double[] next = alphabet.anchor(pen.lastX(), pen.lastY(), 0.35, random);
          pen.smooth(next[0], next[1]);
        }
      }
      case HOOK -> {
        line(pen, 0.4, alphabet, random);
        curl(pen, x, y, random.between(0.1, 0.28), random.between(0.5, 1.2) * PI, random);
      }
      case LOOP_END -> {
        line(pen, 0.35, alphabet, random);
        curl(pen, x, y, random.between(0.09, 0.2), random.between(1.6, 2.1) * PI, random);
      }
      case BUMPS -> bumps(pen, random);
      case ZIGZAG -> zigzag(pen, random);
      case MIXED -> {
        line(pen, 0.35, alphabet, random);
        double[] end = alphabet.anchor(pen.lastX(), pen.lastY(), 0.4, random);
        double reach = StrictMath.hypot(end[0] - pen.lastX(), end[1] - pen.lastY());
        double height = sign(random) * reach * random.between(0.25, 0.8);
        pen.bow(pen.lastX(), pen.lastY(), end[0], end[1], height);
        if (random.nextDouble() < 0.5) {
          pen.turn();
          line(pen, 0.35, alphabet, random);
        }
      }
      case DOT -> pen.corner(x + random.between(-0.03, 0.03), y + random.between(0.0, 0.06));
    }
    return pen.build();
  }

  private static int sign(RandomStream random) {
    return random.nextInt(2) * 2 - 1;
  }

  /** Mostly straight on to an anchor; often upright or level, as pens like to go. */
  private static void line(
      GlyphStroke.Builder pen, double least, GlyphAlphabet alphabet, RandomStream random) {
    double[] end = alphabet.anchor(pen.lastX(), pen.lastY(), least, random);
    double dx = Math.abs(end[0] - pen.lastX());
    double dy = Math.abs(end[1] - pen.lastY());
    if (random.nextDouble() < 0.55) {
      if (dx > dy) {
        end[1] = pen.lastY();
      } else {
        end[0] = pen.lastX();
      }
    }
    pen.corner(end[0], end[1]);
  }

  private static void ellipse(
      GlyphStroke.Builder pen,
      double least,
      double most,
      double sweep,
      double growth,
      RandomStream random) {
    double rx = random.between(least, most);
    double ry = Math.min(most, rx * StrictMath.exp(0.3 * random.nextGaussian()));
    double from = random.nextInt(8) * PI / 4 + 0.15 * random.nextGaussian();
    double cx = pen.lastX() - rx * StrictMath.cos(from);
    double cy = pen.lastY() - ry * StrictMath.sin(from);
    pen.ellipse(cx, cy, rx, ry, from, sign(random) * sweep, growth);
  }

  /** Goes on from the latest point in a circle that the way from (x, y) touches. */
  private static void curl(
      GlyphStroke.Builder pen,
      double x,
      double y,
      double radius,
      double sweep,
      RandomStream random) {
    double heading = StrictMath.atan2(pen.lastY() - y, pen.lastX() - x);
    int side = sign(random);
    double from = heading - side * PI / 2;
    double cx = pen.lastX() - radius * StrictMath.cos(from);
    double cy = pen.lastY() - radius * StrictMath.sin(from);
    pen.ellipse(cx, cy, radius, radius, from, side * sweep, random.between(0.7, 1.2));
  }

  private static void bumps(GlyphStroke.Builder pen, RandomStream random) {
    int count = random.between(2, 3);
    double heading = random.nextInt(4) * PI / 2;
    double width = random.between(0.6, 1.1) / count;
    double height = sign(random) * width * random.between(0.5, 1.3);
    for (int i = 0; i < count; i++) {
      double bx = pen.lastX() + width * StrictMath.cos(heading);
      double by = pen.lastY() + width * StrictMath.sin(heading);
      pen.bow(pen.lastX(), pen.lastY(), bx, by, height).turn();
    }
  }

  private static void zigzag(GlyphStroke.Builder pen, RandomStream random) {
    int count = random.between(3, 5);
    double heading = random.nextInt(4) * PI / 2;
    double step = random.between(0.8, 1.2) / count;
    double side = sign(random) * random.between(0.25, 0.8);
    for (int i = 0; i < count; i++) {
      pen.corner(
          pen.lastX() + step * StrictMath.cos(heading) - side * StrictMath.sin(heading),
          pen.lastY() + step * StrictMath.sin(heading) + side * StrictMath.cos(heading));
      side = -side;
    }
  }
}
