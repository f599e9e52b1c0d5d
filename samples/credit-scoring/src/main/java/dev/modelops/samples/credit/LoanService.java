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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The application that lends: it scores applicants, keeps what was answered, and hears later what became of the loans. */
final class LoanService implements AutoCloseable {
    private static final Deployment.Health HEALTH = Deployment.Health.standard()
            .fromCall(30)
            .invalid(0.02, score -> score instanceof Double number && number >= 0 && number <= 1);

    private final StagedClock clock;
    private final Deployment<Scorer> risk;
    private final PredictionLog.Recorder recorder;
    private final List<Answer> answers = new ArrayList<>();
    private int unanswered;

    LoanService(Session session, StagedClock clock, String model) {
        this.clock = clock;
        this.risk = session.serving()
                .deploy(Deployment.Spec.of(model, PRODUCTION, new ScoringLoader())
                        .demandingProbes()
                        .health(HEALTH));
        this.recorder = session.predictions().record(model, PRODUCTION, PredictionLog.Rules.all());
    }

    /** An answer, and the loan it was about. */
    private record Answer(Served<Double> served, Loan loan) {}

    /** Scores applicants, who come one by one in a time. */
    void serve(List<Loan> applicants, Duration time) {
        Duration step = time.dividedBy(applicants.size());
        for (Loan loan : applicants) {
            score(loan);
            clock.advance(step);
        }
        recorder.flush();
    }

    private void score(Loan loan) {
        Served<Double> served;
        try {
            served = risk.apply(loan.applicant(), Scorer::score);
        } catch (IllegalArgumentException e) {
            unanswered++; // a clerk decides
            return;
        }
        recorder.record(Prediction.of(served).input(values(loan.applicant())).output(Map.of("score", served.value())));
        answers.add(new Answer(served, loan));
    }

    /** How many applicants were given no score. */
    int unanswered() {
        return unanswered;
    }

    /** What was served by a version, measured by what became of the loans. */
    Metrics served(ModelRef version) {
        List<Answer> given = answers.stream()
                .filter(answer -> answer.served().version().equals(version))
                .toList();
        double[] scores = given.stream()
                .mapToDouble(answer -> answer.served().value())
                .toArray();
        boolean[] bad = new boolean[scores.length];
        for (int i = 0; i < bad.length; i++) {
            bad[i] = given.get(i).loan().bad();
        }
        return Metrics.of(scores, bad);
    }

    Deployment.Status status() {
        return risk.status();
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
