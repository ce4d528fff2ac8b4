package io.quickstudy.data;

/**
 * One class of an {@link ExampleSet}: a run of consecutive examples.
 *
 * @param name the class within its group, such as "character07"
 * @param group what the class belongs to, such as its alphabet
 * @param first the number of its first example in the set
 * @param count how many examples it has
 */
public record ImageClass(String name, String group, int first, int count) {

  /** The group and the name, such as "Greek/character07". */
  public String fullName() {
    return group.isEmpty() ? name : group + "/" + name;
  }
}
