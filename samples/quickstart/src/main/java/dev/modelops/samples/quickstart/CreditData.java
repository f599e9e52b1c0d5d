package dev.modelops.samples.quickstart;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The loans that the sample learns from; SOURCE.md beside the file says where they come from.
 *
 * @param loans every loan, in the order of the file
 * @param digest the digest of the file, which a model version names as its data set
 */
public record CreditData(List<Loan> loans, Digest digest) {
    public static final String FILE = "credit_data.csv";

    private static final Set<String> CATEGORIES = Set.of("Home", "Marital", "Records", "Job");

    public CreditData {
        loans = List.copyOf(loans);
    }

    /** Reads the file that is packed with the sample. */
    public static CreditData load() {
        try (InputStream in = CreditData.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is not on the class path beside " + CreditData.class);
            }
            Bytes content = Bytes.of(in.readAllBytes());
            return new CreditData(parse(content.toUtf8()), Digest.sha256Of(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Parses lines of values without commas, quoted or not, under a line of column names; an empty value is missing. */
    static List<Loan> parse(String csv) {
        List<String> lines = csv.lines().toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("credit data must begin with a line of column names, but is empty");
        }
        List<String> columns = values(lines.get(0));
        List<Loan> loans = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            List<String> values = values(lines.get(i));
            if (values.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "line " + (i + 1) + " must have " + columns.size() + " values, but has " + values.size());
            }
            loans.add(loan(i + 1, columns, values));
        }
        return loans;
    }

    private static Loan loan(int line, List<String> columns, List<String> values) {
        Map<String, Double> numbers = new HashMap<>();
        Map<String, String> categories = new HashMap<>();
        String status = "";
        for (int i = 0; i < columns.size(); i++) {
            String column = columns.get(i);
            String value = values.get(i);
            if (column.equals("Status")) {
                status = value;
            } else if (CATEGORIES.contains(column) && !value.isEmpty()) {
                categories.put(column, value);
            } else if (!value.isEmpty()) {
                try {
                    numbers.put(column, Double.valueOf(value));
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "line " + line + ": " + column + " must be a number, but was '" + value + "'", e);
                }
            }
        }
        if (!status.equals("good") && !status.equals("bad")) {
            throw new IllegalArgumentException(
                    "line " + line + ": Status must be good or bad, but was '" + status + "'");
        }
        return new Loan(new Applicant(numbers, categories), status.equals("bad"));
    }

    private static List<String> values(String line) {
        return Arrays.stream(line.split(",", -1))
                .map(value -> value.replace("\"", ""))
                .toList();
    }

    /**
     * Splits the loans of people in fixed employment at random: 70 % to train on, the rest held out.
     *
     * @param seed the same seed gives the same split
     */
    public Split split(long seed) {
        List<Loan> fixed = new ArrayList<>(loans.stream()
                .filter(loan -> "fixed".equals(loan.applicant().categories().get("Job")))
                .toList());
        Collections.shuffle(fixed, new Random(seed));
        int cut = fixed.size() * 7 / 10;
        return new Split(fixed.subList(0, cut), fixed.subList(cut, fixed.size()));
    }

    /**
     * Loans to learn from, and others to judge by.
     *
     * @param training what a model may see
     * @param holdOut what it is measured on
     */
    public record Split(List<Loan> training, List<Loan> holdOut) {
        public Split {
            training = List.copyOf(training);
            holdOut = List.copyOf(holdOut);
        }
    }
}
