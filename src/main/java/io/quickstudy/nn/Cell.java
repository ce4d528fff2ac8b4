package io.quickstudy.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cell of a {@link CellNet}: blocks that each add what two operations make of their inputs (Liu
 * et al. 2018, "Progressive Neural Architecture Search", section 3.1). An input is the cell's, or
 * the output of an earlier block. The outputs of blocks that no other takes, one behind the other
 * along the channels, are the cell's.
 *
 * <p>As a text: {@code conv3(in)+max3(in); conv1(b1)+same(in)}, where {@code b1} is the first
 * block.
 *
 * @param blocks in order, at least one
 */
public record Cell(List<Block> blocks) {
  private static final String INPUT = "in";

  /** What a block does to an input; of as many channels as its input has. */
  public enum Operation {
    /** A 1x1 convolution, batch normalisation and ReLU. */
    CONV1,
    /** The same with 3x3. */
    CONV3,
    /** The same with 5x5. */
    CONV5,
    /** The maximum of 3x3. */
    MAX3,
    /** The mean of 3x3. */
    MEAN3,
    /** The input itself. */
    SAME;

    /** Whether it is a convolution, which learns. */
    public boolean isConvolution() {
      return filter() > 0;
    }

    /** The side of a convolution's filters; 0 for what is none. */
    int filter() {
      return switch (this) {
        case CONV1 -> 1;
        case CONV3 -> 3;
        case CONV5 -> 5;
        case MAX3, MEAN3, SAME -> 0;
      };
    }

    /** The name in texts. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * An operation and where its input is from.
   *
   * @param operation what is done
   * @param input 0 for the cell's input, k for the output of block k
   */
  public record Branch(Operation operation, int input) implements Comparable<Branch> {
    @Override
    public int compareTo(Branch o) {
      int byInput = Integer.compare(input, o.input);
      return byInput != 0 ? byInput : operation.compareTo(o.operation);
    }

    @Override
    public String toString() {
      return "%s(%s)".formatted(operation, input == 0 ? INPUT : "b" + input);
    }
  }

  /** Two branches whose outputs are added; in an order, since either order is the same. */
  public record Block(Branch left, Branch right) {
    /** Puts the branches in order. */
    public Block {
      if (left.compareTo(right) > 0) {
        Branch first = right;
        right = left;
        left = first;
      }
    }

    @Override
    public String toString() {
      return left + "+" + right;
    }
  }

  /** Copies the list, and refuses inputs that are not there yet. */
  public Cell {
    blocks = List.copyOf(blocks);
    if (blocks.isEmpty()) {
      throw new IllegalArgumentException(
          "A cell without blocks: expected one at least; conv3(in)+max3(in) for example.");
    }
    for (int i = 0; i < blocks.size(); i++) {
      for (Branch b : List.of(blocks.get(i).left(), blocks.get(i).right())) {
        if (b.input() < 0 || b.input() > i) {
          throw new IllegalArgumentException(
              "Block %s of a cell takes '%s': expected 'in' or an earlier block, b1 for the first; correct it."
                  .formatted(i + 1, b));
        }
      }
    }
  }

  /**
   * Reads a cell.
   *
   * @throws IllegalArgumentException if a text is none
   */
  public static Cell parse(String text) {
    List<Block> blocks = new ArrayList<>();
    for (String block : text.split(";", -1)) {
      String[] branches = block.split("\\+", -1);
      if (branches.length != 2) {
        throw wrong(
            text, "block '%s' has %s of 2 branches".formatted(block.strip(), branches.length));
      }
      blocks.add(new Block(branch(text, branches[0]), branch(text, branches[1])));
    }
    return new Cell(blocks);
  }

  private static Branch branch(String cell, String text) {
    String b = text.strip();
    int open = b.indexOf('(');
    if (open < 0 || !b.endsWith(")")) {
      throw wrong(cell, "'%s' is no branch".formatted(b));
    }
    String input = b.substring(open + 1, b.length() - 1).strip();
    String name = b.substring(0, open).strip();
    for (Operation o : Operation.values()) {
      if (o.toString().equals(name)) {
        if (input.equals(INPUT)) {
          return new Branch(o, 0);
        }
        if (input.matches("b[1-9][0-9]?")) {
          return new Branch(o, Integer.parseInt(input.substring(1)));
        }
        throw wrong(cell, "'%s' is no input".formatted(input));
      }
    }
    throw wrong(cell, "'%s' is none of %s".formatted(name, List.of(Operation.values())));
  }

  private static IllegalArgumentException wrong(String cell, String why) {
    return new IllegalArgumentException(
        "Option --cell is '%s', of which %s: expected blocks such as conv3(in)+max3(in); conv1(b1)+same(in); correct it."
            .formatted(cell, why));
  }

  /** The blocks, by number from 1, whose outputs are the cell's: those that no other takes. */
  public List<Integer> outputs() {
    return IntStream.rangeClosed(1, blocks.size())
        .filter(
            k -> blocks.stream().noneMatch(b -> b.left().input() == k || b.right().input() == k))
        .boxed()
        .toList();
  }

  @Override
  public String toString() {
    return blocks.stream().map(Block::toString).collect(Collectors.joining("; "));
  }
}
