package dev.modelops.samples.credit;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.samples.quickstart.Applicant;
import dev.modelops.samples.quickstart.CreditData;
import dev.modelops.samples.quickstart.Loan;
import dev.modelops.samples.quickstart.Preprocessing.Features;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Real loans, told apart by what a bank would have known first. They carry no dates: that the last ones arrive later, and in
 * the order of the file, is staged.
 *
 * @param file the data set
 * @param digest its digest
 * @param features the columns that the first model looks at
 * @param training what it learns from
 * @param holdOut what it is measured on, and the baseline of all that comes later
 * @param stream the applicants that come once it serves, in this order
 */
record LoanBook(
        String file, Digest digest, Features features, List<Loan> training, List<Loan> holdOut, List<Loan> stream) {
    private static final long SEED = 1;
    private static final String LENDING_CLUB = "lending_club.csv";

    LoanBook {
        training = List.copyOf(training);
        holdOut = List.copyOf(holdOut);
        stream = List.copyOf(stream);
    }

    /** People in fixed employment first; later the self-employed, those in part-time work, and the others. */
    static LoanBook fixedEmploymentFirst() {
        CreditData data = CreditData.load();
        CreditData.Split fixed = data.split(SEED);
        List<Loan> others = data.loans().stream()
                .filter(loan -> !"fixed".equals(loan.applicant().categories().get("Job")))
                .toList();
        Features features = new Features(
                List.of("Age", "Time", "Amount", "Price", "Income", "Expenses", "Seniority", "Assets", "Debt"),
                List.of("Marital", "Home", "Records"));
        return new LoanBook(CreditData.FILE, data.digest(), features, fixed.training(), fixed.holdOut(), others);
    }

    /** Loans of three years first, later those of five: larger ones, at higher rates, that go bad by the same signs. */
    static LoanBook threeYearsFirst() {
        Features features = new Features(
                List.of(
                        "funded_amnt",
                        "int_rate",
                        "annual_inc",
                        "delinq_2yrs",
                        "inq_last_6mths",
                        "inq_last_12m",
                        "revol_util",
                        "all_util",
                        "total_bal_il"),
                List.of());
        List<Loan> three = new ArrayList<>();
        List<Loan> five = new ArrayList<>();
        Bytes content = lendingClub();
        List<String> lines = content.toUtf8().lines().toList();
        List<String> columns = List.of(lines.get(0).split(",", -1));
        for (String line : lines.subList(1, lines.size())) {
            List<String> values = List.of(line.split(",", -1));
            Map<String, Double> numbers = new HashMap<>();
            for (String column : features.numbers()) {
                numbers.put(column, Double.valueOf(values.get(columns.indexOf(column))));
            }
            boolean bad = values.get(columns.indexOf("Class")).equals("bad");
            boolean isShort = values.get(columns.indexOf("term")).equals("term_36");
            (isShort ? three : five).add(new Loan(new Applicant(numbers, Map.of()), bad));
        }
        Collections.shuffle(three, new Random(SEED));
        int cut = three.size() * 7 / 10;
        return new LoanBook(
                LENDING_CLUB,
                Digest.sha256Of(content),
                features,
                three.subList(0, cut),
                three.subList(cut, three.size()),
                five);
    }

    private static Bytes lendingClub() {
        try (InputStream in = LoanBook.class.getResourceAsStream(LENDING_CLUB)) {
            if (in == null) {
                throw new IllegalStateException(LENDING_CLUB + " is not on the class path beside " + LoanBook.class);
            }
            return Bytes.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns one of so many equal parts of the stream. */
    List<Loan> part(int index, int of) {
        return stream.subList(stream.size() * index / of, stream.size() * (index + 1) / of);
    }

    /** The same loans seen through more columns. */
    LoanBook lookingAtJobsToo() {
        List<String> categories = new ArrayList<>(features.categories());
        categories.add("Job");
        Features more = new Features(features.numbers(), categories);
        return new LoanBook(file, digest, more, training, holdOut, stream);
    }
}
