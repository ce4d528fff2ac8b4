package io.quickstudy.run;

/** The schedules of the learning rate by the names that people type. */
public enum ScheduleName {
  /** {@link io.quickstudy.optim.Schedule.Constant}. */
  CONSTANT,
  /** {@link io.quickstudy.optim.Schedule.Step}. */
  STEP,
  /** {@link io.quickstudy.optim.Schedule.Cosine}. */
  COSINE,
  /** {@link io.quickstudy.optim.Schedule.Linear}. */
  LINEAR
}
