package io.quickstudy.backend.cuda;

import static io.quickstudy.backend.cuda.EmulatedDriver.check;

import io.quickstudy.backend.cuda.driver.Dnn;
import io.quickstudy.backend.cuda.driver.SharedConvolution;
import io.quickstudy.bindings.Emulator;
import java.util.List;

/** cuDNN's convolutions with plain loops, of the same conventions, on the emulator's memory. */
final class EmulatedDnn implements Dnn {
  private static final int NHWC = 1;

  private final EmulatedDriver driver;

  EmulatedDnn(EmulatedDriver driver) {
    this.driver = driver;
  }

  @Override
  public String version() {
    return "emulated, FP32";
  }

  @Override
  public List<Way> ways(SharedConvolution c, long most) {
    return List.of(
        new Way(
            1, Emulator.convolutionWorkspace(number(c), c.describeX(), filter(c), c.describeY())));
  }

  private static int number(SharedConvolution c) {
    return switch (c.result()) {
      case Y -> 0;
      case X -> 1;
      case W -> 2;
    };
  }

  private static int[] filter(SharedConvolution c) {
    return new int[] {NHWC, c.o(), c.c(), c.kh(), c.kw()};
  }

  @Override
  public void start(SharedConvolution c, Way way, Operands at) {
    int[] window = {c.padH(), c.padW(), c.strideH(), c.strideW()};
    driver.first();
    driver.start(
        () ->
            check(
                Emulator.convolution(
                    number(c),
                    window,
                    1,
                    0,
                    c.describeX(),
                    at.x(),
                    filter(c),
                    at.w(),
                    c.describeY(),
                    at.y(),
                    at.workspace(),
                    way.bytes())));
  }
}
