package io.quickstudy.nn;

import java.util.List;

/** The models there are; a user's own is named by its class. */
public final class Models {
  /** All of them, the usual one first. */
  public static final List<ModelKind<?>> ALL =
      List.of(
          ConvNet.KIND,
          ResNet12.KIND,
          ResNet18.KIND,
          WideResNet.KIND,
          CellNet.KIND,
          Mlp.KIND,
          KochNet.KIND);

  private Models() {}
}
