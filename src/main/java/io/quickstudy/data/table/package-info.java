/**
 * Tables of numbers: {@link io.quickstudy.data.table.TableColumns} says by its headings what one
 * is, {@link io.quickstudy.data.table.TableFile} reads it, {@link
 * io.quickstudy.data.table.TableCurves} draws the tasks of one that is to be regressed. Vectors of
 * classes lie in one file, or in a file for each class ({@link
 * io.quickstudy.data.table.VectorFile}, CSV or NPY); {@link io.quickstudy.data.table.ClassTables}
 * splits them by class as folders of images are.
 *
 * <p>May import: {@code data}, {@code data.image} for splits and names of files, {@code random},
 * {@code text}.
 */
package io.quickstudy.data.table;
