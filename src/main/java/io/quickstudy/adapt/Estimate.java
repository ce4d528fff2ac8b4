package io.quickstudy.adapt;

/**
 * What a regressor expects of the function's value at a point, and how surely.
 *
 * @param value the value that is expected
 * @param deviation its standard deviation, above 0: the value is within twice that of it 95 times
 *     of 100, where the learner is as sure as it should be
 */
public record Estimate(float value, float deviation) {}
