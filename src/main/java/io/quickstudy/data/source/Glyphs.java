package io.quickstudy.data.source;

import io.quickstudy.data.DataSource;
import io.quickstudy.data.ImageSet;
import io.quickstudy.data.Ink;
import io.quickstudy.data.LoadListener;
import io.quickstudy.data.Split;
import io.quickstudy.data.glyphs.GlyphSet;
import java.util.List;
import java.util.Optional;

/** Procedurally drawn characters: {@link GlyphSet#usual}. */
public final class Glyphs implements DataSource {
  /** Which drawings there are is part of what the name "glyphs" means; no run changes it. */
  private static final long SEED = 0;

  @Override
  public String name() {
    return "glyphs";
  }

  @Override
  public String about() {
    return "1,300 procedurally drawn characters in 50 alphabets by 20 hands each; built in";
  }

  @Override
  public Kind kind() {
    return Kind.CLASSES;
  }

  @Override
  public List<String> splits() {
    return List.of(Split.HELDOUT, Split.RANDOM);
  }

  @Override
  public Ink usualInk() {
    return Ink.DARK; // that is, pictures of ink on paper are inverted to look like these
  }

  @Override
  public boolean describes() {
    return true;
  }

  @Override
  public List<String> attributes(Request r) {
    return new GlyphSet(1, 1, r.size(), SEED).attributes().names();
  }

  @Override
  public void check(Request r) {
    DataSource.super.check(r);
    GlyphSet.usual(r.size(), SEED);
  }

  @Override
  public Loaded load(Request r, LoadListener listener) {
    GlyphSet glyphs = GlyphSet.usual(r.size(), SEED);
    ImageSet set = glyphs.draw();
    Split split =
        r.split().equals(Split.HELDOUT)
            ? Split.heldout(set)
            : Split.randomTrainAndTest(set, r.seed());
    return new Loaded.Images(
        set, split, r.described() ? Optional.of(glyphs.attributes()) : Optional.empty());
  }
}
