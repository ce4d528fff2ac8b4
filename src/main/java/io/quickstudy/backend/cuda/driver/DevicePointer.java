package io.quickstudy.backend.cuda.driver;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** An address on the device, as a pointer that is used again and again. */
final class DevicePointer extends FloatPointer {
  DevicePointer() {
    super((Pointer) null);
  }

  DevicePointer at(long where) {
    address = where;
    return this;
  }
}
