package dev.modelops.samples.credit;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.ModelRef;
import dev.modelops.Session;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.monitoring.Monitor;
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
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Deployment.Health HEALTH = Deployment.Health.standard()
            .over(1000, WEEK)
            .fromCall(30)
            .invalid(0.02, score -> score instanceof Double number && number >= 0 && number <= 1);

    private final StagedClock clock;
    private final Duration untilKnown;
    private final Deployment<Scorer> risk;
    private final Trial<Scorer, Applicant, Double> trial;
    private final PredictionLog.Recorder recorder;
    private final Monitor monitor;
    private final List<Answer> answers = new ArrayList<>();
    private final Deque<Answer> running = new ArrayDeque<>();
    private final List<Loan> known = new ArrayList<>();
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
        this.monitor = session.monitoring().open(model, PRODUCTION);
        this.trial = Trial.of(Scorer::score).shadow(answer -> recorder.record(recorded(answer, Map.of())));
    }

    /** What was answered about a loan, and when. */
    private record Answer(Served<Double> served, Loan loan, Instant at) {}

    /**
     * Serves applicants for what is left of a week, and an hour into the next; then hears what became of loans, and has all
     * that judged of which it is time.
     */
    DriftReport week(List<Loan> loans) {
        Instant end = Instant.EPOCH.plus(WEEK.multipliedBy(
                Duration.between(Instant.EPOCH, clock.instant()).dividedBy(WEEK) + 1));
        Duration step = Duration.between(clock.instant(), end).dividedBy(loans.size() + 1L);
        for (Loan loan : loans) {
            score("applicant-" + applicants, loan);
            applicants++;
            clock.advance(step);
        }
        recorder.flush();
        monitor.flush();
        clock.moveTo(end.plus(Duration.ofHours(1)));
        hear();
        return monitor.evaluate();
    }

    private void score(String unit, Loan loan) {
        Served<Double> served;
        try {
            served = risk.apply(unit, loan.applicant(), trial);
        } catch (IllegalArgumentException e) {
            unanswered++; // a clerk decides
            return;
        }
        Prediction prediction = recorded(served, values(loan.applicant()));
        recorder.record(prediction);
        monitor.observe(prediction);
        Answer answer = new Answer(served, loan, clock.instant());
        answers.add(answer);
        running.add(answer);
    }

    private static Prediction recorded(Served<Double> served, Map<String, ?> input) {
        return Prediction.of(served).input(input).output(Map.of(Build.SCORE, served.value()));
    }

    /** Hears what became of the loans of which that is known by now. */
    private void hear() {
        while (!running.isEmpty() && !running.getFirst().at().plus(untilKnown).isAfter(clock.instant())) {
            Answer answer = running.removeFirst();
            recorder.outcome(answer.served().predictionId(), answer.loan().bad() ? 1 : 0);
            known.add(answer.loan());
        }
        recorder.flush();
    }

    /** The loans of which it is known what became of them. */
    List<Loan> known() {
        return List.copyOf(known);
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
        monitor.close();
        recorder.close();
        risk.close();
    }
}
