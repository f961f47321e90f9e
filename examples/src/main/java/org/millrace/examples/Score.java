package org.millrace.examples;

/**
 * How well images were classified.
 *
 * @param loss the mean cross entropy
 * @param accuracy the part of them whose class was found
 */
public record Score(double loss, double accuracy) {}
