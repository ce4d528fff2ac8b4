package io.quickstudy.run;

/** The models by the names that people type. */
public enum ModelName {
  /** {@link io.quickstudy.nn.ConvNet}. */
  CONV("blocks of 3x3 convolution, batch norm and ReLU, each halving the image"),
  /** {@link io.quickstudy.nn.Mlp}. */
  MLP("linear layers with ReLU between them, on numbers or flattened images"),
  /** {@link io.quickstudy.nn.Lstm}; the learner of this name is this model. */
  LSTM("one layer of long short-term memory");

  private final String about;

  ModelName(String about) {
    this.about = about;
  }

  /** What it is. */
  public String about() {
    return about;
  }

  @Override
  public String toString() {
    return ConfigKeys.text(name());
  }
}
