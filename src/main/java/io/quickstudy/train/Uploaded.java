package io.quickstudy.train;

import io.quickstudy.backend.Resident;
import io.quickstudy.data.DataSource;
import io.quickstudy.data.ExampleSet;
import io.quickstudy.data.Split;

/**
 * Examples of classes, which are on the device.
 *
 * @param classes what was loaded
 * @param resident its images or vectors there
 */
record Uploaded(DataSource.Loaded.Classes classes, Resident resident) {
  ExampleSet set() {
    return classes.set();
  }

  Split split() {
    return classes.split();
  }
}
