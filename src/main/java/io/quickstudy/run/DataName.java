package io.quickstudy.run;

/** The data by the names that people type. */
public enum DataName {
  /** {@link io.quickstudy.data.glyphs.GlyphSet}. */
  GLYPHS("1,300 procedurally drawn characters in 50 alphabets by 20 hands each; built in"),
  /** {@link io.quickstudy.data.source.Omniglot}. */
  OMNIGLOT("1,623 handwritten characters in 50 alphabets by 20 people each (Lake et al. 2015)"),
  /** {@link io.quickstudy.data.image.FolderData}. */
  FOLDER("your own images: class folders of PNG or JPEG, as folder:DIR"),
  /** {@link io.quickstudy.data.source.Sinusoids}. */
  SINUSOID("sine waves to regress (Finn et al. 2017, section 5.1); built in");

  private final String about;

  DataName(String about) {
    this.about = about;
  }

  /** What it is. */
  public String about() {
    return about;
  }

  /** Whether its examples are images of classes. */
  public boolean images() {
    return this != SINUSOID;
  }

  @Override
  public String toString() {
    return ConfigKeys.text(name());
  }
}
