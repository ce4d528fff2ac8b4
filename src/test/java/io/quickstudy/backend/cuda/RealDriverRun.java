package io.quickstudy.backend.cuda;

import io.quickstudy.backend.BackendException;

/** Opens a GPU in a process of its own, and says how that went. */
final class RealDriverRun {
  private RealDriverRun() {}

  /**
   * Prints one line.
   *
   * @param index the GPU's number
   */
  public static void main(String[] index) {
    try (CudaBackend cuda = CudaBackend.open(Integer.parseInt(index[0]))) {
      System.out.println(cuda.device() + " is open");
    } catch (BackendException e) {
      System.out.println(e.getMessage());
    }
  }
}
