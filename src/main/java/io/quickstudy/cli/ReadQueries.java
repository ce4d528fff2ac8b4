package io.quickstudy.cli;

import io.quickstudy.adapt.Adapter;
import io.quickstudy.adapt.Input;
import io.quickstudy.data.DataException;
import io.quickstudy.data.image.ImageDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The queries of one call of an adapter, as its model takes them.
 *
 * @param queries all of them
 * @param inputs those that can be read, in order
 * @param errors why one cannot be, of each of all; empty where it can
 */
record ReadQueries(List<Query> queries, List<Input> inputs, List<String> errors) {
  /** Numbers that are read for one call, 16 MB; and queries, however large they are. */
  private static final int MOST_NUMBERS = 1 << 22;

  private static final int LEAST = 64;

  /** Taken for the size of a row. */
  private static final int NUMBERS_OF_ROW = 1 << 10;

  /** What became of one. */
  private record One(Optional<Input> input, String error) {
    static One of(Adapter adapter, Query q) {
      try {
        return new One(Optional.of(q.prepared(adapter)), "");
      } catch (DataException e) {
        return new One(Optional.empty(), e.getMessage());
      }
    }
  }

  /** Reads them, by all threads where a call may have several. */
  private static ReadQueries of(Adapter adapter, List<Query> queries, boolean parallel) {
    Stream<Query> each = parallel ? queries.parallelStream() : queries.stream();
    List<One> all = each.map(q -> One.of(adapter, q)).toList();
    return new ReadQueries(
        queries,
        all.stream().flatMap(o -> o.input.stream()).toList(),
        all.stream().map(One::error).toList());
  }

  /** Those that can be read. */
  List<Query> readable() {
    List<Query> some = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      if (errors.get(i).isEmpty()) {
        some.add(queries.get(i));
      }
    }
    return some;
  }

  /**
   * Reads many in calls of like size, so that an adapter compiles for one size alone, and hands
   * each on; at once where they depend on each other.
   *
   * @param parallel whether a call may have several threads
   * @param console told of how many are done
   */
  static void inCalls(
      Adapter adapter,
      List<Query> queries,
      boolean together,
      boolean parallel,
      Console console,
      Consumer<ReadQueries> each) {
    int n = queries.size();
    int size = together ? n : size(n, adapter.decoder());
    for (int from = 0; from < n; from += size) {
      int to = Math.min(n, from + size);
      each.accept(of(adapter, queries.subList(from, to), parallel));
      console.measured(to, n);
    }
  }

  private static int size(int n, Optional<ImageDecoder> decoder) {
    int numbers = decoder.map(d -> d.height() * d.width() * d.channels()).orElse(NUMBERS_OF_ROW);
    int most = Math.max(LEAST, MOST_NUMBERS / numbers);
    return Math.ceilDiv(n, Math.max(1, Math.ceilDiv(n, most)));
  }
}
