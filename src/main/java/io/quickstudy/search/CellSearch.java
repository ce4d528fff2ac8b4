package io.quickstudy.search;

import io.quickstudy.nn.Cell;
import io.quickstudy.nn.CellNet;
import io.quickstudy.run.RunConfig;
import io.quickstudy.run.RunFolder;
import io.quickstudy.train.DivergedException;
import io.quickstudy.train.EvalSpec;
import io.quickstudy.train.Evaluation;
import io.quickstudy.train.Session;
import io.quickstudy.train.TrainListener;
import io.quickstudy.train.Training;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Progressive search (Kim et al. 2018, section 3; Liu et al. 2018, algorithm 1): all cells of one
 * block are trained and measured; then, block by block, those that the {@link Surrogate} expects
 * most of among all that have one block more than the best so far. Each training is short, and a
 * run in the search's folder; what was measured stands in its {@code search.json}. A search that
 * was stopped goes on where it was.
 */
public final class CellSearch {
  /** Told how a search goes. */
  public interface Listener extends TrainListener {
    /**
     * A cell is about to be trained.
     *
     * @param number which, from 1
     * @param of how many at most
     */
    void begins(int number, int of, Cell cell, int filters, long numbers);

    /** A cell was measured. */
    void measured(Measured cell);
  }

  private final SearchPlan plan;
  private final Path folder;
  private final Listener listener;
  private final SearchRecord kept;
  private Optional<Session.Loaded> data = Optional.empty();

  /**
   * A new search, or the one in a folder.
   *
   * @throws io.quickstudy.settings.ConfigException if the one there is another, or the plan does
   *     not fit the data
   * @throws io.quickstudy.run.RunException if the folder cannot be read or written
   */
  public CellSearch(SearchPlan plan, Path folder, Listener listener) {
    this.plan = plan;
    this.folder = folder;
    this.listener = listener;
    plan.candidate(CellSpace.smallest().getFirst()); // says at once what is wrong
    this.kept = SearchRecord.open(folder, plan);
  }

  /** What was measured so far, in order. */
  public List<Measured> measured() {
    return kept.measured();
  }

  /** How many cells are trained at most. */
  public int candidates() {
    return CellSpace.smallest().size() + plan.keep() * (plan.blocks() - 1);
  }

  /**
   * Searches to the end, or until asked to stop.
   *
   * @return the best cell; nothing if it was stopped
   */
  public Optional<Measured> run(BooleanSupplier stop) {
    for (int blocks = 1; blocks <= plan.blocks(); blocks++) {
      for (Cell c : level(blocks)) {
        if (kept.of(c).isEmpty() && !measure(c, stop)) {
          return Optional.empty();
        }
      }
    }
    return best(kept.measured());
  }

  private static Optional<Measured> best(List<Measured> of) {
    return of.stream().max(Comparator.comparingDouble(Measured::accuracy));
  }

  /** The cells of so many blocks that are trained. */
  private List<Cell> level(int blocks) {
    if (blocks == 1) {
      return CellSpace.smallest();
    }
    List<Measured> smaller =
        kept.measured().stream().filter(m -> m.cell().blocks().size() < blocks).toList();
    List<Cell> kept =
        smaller.stream()
            .filter(m -> m.cell().blocks().size() == blocks - 1)
            .sorted(Comparator.comparingDouble(Measured::accuracy).reversed())
            .limit(plan.keep())
            .map(Measured::cell)
            .toList();
    Surrogate s =
        Surrogate.of(
            smaller.stream().map(Measured::cell).toList(),
            smaller.stream().map(Measured::accuracy).toList());
    return CellSpace.larger(kept).stream()
        .sorted(Comparator.comparingDouble(s::expected).reversed())
        .limit(plan.keep())
        .toList();
  }

  /** Trains and measures one; false if that was stopped. */
  private boolean measure(Cell cell, BooleanSupplier stop) {
    RunConfig c = plan.candidate(cell);
    int filters = ((CellNet.Options) c.modelOptions().orElseThrow()).cellFilters();
    int number = kept.measured().size() + 1;
    listener.begins(number, candidates(), cell, filters, SearchPlan.numbers(c));
    Path path = folder.resolve("cells").resolve("%s".formatted(number));
    Measured m;
    try (Training t = open(path, c)) {
      if (!t.train(stop).finished()) {
        return false;
      }
      Evaluation e = t.measure(EvalSpec.validation(c));
      m = new Measured(cell, filters, SearchPlan.numbers(c), e.value(), e.ci95());
    } catch (DivergedException e) {
      listener.message(e.getMessage());
      m = new Measured(cell, filters, SearchPlan.numbers(c), 0, 0);
    }
    kept.add(m);
    listener.measured(m);
    return true;
  }

  /** A run from its beginning, or from where it stopped; the data is loaded once. */
  private Training open(Path path, RunConfig c) {
    Training t =
        RunFolder.holdsRun(path)
            ? Training.resume(path, Map.of(), data, listener)
            : Training.begin(path, c, data, listener);
    data = Optional.of(t.session().loaded());
    return t;
  }

  /** Trains a run to its end; false if that was stopped. */
  private boolean train(Path path, RunConfig c, BooleanSupplier stop) {
    try (Training t = open(path, c)) {
      return t.train(stop).finished();
    }
  }

  /** What was found, and what it is compared with. */
  public record Final(Path best, Path conv) {}

  /**
   * Trains what was found to the end, and beside it the usual blocks of convolutions with at least
   * as many numbers, alike in all else: runs like any other, in "best" and "conv".
   *
   * @return nothing if it was stopped
   */
  public Optional<Final> train(Measured best, BooleanSupplier stop) {
    RunConfig found = plan.found(best.cell());
    Final f = new Final(folder.resolve("best"), folder.resolve("conv"));
    boolean done = train(f.best(), found, stop) && train(f.conv(), plan.conv(found), stop);
    return done ? Optional.of(f) : Optional.empty();
  }
}
