package io.quickstudy.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A workload on both sides: first the same numbers, then turn by turn the times. */
final class Duel {
  /** Small cases to compare; the best of them has to agree sharply. */
  private static final int SMALL_CASES = 8;

  private final Workload workload;
  private final int workers;
  private final Pace pace;

  Duel(Workload workload, int workers, Pace pace) {
    this.workload = workload;
    this.workers = workers;
    this.pace = pace;
  }

  /**
   * One opponent's outcome.
   *
   * @param options how the opponent was set up, the fastest of those tried
   * @param tried least milliseconds of each setting tried
   * @param small ours from the reference in the best small case
   * @param ours Quickstudy
   * @param theirs the opponent
   * @param flops operations of a step
   */
  record Outcome(
      Workload workload,
      TorchOptions options,
      Map<TorchOptions, Double> tried,
      Agreement small,
      Measured ours,
      Measured theirs,
      long flops) {

    /** How many times as long the opponent takes. */
    double ratio() {
      return theirs.times().median() / ours.times().median();
    }

    /** That ratio in one round. */
    double ratio(int round) {
      return theirs.times().median(round) / ours.times().median(round);
    }

    /** What the opponent is called. */
    String opponent() {
      if (workload.method() != Workload.Method.LSTM) {
        return "libtorch";
      }
      return switch (options.lstm()) {
        case FUSED -> "fused, first order";
        case UNROLLED -> "unrolled";
      };
    }
  }

  /**
   * One side's part.
   *
   * @param times turn by turn
   * @param error from the reference
   * @param status versions and memory
   */
  record Measured(Times times, Agreement error, JsonNode status) {}

  /**
   * Runs it; one outcome for each opponent.
   *
   * @throws BenchmarkException if the sides do not compute the same
   */
  List<Outcome> run() {
    CaseFile start = Episodes.of(workload);
    long flops = Flops.of(start);
    List<Outcome> outcomes = new ArrayList<>();
    try (Scratchpad pad = new Scratchpad()) {
      Path file = pad.write(start, "case");
      for (TorchOptions.Lstm lstm : opponents()) {
        outcomes.add(against(pad, file, lstm, flops));
      }
    }
    return outcomes;
  }

  private List<TorchOptions.Lstm> opponents() {
    return workload.method() == Workload.Method.LSTM
        ? List.of(TorchOptions.Lstm.values())
        : List.of(TorchOptions.Lstm.FUSED);
  }

  private Outcome against(Scratchpad pad, Path file, TorchOptions.Lstm lstm, long flops) {
    List<TorchOptions> candidates = TorchOptions.candidates(workload, lstm, workers);
    Agreement small;
    Map<String, Values> reference;
    try (Peer exact = Peer.torch(candidates.get(0).reference())) {
      small = small(pad, exact);
      Tolerance.SHARP.check(workload, "Quickstudy, small case", small);
      reference = step(pad, exact, file);
    }
    Map<TorchOptions, Double> tried = new LinkedHashMap<>();
    for (TorchOptions o : candidates) {
      try (Peer peer = Peer.torch(o)) {
        peer.open(file);
        tried.put(o, Arrays.stream(pace.turn(peer, pace.warm(peer))).min().orElseThrow());
      }
    }
    TorchOptions best =
        tried.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
    try (Peer ours = Peer.ours(workers, Map.of());
        Peer theirs = Peer.torch(best)) {
      Agreement ourError = Agreement.of(reference, step(pad, ours, file));
      Agreement theirError = Agreement.of(reference, step(pad, theirs, file));
      Tolerance.theirs(workload).check(workload, "libtorch", theirError);
      Tolerance.ours(workload).check(workload, "Quickstudy", ourError);
      List<Times> times = pace.inTurn(List.of(ours, theirs));
      return new Outcome(
          workload,
          best,
          tried,
          small,
          new Measured(times.get(0), ourError, ours.status()),
          new Measured(times.get(1), theirError, theirs.status()),
          flops);
    }
  }

  /** Our error in the small case where it is least. */
  private Agreement small(Scratchpad pad, Peer exact) {
    Agreement best = null;
    for (int i = 0; i < SMALL_CASES; i++) {
      CaseFile start = Episodes.small(workload, i);
      Map<String, Values> reference = step(pad, exact, pad.write(start, "small"));
      Agreement a = Agreement.of(reference, Ours.once(start));
      if (best == null || a.worst() < best.worst()) {
        best = a;
      }
    }
    return best;
  }

  private static Map<String, Values> step(Scratchpad pad, Peer peer, Path file) {
    peer.open(file);
    peer.run(1);
    return peer.results(pad.file("results"));
  }
}
