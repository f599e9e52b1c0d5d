package dev.modelops.samples.credit;

import static dev.modelops.Environment.PRODUCTION;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.modelops.Bytes;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport;
import dev.modelops.core.EvidenceBundle;
import dev.modelops.core.ModelReport;
import dev.modelops.monitoring.Alert;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.monitoring.Notifications;
import dev.modelops.monitoring.RetrainingRequest;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.samples.quickstart.Metrics;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Some weeks of a scoring model: its applicants change, it decays, is challenged and replaced, and a bad build of its successor
 * is taken back. Weeks stand for months, and are staged: the loans are real, when they came is not.
 */
public final class CreditScoring {
    private static final String MODEL = "credit-risk";
    private static final String CONTROL = "term-risk";
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration UNTIL_KNOWN = Duration.ofDays(7);

    private final Path folder;
    private final Path builds;
    private final Transcript say;
    private final StagedClock clock;
    private final Bank bank;
    private final ModelOps ops;

    private final BlockingQueue<RetrainingRequest> requests = new LinkedBlockingQueue<>();

    private CreditScoring(Path folder, Path builds, PrintStream out, StagedClock clock, Bank bank, ModelOps ops) {
        this.folder = folder;
        this.builds = builds;
        this.say = new Transcript(out);
        this.clock = clock;
        this.bank = bank;
        this.ops = ops;
    }

    /**
     * Runs the story.
     *
     * @param args the folder to write to, {@code target/out} if none is named
     */
    public static void main(String[] args) throws IOException {
        var unused = run(Path.of(args.length == 0 ? "target/out" : args[0]), System.out);
    }

    static Summary run(Path folder, PrintStream out) throws IOException {
        Path fresh = Files.createDirectories(folder).resolve("run");
        Output.delete(fresh);
        StagedClock clock = new StagedClock(START.minus(Duration.ofDays(1)));
        Bank bank = new Bank(clock);
        try (ModelOps ops = bank.open(clock)) {
            return new CreditScoring(folder, fresh, out, clock, bank, ops).tell();
        }
    }

    private Summary tell() throws IOException {
        LoanBook book = LoanBook.fixedEmploymentFirst();
        Build first = Build.of(book, List.of());
        say.step("ada trains on %,d loans to people in fixed employment", first.trainedOn());
        say.line("hold-out: %s", first.holdOut());
        ModelRef v1 = register(first.save(MODEL, builds.resolve("1")));
        approve(v1);
        say.step(
                "%s is approved by two validators and promoted by rita",
                promote(v1).subject());
        clock.moveTo(START);
        try (Notifications.Subscription pipeline = ops.notifications().retrain("pipeline", requests::add);
                LoanService service = new LoanService(ops.as(Bank.SERVICE), MODEL, clock, UNTIL_KNOWN)) {
            say.step("Four weeks in which the self-employed and people in part-time work apply");
            for (int week = 0; week < 4; week++) {
                tell(service.week(book.part(week, 8)));
            }
            say.step("A week in which nobody applies: the pipeline waits for what became of the last loans");
            tell(service.week(List.of()));

            RetrainingRequest request = requested();
            Build second = Build.of(book.lookingAtJobsToo(), service.known());
            VersionSpec answer =
                    second.save(MODEL, builds.resolve("2")).parent(v1.version()).answering(request.position());
            ModelRef v2 = register(answer);
            say.step(
                    "ada trains %s on %,d loans, the new ones among them, and looks at the kind of job too",
                    v2, second.trainedOn());
            say.line("hold-out, people in fixed employment: %s", second.holdOut());

            Verdict verdict = tryAsShadow(service, book, v2);
            Metrics served = service.served(v1);
            double expected = service.expectedBrier(v1);
            say.line("%s served %s; expected before labels came was a Brier score of %.3f", v1, served, expected);

            String promoter = widenAndPromote(service, book, v2, verdict);
            boolean isTakenBack = sufferBadBuild(service, book, second, v2);
            Summary.Alerts fired = fired(MODEL);
            Summary.Alerts control = driftWithoutHarm();
            say.line(
                    "the pipeline was told of all that was asked of it: %s",
                    pipeline.progress().behind().isEmpty());
            prove(v2);
            String report =
                    ModelReport.of(ops.as(Bank.AUDREY), MODEL, PRODUCTION).html();
            Files.writeString(folder.resolve("report.html"), report);
            say.step("All of it on one page, for people: report.html");
            return write(new Summary(
                    first.holdOut().auc(),
                    served.auc(),
                    first.holdOut().brier(),
                    served.brier(),
                    expected,
                    fired.driftAlerts(),
                    fired.performanceAlerts(),
                    verdict.state().name(),
                    promoter,
                    isTakenBack,
                    control));
        }
    }

