package io.quickstudy.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * How long to measure.
 *
 * @param rounds turns of each side
 * @param seconds of a turn, at least one step
 */
record Pace(int rounds, double seconds) {
  private static final int WARM_STEPS = 3;
  private static final int MOST_STEPS = 2000;
  private static final long PAUSE_MS = 50;

  /** Runs until caches, thread pools and compilers have settled; steps that fill a turn. */
  int warm(Peer peer) {
    double ms = Double.MAX_VALUE;
    double spent = 0;
    for (int i = 0; i < WARM_STEPS || spent < 1e3 * seconds; i++) {
      double step = peer.run(1)[0];
      ms = Math.min(ms, step);
      spent += step;
    }
    return (int) Math.clamp(1e3 * seconds / ms, 1, MOST_STEPS);
  }

  /** Times of sides that are in place, in turn after a warm-up of each. */
  List<Times> inTurn(List<Peer> peers) {
    List<Times> times = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    for (Peer p : peers) {
      steps.add(warm(p));
      times.add(new Times());
    }
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < peers.size(); i++) {
        times.get(i).add(turn(peers.get(i), steps.get(i)));
      }
    }
    return times;
  }

  /** One turn; a first step that wakes everything up is not counted where there are more. */
  double[] turn(Peer peer, int steps) {
    try {
      Thread.sleep(PAUSE_MS); // for the other side's threads to fall asleep
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (steps > 1) {
      peer.run(1);
    }
    return peer.run(steps);
  }
}
