package dev.modelops.samples.credit;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.monitoring.Baseline;
import dev.modelops.core.monitoring.Measure;
import dev.modelops.core.monitoring.MonitorPlan;
import dev.modelops.monitoring.Response;
import dev.modelops.registry.VersionSpec;
import dev.modelops.samples.quickstart.Applicant;
import dev.modelops.samples.quickstart.CreditModel;
import dev.modelops.samples.quickstart.Loan;
import dev.modelops.samples.quickstart.Metrics;
import dev.modelops.samples.quickstart.Preprocessing;
import dev.modelops.serving.ModelLoader;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model as a pipeline builds it: trained, measured, and written down with golden inputs.
 *
 * @param book the loans
 * @param model the model
 * @param trainedOn how many loans it learnt from
 * @param holdOut how well it does on loans that it has not seen
 */
record Build(LoanBook book, CreditModel model, int trainedOn, Metrics holdOut) {
    private static final JsonMapper JSON = new JsonMapper();
    static final String SCORE = "score";

    private static final String PREPROCESSING = "preprocessing.json";
    private static final int EPOCHS = 20;
    private static final long SEED = 1;
    private static final int GOLDEN = 25;

    /** Trains on the loans of a book, and on more that came later. */
    static Build of(LoanBook book, List<Loan> more) {
        List<Loan> training = new ArrayList<>(book.training());
        training.addAll(more);
        CreditModel model = CreditModel.train(training, book.features(), EPOCHS, SEED);
        return new Build(book, model, training.size(), Metrics.of(model, book.holdOut()));
    }

    /** Writes the files to register into a new folder, and says what they are. */
    VersionSpec save(String name, Path folder) throws IOException {
        model.save(
                folder,
                "The probability that a loan goes bad. Logistic regression on " + trainedOn + " loans of " + book.file()
                        + ".\nOn the hold-out: " + holdOut
                        + "\nA demonstration, not to be used to decide about people.\n");
        Files.write(folder.resolve(ModelLoader.PROBES), goldenInputs());
        plan().writeTo(folder);
        return VersionSpec.of(name, folder)
                .kind("classifier")
                .metric("auc", rounded(holdOut.auc()))
                .metric("brier", rounded(holdOut.brier()))
                .parameter("epochs", Integer.toString(EPOCHS))
                .parameter("seed", Long.toString(SEED))
                .dataSet(book.file(), book.digest());
    }

    /** What is watched, by the same bounds whatever the loans: what the model is asked, its scores, and what comes of them. */
    private MonitorPlan plan() {
        List<Applicant> applicants =
                book.holdOut().stream().map(Loan::applicant).toList();
        Baseline baseline = Baseline.of();
        for (String column : book.features().numbers()) {
            baseline.numeric(
                    column,
                    applicants.stream()
                            .mapToDouble(asked -> asked.numbers().getOrDefault(column, Double.NaN))
                            .toArray());
        }
        for (String column : book.features().categories()) {
            List<@Nullable String> answers = new ArrayList<>();
            applicants.forEach(asked -> answers.add(asked.categories().get(column)));
            baseline.categorical(column, answers);
        }
        baseline.probability(SCORE, scores(), bad());

        MonitorPlan plan = MonitorPlan.of(baseline).windows(Duration.ofDays(7)).outcomesWithin(Duration.ofDays(7));
        book.features().numbers().forEach(column -> plan.check(Measure.PSI, column, 0.1));
        book.features().categories().forEach(column -> plan.check(Measure.PSI, column, 0.1));
        return plan.check(Measure.PSI, SCORE, 0.1)
                .check(Measure.AUC, 0.04)
                .check(Measure.BRIER, 0.04)
                .then(Response.REQUEST_RETRAINING);
    }

    private double[] scores() {
        return book.holdOut().stream()
                .mapToDouble(loan -> model.score(loan.applicant()))
                .toArray();
    }

    private boolean[] bad() {
        boolean[] bad = new boolean[book.holdOut().size()];
        for (int i = 0; i < bad.length; i++) {
            bad[i] = book.holdOut().get(i).bad();
        }
        return bad;
    }

    /**
     * Writes files as a pipeline left them that lost the medians, which stand in for what applicants leave out. No golden
     * input shows it, since in those nothing is left out.
     */
    VersionSpec saveWithoutMedians(String name, Path folder) throws IOException {
        VersionSpec spec = save(name, folder);
        Path file = folder.resolve(PREPROCESSING);
        Preprocessing learnt = JSON.readValue(file.toFile(), Preprocessing.class);
        List<Preprocessing.Number> numbers = learnt.numbers().stream()
                .map(number -> new Preprocessing.Number(number.column(), Double.NaN, number.mean(), number.deviation()))
                .toList();
        JSON.writeValue(file.toFile(), new Preprocessing(numbers, learnt.categories()));
        return spec;
    }

    /** Applications in which every question was answered, with the scores that the model gives to them here. */
    private byte[] goldenInputs() throws IOException {
        ObjectNode file =
                JSON.createObjectNode().put("form", "modelops.dev/probes@v1").put("tolerance", 1e-9);
        ArrayNode probes = file.putArray("probes");
        Set<String> numbers = Set.copyOf(book.features().numbers());
        Set<String> categories = Set.copyOf(book.features().categories());
        book.holdOut().stream()
                .map(Loan::applicant)
                .filter(asked -> asked.numbers().keySet().containsAll(numbers))
                .filter(asked -> asked.categories().keySet().containsAll(categories))
                .limit(GOLDEN)
                .forEach(asked -> probes.addObject()
                        .put("expected", model.score(asked))
                        .set("input", JSON.valueToTree(new Applicant(asked.numbers(), asked.categories()))));
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(file);
    }

    private static BigDecimal rounded(double value) {
        return BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_EVEN);
    }
}