    /** Waits until the pipeline has been told of the request that followed from the alert. */
    private RetrainingRequest requested() {
        RetrainingRequest request;
        try {
            request = requests.poll(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the pipeline waited for a request", e);
        }
        if (request == null) {
            throw new IllegalStateException("the pipeline should have been asked for a new version within 60 s");
        }
        say.step("The pipeline is asked to train %s anew: %s", request.version(), request.cause());
        say.line("on the loans from %s to %s", request.from(), request.until());
        return request;
    }

    /** Judged by vera when a week is over, for the weeks of this story pass in seconds. */
    private static Experiment.Plan plan(ModelRef challenger) {
        return Experiment.Plan.of("jobs-too", challenger, PRODUCTION, "score", Experiment.Loss.SQUARED_ERROR)
                .judgedEvery(Duration.ZERO);
    }

    /** Three weeks beside the champion, and one more until it is known what became of the last loans. */
    private Verdict tryAsShadow(LoanService service, LoanBook book, ModelRef challenger) {
        var unused = ops.as(Bank.RITA)
                .experiments()
                .start(plan(challenger).method(Experiment.Method.CONFIDENCE_SEQUENCE, 500));
        say.step("rita has %s tried beside the champion: it answers too, and nobody sees it", challenger);
        for (int week = 4; week < 7; week++) {
            tell(service.week(book.part(week, 8)));
            tell(ops.as(Bank.VERA).experiments().judge(MODEL, PRODUCTION));
        }
        tell(service.week(List.of()));
        Verdict verdict = ops.as(Bank.VERA).experiments().judge(MODEL, PRODUCTION);
        tell(verdict);
        return verdict;
    }

    private void tell(DriftReport report) {
        for (Alert alert : report.changes()) {
            say.line("%s %s: %s", alert.version(), alert.check(), alert.state());
        }
        for (DriftReport.Consequence consequence : report.consequences()) {
            if (report.changes().contains(consequence.alert())) {
                say.line("%s: %s", consequence.response(), consequence.isDone() ? "done" : consequence.reason());
            }
        }
    }

    private void tell(Verdict verdict) {
        say.line(
                "%s: %s%s",
                verdict.state(),
                verdict.reason(),
                verdict.difference()
                        .map(found -> String.format(
                                Locale.ROOT,
                                ", by %.4f (%.4f to %.4f, %d pairs)",
                                -found.estimate(),
                                -found.upper(),
                                -found.lower(),
                                found.count()))
                        .orElse(""));
    }

    private String widenAndPromote(LoanService service, LoanBook book, ModelRef challenger, Verdict verdict) {
        ops.as(Bank.VERA).registry().attach(challenger, Bank.VERDICT, Bytes.ofUtf8(verdict.json()));
        approve(challenger);
        say.step("vera attaches the verdict, two validators approve %s, and rita is refused its promotion", challenger);
        refused(() -> promote(challenger));
        Experiment canary =
                ops.as(Bank.RITA).experiments().start(plan(challenger).canary(0.1));
        int before = service.count(challenger);
        tell(service.week(book.part(14, 16)));
        say.step(
                "For a week %s answers one applicant in ten (%s, stage %d)", challenger, canary.mode(), canary.stage());
        say.line(
                "it answered %d of %d",
                service.count(challenger) - before, book.part(14, 16).size());
        Recorded promoted = promote(challenger);
        service.await(challenger);
        say.step(
                "rita promotes %s: allowed by %s",
                challenger, String.join(", ", promoted.decision().rules()));
        return Bank.RITA.id();
    }

    private boolean sufferBadBuild(LoanService service, LoanBook book, Build build, ModelRef good) throws IOException {
        ModelRef bad =
                register(build.saveWithoutMedians(MODEL, builds.resolve("3")).parent(good.version()));
        approve(bad);
        say.step("A build that lost the medians passes its golden inputs; rita is refused, oscar, on call, overrides");
        refused(() -> promote(bad));
        Action override = Action.promote(bad, PRODUCTION).overriding("INC-4711: the scorer must be rebuilt tonight");
        Recorded overridden = ops.as(Bank.OSCAR).registry().perform(override);
        service.await(bad);
        tell(service.week(book.part(15, 16)));
        service.await(good);
        say.step(
                "%s was taken back by itself: %s",
                overridden.subject(),
                service.status().failure().map(failure -> failure.reason()).orElse(""));
        say.line("%d applicants went to a clerk; %s serves", service.unanswered(), good);
        boolean isTakenBack = service.status().serving().filter(good::equals).isPresent();
        Recorded back = ops.as(Bank.RITA).registry().rollback(ModelName.of(MODEL), PRODUCTION, "INC-4711 is closed");
        say.line("rita makes that official: %s is champion again", back.subject());
        return isTakenBack;
    }

    /** Loans of five years, scored by a model that knows those of three: other inputs, and the same relation. */
    private Summary.Alerts driftWithoutHarm() throws IOException {
        LoanBook book = LoanBook.threeYearsFirst();
        Build build = Build.of(book, List.of());
        ModelRef version = register(build.save(CONTROL, builds.resolve("control")));
        approve(version);
        var unused = promote(version);
        say.step("The control: %s, trained on loans of three years, is asked about loans of five", version);
        say.line("hold-out: %s", build.holdOut());
        try (LoanService service = new LoanService(ops.as(Bank.SERVICE), CONTROL, clock, UNTIL_KNOWN)) {
            for (int week = 0; week < 5; week++) {
                tell(service.week(book.part(week, 5)));
            }
            tell(service.week(List.of()));
            say.line("served: %s", service.served(version));
        }
        return fired(CONTROL);
    }

    private Summary.Alerts fired(String model) throws IOException {
        int drift = 0;
        int performance = 0;
        AuditQuery changes = AuditQuery.all()
                .model(ModelName.of(model))
                .type("dev.modelops.alert.changed.v1")
                .limit(1000);
        for (AuditEntry entry : ops.as(Bank.AUDREY).audit().query(changes).items()) {
            JsonNode data = JSON.readTree(entry.body().toUtf8()).path("data");
            if (data.path("to").asText().equalsIgnoreCase("firing")) {
                if (data.path("check").asText().startsWith("psi")) {
                    drift++;
                } else {
                    performance++;
                }
            }
        }
        return new Summary.Alerts(drift, performance);
    }

    private void prove(ModelRef version) {
        AuditReport report = ops.as(Bank.AUDREY).audit().verify(Progress.NONE);
        expect(report.isSound(), "the log is not sound: " + report.findings());
        say.step("audrey verifies the whole log: sound, %s entries; every verdict concluded again", report.position());
        EvidenceBundle.export(bank.storage(), ops.logKey(), version, builds.resolve("evidence"), Progress.NONE);
        EvidenceBundle bundle = EvidenceBundle.verify(builds.resolve("evidence"), bank.trust());
        say.step("What speaks for %s, in a folder of its own that verifies without us", bundle.version());
        say.line(
                "%d entries, %d documents",
                bundle.entries().size(), bundle.evidence().size());
    }

    private Summary write(Summary summary) throws IOException {
        Files.writeString(folder.resolve("summary.json"), JSON.writeValueAsString(summary) + "\n");
        return summary;
    }

    private ModelRef register(VersionSpec spec) {
        return ops.as(Bank.ADA).registry().register(spec).ref();
    }

    private void approve(ModelRef version) {
        ops.as(Bank.VERA).registry().approve(version, PRODUCTION, "measured again: as claimed");
        ops.as(Bank.VICTOR).registry().approve(version, PRODUCTION, "agrees with its card and its evidence");
    }

    private Recorded promote(ModelRef version) {
        return ops.as(Bank.RITA).registry().promote(version, PRODUCTION);
    }

    private void refused(Runnable act) {
        try {
            act.run();
        } catch (AccessDeniedException e) {
            say.line("%s", e.getMessage());
            return;
        }
        throw new IllegalStateException("an act should have been refused, but was not");
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
