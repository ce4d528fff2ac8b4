package io.quickstudy.search;

import io.quickstudy.nn.Cell;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The cells that there are. */
final class CellSpace {
  private CellSpace() {}

  /** All cells of one block, but those that learn nothing. */
  static List<Cell> smallest() {
    return blocks(0).stream().map(b -> new Cell(List.of(b))).filter(CellSpace::learns).toList();
  }

  /** All cells that are one of some with another block, each once. */
  static List<Cell> larger(List<Cell> cells) {
    Set<Cell> out = new LinkedHashSet<>();
    for (Cell c : cells) {
      for (Cell.Block b : blocks(c.blocks().size())) {
        List<Cell.Block> more = new ArrayList<>(c.blocks());
        more.add(b);
        out.add(new Cell(more));
      }
    }
    return List.copyOf(out);
  }

  /** All blocks behind so many others; what is added to itself is left out. */
  private static List<Cell.Block> blocks(int before) {
    List<Cell.Branch> branches = new ArrayList<>();
    for (int input = 0; input <= before; input++) {
      for (Cell.Operation o : Cell.Operation.values()) {
        branches.add(new Cell.Branch(o, input));
      }
    }
    List<Cell.Block> out = new ArrayList<>();
    for (int i = 0; i < branches.size(); i++) {
      for (int k = i; k < branches.size(); k++) {
        if (i < k || branches.get(i).operation().isConvolution()) {
          out.add(new Cell.Block(branches.get(i), branches.get(k)));
        }
      }
    }
    return out;
  }

  private static boolean learns(Cell c) {
    return c.blocks().stream()
        .anyMatch(
            b -> b.left().operation().isConvolution() || b.right().operation().isConvolution());
  }
}
