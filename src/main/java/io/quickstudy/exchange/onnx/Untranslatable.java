package io.quickstudy.exchange.onnx;

import io.quickstudy.run.RunException;

/** Says why a model cannot be an ONNX file. */
final class Untranslatable {
  private Untranslatable() {}

  static RunException because(String why) {
    return new RunException(
        "This model cannot be written as ONNX (%s): expected ops with a counterpart there; write its weights with --safetensors."
            .formatted(why));
  }
}
