package dev.modelops.samples.quickstart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * How an applicant becomes a row of numbers. Everything it knows was learnt from the training loans and travels with the
 * model. A missing number is replaced by the median and flagged; a category is one column per value seen in training, and
 * one for missing; a value never seen leaves them all at zero.
 *
 * @param numbers the numeric columns
 * @param categories the columns of choices
 */
public record Preprocessing(List<Number> numbers, List<Category> categories) {
    public Preprocessing {
        numbers = List.copyOf(numbers);
        categories = List.copyOf(categories);
    }

    /** Learns medians, means, deviations and values from loans. */
    public static Preprocessing fit(List<Loan> training, Features features) {
        List<Applicant> applicants = training.stream().map(Loan::applicant).toList();
        return new Preprocessing(
                features.numbers().stream()
                        .map(column -> Number.fit(column, applicants))
                        .toList(),
                features.categories().stream()
                        .map(column -> Category.fit(column, applicants))
                        .toList());
    }

    /** Returns the names of the row's values. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (Number number : numbers) {
            names.add(number.column());
            names.add(number.column() + "=missing");
        }
        for (Category category : categories) {
            category.values().forEach(value -> names.add(category.column() + "=" + value));
            names.add(category.column() + "=missing");
        }
        return names;
    }

    /** Returns an applicant's row, in the order of {@link #names}. */
    public double[] row(Applicant applicant) {
        List<Double> row = new ArrayList<>();
        for (Number number : numbers) {
            Double answer = applicant.numbers().get(number.column());
            row.add(number.standardised(answer == null ? number.median() : answer));
            row.add(answer == null ? 1.0 : 0.0);
        }
        for (Category category : categories) {
            String answer = applicant.categories().get(category.column());
            category.values().forEach(value -> row.add(value.equals(answer) ? 1.0 : 0.0));
            row.add(answer == null ? 1.0 : 0.0);
        }
        return row.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /**
     * The columns a model looks at.
     *
     * @param numbers the numeric ones
     * @param categories the choices
     */
    public record Features(List<String> numbers, List<String> categories) {
        public Features {
            numbers = List.copyOf(numbers);
            categories = List.copyOf(categories);
        }

        /** Returns how many columns there are. */
        public int count() {
            return numbers.size() + categories.size();
        }
    }

    /**
     * A numeric column.
     *
     * @param column its name
     * @param median stands in for a missing answer
     * @param mean the mean after that
     * @param deviation the standard deviation after that, 1 for a column that never varies
     */
    public record Number(String column, double median, double mean, double deviation) {
        static Number fit(String column, List<Applicant> applicants) {
            double[] known = applicants.stream()
                    .map(applicant -> applicant.numbers().get(column))
                    .filter(Objects::nonNull)
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            if (known.length == 0) {
                throw new IllegalArgumentException("column " + column + " has no value to learn from");
            }
            double median = (known[(known.length - 1) / 2] + known[known.length / 2]) / 2;
            int missing = applicants.size() - known.length;
            double mean = (Arrays.stream(known).sum() + missing * median) / applicants.size();
            double squares = Arrays.stream(known)
                            .map(value -> (value - mean) * (value - mean))
                            .sum()
                    + missing * (median - mean) * (median - mean);
            double deviation = Math.sqrt(squares / applicants.size());
            return new Number(column, median, mean, deviation > 0 ? deviation : 1);
        }

        double standardised(double value) {
            return (value - mean) / deviation;
        }
    }

    /**
     * A column of choices.
     *
     * @param column its name
     * @param values the values seen in training, sorted
     */
    public record Category(String column, List<String> values) {
        public Category {
            values = List.copyOf(values);
        }

        static Category fit(String column, List<Applicant> applicants) {
            TreeSet<String> values = new TreeSet<>();
            for (Applicant applicant : applicants) {
                Map<String, String> answers = applicant.categories();
                if (answers.containsKey(column)) {
                    values.add(Objects.requireNonNull(answers.get(column)));
                }
            }
            if (values.isEmpty()) {
                throw new IllegalArgumentException("column " + column + " has no value to learn from");
            }
            return new Category(column, List.copyOf(values));
        }
    }
}
