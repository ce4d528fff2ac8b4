package io.quickstudy.data.table;

/**
 * A row of a file. The numbers are not copied and not to be changed.
 *
 * @param belongs the name of the task or the class that it belongs to, with the class's group
 *     before a "/"; empty where the file does not say that
 * @param id what the file calls it; often empty
 * @param at its line from 1 in a CSV file, its number from 0 in an array
 * @param numbers in the order of {@link TableColumns#numbers}
 */
public record TableRow(String belongs, String id, int at, float[] numbers) {}
