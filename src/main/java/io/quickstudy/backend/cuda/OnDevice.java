package io.quickstudy.backend.cuda;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** An address on the device, as a pointer that is used again and again. */
final class OnDevice extends FloatPointer {
  OnDevice() {
    super((Pointer) null);
  }

  OnDevice at(long where) {
    address = where;
    return this;
  }
}
