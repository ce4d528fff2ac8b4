/**
 * What a data set is: an {@link io.quickstudy.data.ExampleSet} of {@link
 * io.quickstudy.data.ImageClass classes} ({@link io.quickstudy.data.ImageSet} of images, {@link
 * io.quickstudy.data.VectorSet} of rows of numbers), a {@link io.quickstudy.data.Split} that says
 * which of them train and which test, {@link io.quickstudy.data.Attributes} that describe classes,
 * and a {@link io.quickstudy.data.Fingerprint} that tells whether both are those of another time.
 *
 * <p>The rooms below use this one and never each other's insides: {@code data.image} decodes files
 * and folders, {@code data.glyphs} draws characters, {@code data.table} reads tables of numbers,
 * {@code data.sampling} draws tasks, {@code data.source} has one file for each data set.
 *
 * <p>May import: {@code graph}, {@code random}, {@code text}.
 */
package io.quickstudy.data;
