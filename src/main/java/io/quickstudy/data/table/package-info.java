/**
 * Tables of numbers: {@link io.quickstudy.data.table.TableColumns} says by its headings what one
 * is, {@link io.quickstudy.data.table.TableFile} reads it, {@link
 * io.quickstudy.data.table.TableCurves} draws the tasks of one that is to be regressed.
 *
 * <p>May import: {@code data}, {@code random}, {@code text}.
 */
package io.quickstudy.data.table;
