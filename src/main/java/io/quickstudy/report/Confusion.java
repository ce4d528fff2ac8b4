package io.quickstudy.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which class was taken for which. Only classes that meet in a task can be confused, so mistakes
 * are counted beside the occasions: queries of the one in tasks that had the other.
 */
final class Confusion {
  private static final double Z = 1.96;

  /** An image of a class: which, and how it is moved. */
  record Image(int index, int move) {}

  /** Two classes, from the one to the other. */
  private record Direction(int from, int to) {}

  /** The classes of a task and how many queries each had. */
  private record Asked(int[] classes, int[] queries) {
    int queriesOf(int of) {
      int n = 0;
      for (int k = 0; k < classes.length; k++) {
        n += classes[k] == of ? queries[k] : 0;
      }
      return n;
    }
  }

  /** Mistakes in one direction, with the images of the first. */
  private static final class Mistakes {
    private int count;
    private Image query;
    private Image support;
  }

  /**
   * Mistakes and occasions.
   *
   * @param mistakes how often it happened
   * @param occasions how often it could have
   */
  record Cell(int mistakes, int occasions) {
    double rate() {
      return occasions == 0 ? 0 : (double) mistakes / occasions;
    }
  }

  /**
   * Two classes that were confused.
   *
   * @param ab a taken for b, the more frequent direction
   * @param ba b taken for a
   * @param mistaken a query of class a
   * @param support what it was taken for: an example of class b in that task
   */
  record Pair(int a, int b, Cell ab, Cell ba, Image mistaken, Image support) {
    /** The least rate that the counts leave room for (Wilson 1927): few occasions prove little. */
    double proved() {
      double n = (double) ab.occasions + ba.occasions;
      double p = (ab.mistakes + ba.mistakes) / n;
      double middle = p + Z * Z / (2 * n);
      double reach = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
      return (middle - reach) / (1 + Z * Z / n);
    }
  }

  private final List<Asked> tasks = new ArrayList<>();
  private final Map<Integer, List<Asked>> tasksOf = new TreeMap<>();
  private final Map<Direction, Mistakes> mistakes = new HashMap<>();

  /** Begins a task. */
  void begin(int[] classOfLabel) {
    Asked task = new Asked(classOfLabel.clone(), new int[classOfLabel.length]);
    tasks.add(task);
    for (int c : classOfLabel) {
      tasksOf.computeIfAbsent(c, k -> new ArrayList<>()).add(task);
    }
  }

  /** Counts one query of the task. */
  void add(Answer a, Image query, Image[] supportOfLabel) {
    Asked task = tasks.getLast();
    task.queries[a.label()]++;
    if (!a.right()) {
      Direction d = new Direction(task.classes[a.label()], task.classes[a.predicted()]);
      Mistakes m = mistakes.computeIfAbsent(d, k -> new Mistakes());
      if (m.count++ == 0) {
        m.query = query;
        m.support = supportOfLabel[a.predicted()];
      }
    }
  }

  /** The classes that were in a task, ascending. */
  List<Integer> classes() {
    return List.copyOf(tasksOf.keySet());
  }

  /** From one class to another. */
  Cell cell(int from, int to) {
    int occasions = 0;
    for (Asked task : tasksOf.get(from)) {
      for (int c : task.classes) {
        occasions += c == to ? task.queriesOf(from) : 0;
      }
    }
    return new Cell(count(from, to), occasions);
  }

  private int count(int from, int to) {
    Mistakes m = mistakes.get(new Direction(from, to));
    return m == null ? 0 : m.count;
  }

  /** From each class to any other. */
  Map<Integer, Cell> totals() {
    Map<Integer, Integer> wrong = new HashMap<>();
    mistakes.forEach((d, m) -> wrong.merge(d.from, m.count, Integer::sum));
    Map<Integer, Cell> totals = new TreeMap<>();
    tasksOf.forEach(
        (c, of) -> {
          int queries = of.stream().mapToInt(t -> t.queriesOf(c)).sum();
          totals.put(c, new Cell(wrong.getOrDefault(c, 0), queries));
        });
    return totals;
  }

  /** The pairs that were surely confused most often. */
  List<Pair> worst(int most) {
    List<Pair> pairs = new ArrayList<>();
    mistakes.forEach(
        (d, m) -> {
          int back = count(d.to, d.from);
          if (m.count > back || (m.count == back && d.from < d.to)) {
            Cell ab = cell(d.from, d.to);
            pairs.add(new Pair(d.from, d.to, ab, cell(d.to, d.from), m.query, m.support));
          }
        });
    pairs.sort(
        Comparator.comparingDouble(Pair::proved)
            .reversed()
            .thenComparingInt(Pair::a)
            .thenComparingInt(Pair::b));
    return List.copyOf(pairs.subList(0, Math.min(most, pairs.size())));
  }

  /** The same between groups of classes, by their numbers; also within a group. */
  Cell[][] between(Map<Integer, Integer> groupOf, int groups) {
    int[][] occasions = new int[groups][groups];
    int[][] wrong = new int[groups][groups];
    for (Asked task : tasks) {
      for (int k = 0; k < task.classes.length; k++) {
        for (int other = 0; other < task.classes.length; other++) {
          int from = groupOf.get(task.classes[k]);
          int to = groupOf.get(task.classes[other]);
          occasions[from][to] += k == other ? 0 : task.queries[k];
        }
      }
    }
    mistakes.forEach((d, m) -> wrong[groupOf.get(d.from)][groupOf.get(d.to)] += m.count);
    Cell[][] cells = new Cell[groups][groups];
    for (int i = 0; i < groups; i++) {
      for (int j = 0; j < groups; j++) {
        cells[i][j] = new Cell(wrong[i][j], occasions[i][j]);
      }
    }
    return cells;
  }
}
