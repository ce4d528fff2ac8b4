package io.quickstudy.report;

import java.util.ArrayList;
import java.util.List;

/**
 * An axis: what numbers it runs over and where it says so.
 *
 * @param min its first number
 * @param max its last, above the first
 * @param kind how it goes from one to the other
 */
record Scale(double min, double max, Kind kind) {
  /** How a scale goes. */
  enum Kind {
    /** In equal steps. */
    LINEAR,
    /** In equal factors. */
    LOG
  }

  private static final int TICKS = 6;
  private static final double NARROW = 1e-9;
  private static final double[] NICE = {1, 2, 5};

  /** A scale over numbers, with a little room, its ends where they are as they say. */
  static Scale around(double min, double max, Kind kind) {
    if (!(max >= min)) {
      return new Scale(0, 1, Kind.LINEAR); // of no numbers
    }
    if (kind == Kind.LOG) {
      double room = Math.max(1.05, Math.pow(max / min, 0.04));
      return new Scale(min / room, max * room, kind);
    }
    double room = tells(min, max) ? 0.04 * (max - min) : Math.max(1e-9, 0.1 * Math.abs(max));
    return new Scale(min - room, max + room, kind);
  }

  /** A linear scale from one number to another, or a little about both where they are one. */
  static Scale exactly(double min, double max) {
    if (tells(min, max)) {
      return new Scale(min, max, Kind.LINEAR);
    }
    double room = Math.max(1, NARROW * Math.abs(min));
    return new Scale(min - room, min + room, Kind.LINEAR);
  }

  /** Whether one number is so far above the other that there are steps between them. */
  private static boolean tells(double min, double max) {
    return max - min > NARROW * Math.max(Math.abs(min), Math.abs(max));
  }

  /** Where a number lies: 0 at the first, 1 at the last. */
  double at(double v) {
    return kind == Kind.LOG ? Math.log(v / min) / Math.log(max / min) : (v - min) / (max - min);
  }

  /** The numbers to name, ascending. */
  List<Double> ticks() {
    return kind == Kind.LOG ? logTicks() : linearTicks();
  }

  private List<Double> linearTicks() {
    double rough = (max - min) / (TICKS - 1);
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = 10 * power;
    for (double nice : new double[] {5, 2, 1}) {
      step = nice * power >= rough * 0.999 ? nice * power : step;
    }
    List<Double> ticks = new ArrayList<>();
    for (double k = Math.ceil(min / step - 1e-9); k * step <= max + 1e-9 * step; k++) {
      ticks.add(k == 0 ? 0 : k * step);
    }
    return ticks;
  }

  private List<Double> logTicks() {
    List<Double> all = new ArrayList<>();
    List<Double> powers = new ArrayList<>();
    for (int e = (int) Math.floor(Math.log10(min)); e <= Math.log10(max); e++) {
      for (double nice : NICE) {
        double v = nice * Math.pow(10, e);
        if (v >= min && v <= max) {
          all.add(v);
          if (nice == 1) {
            powers.add(v);
          }
        }
      }
    }
    List<Double> ticks = all.size() <= TICKS + 1 ? all : powers;
    int stride = (ticks.size() + TICKS) / (TICKS + 1);
    List<Double> few = new ArrayList<>();
    for (int i = 0; i < ticks.size(); i += Math.max(1, stride)) {
      few.add(ticks.get(i));
    }
    return few.size() < 2 ? List.of(min * 1.0001, max / 1.0001) : few;
  }
}
