package io.quickstudy.backend.plan;

/** What large loops wait for on a device: it decides whether they read a value or compute it. */
public enum Scarce {
  /** Ops, as on a processor's core, which goes through them one by one on what is in its cache. */
  OPS,
  /** Reads and writes, as on a GPU. */
  BYTES
}
