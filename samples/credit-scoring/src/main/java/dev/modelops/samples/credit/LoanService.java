package dev.modelops.samples.credit;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.ModelRef;
import dev.modelops.Session;
import dev.modelops.samples.quickstart.Applicant;
import dev.modelops.samples.quickstart.Loan;
import dev.modelops.samples.quickstart.Metrics;
import dev.modelops.samples.quickstart.Scorer;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Served;
import dev.modelops.serving.Trial;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The application that lends: it scores applicants, keeps what was answered, and hears later what became of the loans. */
final class LoanService implements AutoCloseable {
    private static final Deployment.Health HEALTH = Deployment.Health.standard()
            .fromCall(30)
            .invalid(0.02, score -> score instanceof Double number && number >= 0 && number <= 1);

    private final StagedClock clock;
    private final Duration untilKnown;
    private final Deployment<Scorer> risk;
    private final Trial<Scorer, Applicant, Double> trial;
    private final PredictionLog.Recorder recorder;
    private final List<Answer> answers = new ArrayList<>();
    private final Deque<Answer> running = new ArrayDeque<>();
    private int applicants;
    private int unanswered;

    /**
     * Begins to serve.
     *
     * @param untilKnown how long it takes until it is known what became of a loan
     */
    LoanService(Session session, String model, StagedClock clock, Duration untilKnown) {
        this.clock = clock;
        this.untilKnown = untilKnown;
        this.risk = session.serving()
                .deploy(Deployment.Spec.of(model, PRODUCTION, new ScoringLoader())
                        .demandingProbes()
                        .health(HEALTH));
        this.recorder = session.predictions().record(model, PRODUCTION, PredictionLog.Rules.all());
        this.trial = Trial.of(Scorer::score).shadow(answer -> recorder.record(recorded(answer, Map.of())));
    }

    /** What was answered about a loan, and when. */
    private record Answer(Served<Double> served, Loan loan, Instant at) {}

    /** Scores applicants, who come one by one in a time. */
    void serve(List<Loan> loans, Duration time) {
        Duration step = time.dividedBy(loans.size());
        for (Loan loan : loans) {
            score("applicant-" + applicants, loan);
            applicants++;
            clock.advance(step);
        }
        recorder.flush();
    }

    private void score(String unit, Loan loan) {
        Served<Double> served;
        try {
            served = risk.apply(unit, loan.applicant(), trial);
        } catch (IllegalArgumentException e) {
            unanswered++; // a clerk decides
            return;
        }
        recorder.record(recorded(served, values(loan.applicant())));
        Answer answer = new Answer(served, loan, clock.instant());
        answers.add(answer);
        running.add(answer);
    }

    private static Prediction recorded(Served<Double> served, Map<String, ?> input) {
        return Prediction.of(served).input(input).output(Map.of("score", served.value()));
    }

    /** Hears what became of the loans of which that is known by now, and returns them. */
    List<Loan> hear() {
        List<Loan> known = new ArrayList<>();
        while (!running.isEmpty() && !running.getFirst().at().plus(untilKnown).isAfter(clock.instant())) {
            Answer answer = running.removeFirst();
            recorder.outcome(answer.served().predictionId(), answer.loan().bad() ? 1 : 0);
            known.add(answer.loan());
        }
        recorder.flush();
        return known;
    }

    /** What was served by a version, measured by what became of the loans. */
    Metrics served(ModelRef version) {
        List<Answer> given = by(version);
        boolean[] bad = new boolean[given.size()];
        for (int i = 0; i < bad.length; i++) {
            bad[i] = given.get(i).loan().bad();
        }
        return Metrics.of(scores(given), bad);
    }

    /** The Brier score that a version would have had if its probabilities were right: what is known before labels come. */
    double expectedBrier(ModelRef version) {
        double sum = 0;
        double[] scores = scores(by(version));
        for (double score : scores) {
            sum += score * (1 - score);
        }
        return sum / scores.length;
    }

    private List<Answer> by(ModelRef version) {
        return answers.stream()
                .filter(answer -> answer.served().version().equals(version))
                .toList();
    }

    private static double[] scores(List<Answer> given) {
        return given.stream().mapToDouble(answer -> answer.served().value()).toArray();
    }

    /** How many applicants were given no score. */
    int unanswered() {
        return unanswered;
    }

    /** How many answers a version gave. */
    int count(ModelRef version) {
        return by(version).size();
    }

    Deployment.Status status() {
        return risk.status();
    }

    /** Waits until another version serves, or none can. */
    void await(ModelRef version) {
        for (int i = 0; i < 6000 && risk.version().filter(version::equals).isEmpty(); i++) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for " + version, e);
            }
        }
        if (risk.version().filter(version::equals).isEmpty()) {
            throw new IllegalStateException(version + " should serve by now, but it is " + risk.status());
        }
    }

    private static Map<String, Object> values(Applicant applicant) {
        Map<String, Object> values = new HashMap<>(applicant.numbers());
        values.putAll(applicant.categories());
        return values;
    }

    @Override
    public void close() {
        recorder.close();
        risk.close();
    }
}
