package io.quickstudy.report;

import io.quickstudy.text.Text;
import io.quickstudy.train.Attention;
import io.quickstudy.train.DrawnSignal;
import io.quickstudy.train.Predictions.Predicted;
import java.util.List;

/**
 * Signals with what was answered, and where heads read and wrote (Graves et al. 2014, figure 6).
 */
final class MemorySection {
  /** Points down for a bit, and for a row of a memory. */
  private static final int BIT = 10;

  private static final int TALLEST = 260;
  private static final int TALL = 8;

  private MemorySection() {}

  /** The first signals. */
  static Html section(TestOutcome.OfSignals o) {
    Html h = new Html().open("section", "id", "tasks").element("h2", "Test tasks");
    h.element(
        "p",
        "The first test tasks, time from left to right: what was seen, the bits that were asked"
            + " for, and how likely each was said to be. Below, where each head read and wrote.");
    for (int i = 0; i < o.signals().size(); i++) {
      Predicted.OfSignal p = o.signals().get(i);
      DrawnSignal s = p.signal();
      h.open("article", "class", "task");
      h.open("h3").text("Task " + (p.number() + 1)).text(" ");
      h.element("span", Text.count(wrong(p), "wrong bit")).close();
      Matrices m = new Matrices(s.steps());
      m.add(h, s.x(), BIT, "seen");
      m.add(h, s.y(), BIT, "asked for");
      m.add(h, said(p), BIT, "answered");
      if (i < o.attention().size()) {
        heads(h, o.attention().get(i));
      }
      h.close();
    }
    return h.close();
  }

  /** What a memory did over a sequence of images. */
  static Html section(List<Attention> heads) {
    Html h = new Html().open("section", "id", "memory").element("h2", "Memory");
    h.element(
        "p",
        "Over the first test task, an image a step from left to right: which rows of the memory"
            + " each head read and wrote.");
    h.open("article", "class", "task");
    heads(h, heads);
    return h.close().close();
  }

  private static void heads(Html h, List<Attention> heads) {
    long of = heads.stream().filter(a -> a.name().equals(heads.getFirst().name())).count();
    for (Attention a : heads) {
      int tall = Math.clamp(TALLEST / a.rows(), 1, TALL);
      String which = of == 1 ? a.name() : a.name() + " " + (a.head() + 1);
      new Matrices(a.steps()).add(h, a.weights(), tall, which);
    }
  }

  /** Probabilities of the bits that are asked for; nothing where none are. */
  private static float[] said(Predicted.OfSignal p) {
    DrawnSignal s = p.signal();
    float[] all = new float[s.y().length];
    for (int i = 0; i < all.length; i++) {
      double z = p.logits()[i / s.outputs()][i % s.outputs()];
      all[i] = s.asked()[i / s.outputs()] == 0 ? 0 : (float) (1 / (1 + Math.exp(-z)));
    }
    return all;
  }

  private static int wrong(Predicted.OfSignal p) {
    DrawnSignal s = p.signal();
    int n = 0;
    for (int i = 0; i < s.y().length; i++) {
      boolean one = p.logits()[i / s.outputs()][i % s.outputs()] > 0;
      n += s.asked()[i / s.outputs()] != 0 && one != (s.y()[i] > 0) ? 1 : 0;
    }
    return n;
  }
}
