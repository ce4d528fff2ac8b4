package io.quickstudy.data;

/** What a class of an episode is. */
public enum ClassUnit {
  /** A class of the data, such as a character. */
  EACH,
  /**
   * A whole group, such as an alphabet: a mixture of its classes (Allen et al. 2019, section 4.1).
   */
  GROUPS
}
