/**
 * How a configuration's values are declared: as components of a record, each with a {@link
 * io.quickstudy.settings.Setting} beside it that says its meaning, default and limits. The records
 * of a run are in {@code run}, those of learners and models beside these. Their texts, on the
 * command line and in YAML, come from here.
 *
 * <p>May import: {@code text}.
 */
package io.quickstudy.settings;
