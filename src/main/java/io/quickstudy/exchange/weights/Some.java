package io.quickstudy.exchange.weights;

import io.quickstudy.text.Names;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Names in a message: some of many. */
final class Some {
  private static final int SHOWN = 4;

  private Some() {}

  /** "'a', 'b', 'c', 'd' and 9 more". */
  static String of(Collection<String> names) {
    List<String> all = new ArrayList<>(names);
    String shown = all.stream().limit(SHOWN).map(Some::quoted).collect(Collectors.joining(", "));
    return all.size() <= SHOWN ? shown : shown + " and " + (all.size() - SHOWN) + " more";
  }

  private static String quoted(String name) {
    return "'" + Names.shown(name) + "'";
  }
}
