package dev.modelops.samples.quickstart;

import dev.modelops.samples.quickstart.Preprocessing.Features;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A trained model with what is known about it.
 *
 * @param title what it is, in a few words
 * @param features the columns it looks at
 * @param epochs how often it saw each training loan
 * @param trainedOn how many training loans there were
 * @param model the model
 * @param holdOut how well it does on loans it has not seen
 */
public record Candidate(
        String title, Features features, int epochs, int trainedOn, CreditModel model, Metrics holdOut) {
    static final long SEED = 1;

    private static final Features APPLICATION_FORM =
            new Features(List.of("Age", "Time", "Amount", "Price", "Income", "Expenses"), List.of("Marital"));
    private static final Features EVERYTHING_BUT_JOB = new Features(
            List.of("Age", "Time", "Amount", "Price", "Income", "Expenses", "Seniority", "Assets", "Debt"),
            List.of("Marital", "Home", "Records"));

    /** Trains on what applicants write down themselves. */
    public static Candidate applicationForm(CreditData.Split data) {
        return train("application form only", APPLICATION_FORM, 20, data);
    }

    /** Trains on the form and what the bank knows besides: seniority, property, debt and earlier credit. */
    public static Candidate withCreditHistory(CreditData.Split data) {
        return train("application form, property and credit history", EVERYTHING_BUT_JOB, 20, data);
    }

    private static Candidate train(String title, Features features, int epochs, CreditData.Split data) {
        CreditModel model = CreditModel.train(data.training(), features, epochs, SEED);
        return new Candidate(title, features, epochs, data.training().size(), model, Metrics.of(model, data.holdOut()));
    }

    /** Writes the files to register into a new folder. */
    public void save(Path folder) throws IOException {
        model.save(folder, card());
    }

    private String card() {
        String columns = Stream.concat(features.numbers().stream(), features.categories().stream())
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                """
                Credit risk: %s

                Gives the probability that credit to an applicant goes bad.
                Method: logistic regression, AdaGrad, %d epochs, seed %d (Tribuo).
                Trained on: %,d loans to people in fixed employment, from credit_data.csv.
                Columns: %s.
                Hold-out: %s.
                Limits: says nothing about other kinds of employment; not examined for fairness.
                  A demonstration, not to be used to decide about people.
                Files: %s holds the weights, %s how an applicant becomes a row of numbers.
                """,
                title,
                epochs,
                SEED,
                trainedOn,
                columns,
                holdOut,
                CreditModel.MODEL_FILE,
                CreditModel.PREPROCESSING_FILE);
    }
}
