package dev.modelops.samples.quickstart;

import java.util.Map;

/**
 * Somebody who asks for credit. What is not known about them is absent from the maps.
 *
 * @param numbers numeric answers by column, all finite; copied in
 * @param categories chosen answers by column; copied in
 */
public record Applicant(Map<String, Double> numbers, Map<String, String> categories) {
    public Applicant {
        numbers = Map.copyOf(numbers);
        categories = Map.copyOf(categories);
        numbers.forEach((column, number) -> {
            if (!Double.isFinite(number)) {
                throw new IllegalArgumentException(
                        column + " must be a finite number, but was " + number + "; leave out what is not known");
            }
        });
    }
}
