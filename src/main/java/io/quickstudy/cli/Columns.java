package io.quickstudy.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of texts as columns that stand below each other. */
final class Columns {
  private static final String BETWEEN = "  ";

  private Columns() {}

  /** All columns to the right, as numbers are. */
  static List<String> right(List<List<String>> rows) {
    return aligned(rows, 0);
  }

  /** All columns to the left. */
  static List<String> left(List<List<String>> rows) {
    return aligned(rows, Integer.MAX_VALUE);
  }

  /**
   * Lines of equal columns.
   *
   * @param left so many of the first columns to the left, the others to the right
   */
  static List<String> aligned(List<List<String>> rows, int left) {
    int n = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[n];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).codePointCount(0, row.get(i).length()));
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i);
        String room = " ".repeat(widths[i] - cell.codePointCount(0, cell.length()));
        cells.add(i < left ? cell + room : room + cell);
      }
      lines.add(String.join(BETWEEN, cells).stripTrailing());
    }
    return lines;
  }
}
