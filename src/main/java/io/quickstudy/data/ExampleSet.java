package io.quickstudy.data;

import java.util.List;

/** Examples by class, whatever they are: what tasks are drawn from. */
public sealed interface ExampleSet permits ImageSet, VectorSet {
  /** What the set is called. */
  String name();

  /** The classes, in the order of their examples: each a run of consecutive ones. */
  List<ImageClass> classes();

  /** The number of examples. */
  int examples();

  /** What a class of it is called: "class", or "task" where rows are the points of a task. */
  default String unit() {
    return "class";
  }

  /** What an example of it is called: "image" or "row". */
  String example();

  /** What people add to have more of these: "class folders" of images, "tasks" of rows. */
  String more();
}
