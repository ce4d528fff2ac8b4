/**
 * What a run is: its configuration and its folder.
 *
 * <p>{@link io.quickstudy.run.RunConfig} says everything about a run; {@link
 * io.quickstudy.run.Recipes} knows the defaults, which are YAML files of a learner on data, {@link
 * io.quickstudy.run.ConfigFile} reads and writes it as YAML, {@link
 * io.quickstudy.run.Configurations} are those that are ready. {@link
 * io.quickstudy.run.NamedChoices} finds learners, models and data by name, a user's own on a class
 * path, and {@link io.quickstudy.run.Components} makes them as the configuration says. {@link
 * io.quickstudy.run.RunFolder} keeps it beside the metrics and the {@link
 * io.quickstudy.run.Checkpoints}, whose tensors are {@link io.quickstudy.run.Safetensors} (read by
 * {@link io.quickstudy.run.TensorFile}, as any other's), and {@link io.quickstudy.run.RunData}, by
 * which the images of a run are recognised. Every file but the metrics is written under another
 * name, synced and renamed.
 *
 * <p>Nothing here computes. May import: {@code learner}, {@code learners}, {@code optim}, {@code
 * settings}, {@code task}, {@code transform}, {@code runtime} for its arrays, {@code data} and its
 * rooms, {@code text}, {@code nn}, {@code backend} and {@code graph} for the values a configuration
 * names.
 */
package io.quickstudy.run;
