package io.quickstudy.data;

/** Where the classes of an episode come from. */
public enum Within {
  /** From all that there are. */
  ALL,
  /** From one group, such as an alphabet, drawn for each episode (Lake et al. 2015). */
  GROUP
}
