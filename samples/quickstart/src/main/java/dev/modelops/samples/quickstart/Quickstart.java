package dev.modelops.samples.quickstart;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.Bytes;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.Session;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.Checkpoint;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Verifiers;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.RegistryView;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.Served;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** The life of a credit model under governance: trained, judged, promoted, replaced, rolled back, proved, tampered with. */
public final class Quickstart {
    static final ModelName MODEL = ModelName.of("credit-risk");
    static final Principal SERVICE = Principal.of("example.org", "svc-loans");
    static final Principal AUDREY = Principal.of("example.org", "audrey");

    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal VERA = Principal.of("example.org", "vera");
    private static final Principal RITA = Principal.of("example.org", "rita");

    private final ModelOps ops;
    private final OutputFolder output;
    private final Scratch scratch;
    private final Transcript say;
    private final Session ada;
    private final Session vera;
    private final Session rita;
    private final Session audrey;

    private Quickstart(ModelOps ops, OutputFolder output, Scratch scratch, Transcript say) {
        this.ops = ops;
        this.output = output;
        this.scratch = scratch;
        this.say = say;
        this.ada = ops.as(ADA);
        this.vera = ops.as(VERA);
        this.rita = ops.as(RITA);
        this.audrey = ops.as(AUDREY);
    }

    /**
     * Runs the story.
     *
     * @param args the folder to write to; emptied first if it holds an earlier run
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 1) {
            throw new IllegalArgumentException(
                    "the quickstart takes one argument, the folder to write to, but was given " + args.length);
        }
        run(Path.of(args[0]), System.out);
    }

    static void run(Path folder, PrintStream out) throws IOException, InterruptedException {
        OutputFolder output = OutputFolder.prepare(folder);
        Transcript say = new Transcript(out);
        say.title("ModelOps quickstart: a credit model under governance, from training to proof");
        try (Scratch scratch = Scratch.create()) {
            try (ModelOps ops = ModelOps.embedded(output.store())) {
                new Quickstart(ops, output, scratch, say).tell();
            }
            Tampering tampering = new Tampering(output, scratch, say);
            tampering.storedFile();
            tampering.exportedModel(Verifiers.key(Keys.publicKey(Files.readString(output.publisherKey()))));
        }
        say.title("The store and the evidence are in " + output.root() + "; run this again to start afresh.");
    }

    private void tell() throws IOException, InterruptedException {
        grantRoles();
        CreditData data = CreditData.load();
        CreditData.Split split = data.split(Candidate.SEED);
        say.step(
                "Train two models on %,d loans and measure them on others",
                split.training().size());
        Candidate form = Candidate.applicationForm(split);
        Candidate history = Candidate.withCreditHistory(split);
        for (Candidate candidate : List.of(form, history)) {
            say.line(
                    "%s (%d columns): %s",
                    candidate.title(), candidate.features().count(), candidate.holdOut());
        }

        ModelRef v1 = register(specification(form, data, "v1"));
        say.step("Dry run: may rita promote %s now? Nothing is changed by asking", v1);
        say.decision(rita.registry().check(Action.promote(v1, PRODUCTION)));
        refuseSelfApproval(v1);
        validate(v1, split);
        Recorded promoted = promote(v1);

        say.step("The loan service opens a handle on the champion and scores applicants");
        try (ModelHandle<Scorer> risk = ops.as(SERVICE).serving().open(MODEL.value(), PRODUCTION, new ScorerLoader())) {
            List<Loan> applicants = split.holdOut();
            score(risk, applicants, 0, v1);
            score(risk, applicants, 1, v1);

            ModelRef v2 = register(specification(history, data, "v2").parent(v1.version()));
            validate(v2, split);
            Recorded replaced = promote(v2);
            say.step("The open handle follows, without a restart");
            await(risk, v2);
            score(risk, applicants, 0, v2);

            Recorded back = rita.registry().rollback(MODEL, PRODUCTION, "source of the column Records is under review");
            say.step("rita rolls back: %s is champion again, in one recorded act", back.subject());
            await(risk, v1);
            score(risk, applicants, 0, v1);

            lookBack(promoted, replaced);
            history();
            verifyLog();
            leaveEvidence(back);
        }
    }

    private void grantRoles() {
        say.step("Open an empty store; whoever runs this administers it and grants roles");
        ops.registry().grantRole(ADA, Role.DATA_SCIENTIST);
        ops.registry().grantRole(VERA, Role.VALIDATOR);
        ops.registry().grantRole(RITA, Role.RELEASE_MANAGER);
        ops.registry().grantRole(AUDREY, Role.AUDITOR);
        ops.registry().grantRole(SERVICE, Role.SERVICE);
        say.line("ada: data scientist, vera: validator, rita: release manager, audrey: auditor, svc-loans: service");
        say.line("log key to pin: %s", ops.logKey());
    }

    private VersionSpec specification(Candidate candidate, CreditData data, String folder) throws IOException {
        Path files = scratch.resolve(folder);
        candidate.save(files);
        return VersionSpec.of(MODEL.value(), files)
                .kind("classifier")
                .description(candidate.title())
                .metric("auc", rounded(candidate.holdOut().auc()))
                .metric("brier", rounded(candidate.holdOut().brier()))
                .metric("accuracy", rounded(candidate.holdOut().accuracy()))
                .parameter("epochs", Integer.toString(candidate.epochs()))
                .parameter("seed", Long.toString(Candidate.SEED))
                .dataSet(CreditData.FILE, data.digest())
                .tag("team", "retail-credit");
    }

    private ModelRef register(VersionSpec spec) {
        ModelVersion version = ada.registry().register(spec);
        say.step("ada registers %s: its files are hashed, signed and stored", version.ref());
        say.line(
                "%d files, %,d bytes, content %s, AUC %s",
                version.fileCount(),
                version.byteCount(),
                version.artifact(),
                version.metrics().get("auc"));
        return version.ref();
    }

    private void refuseSelfApproval(ModelRef version) {
        say.step("ada tries to approve her own version, and is refused; the refusal is logged");
        try {
            Recorded approval = ada.registry().approve(version, PRODUCTION, "looks fine to me");
            throw new IllegalStateException("ada could approve her own version at " + approval.position());
        } catch (AccessDeniedException e) {
            say.decision(e.decision());
        }
    }

    private void validate(ModelRef version, CreditData.Split split) throws IOException {
        Path files = scratch.resolve("validated-" + version);
        vera.registry().download(version, files, scratch.resolve("validated-" + version + ".sig"), Progress.NONE);
        CreditModel model = CreditModel.read(name -> Files.newInputStream(files.resolve(name)));
        Metrics measured = Metrics.of(model, split.holdOut());
        BigDecimal claimed = vera.registry().get(version).metrics().get("auc");
        expect(rounded(measured.auc()).equals(claimed), "measured " + measured + ", but the claim was " + claimed);
        vera.registry()
                .attach(version, "validation-report", Bytes.ofUtf8("Measured again by vera: " + measured + "\n"));
        Recorded approval = vera.registry().approve(version, PRODUCTION, "claimed figures confirmed on the hold-out");
        say.step("vera measures %s again from its signed files, attaches her report, and approves", version);
        say.line(
                "%s, as claimed; allowed by %s",
                measured, String.join(", ", approval.decision().rules()));
    }

    private Recorded promote(ModelRef version) {
        Recorded promotion = rita.registry().promote(version, PRODUCTION);
        say.step("rita promotes %s to champion in production", version);
        say.line(
                "entry %d of the log, allowed by %s",
                promotion.position().index(),
                String.join(", ", promotion.decision().rules()));
        return promotion;
    }

    private void score(ModelHandle<Scorer> risk, List<Loan> applicants, int index, ModelRef expected) {
        Served<Double> served = risk.apply(applicants.get(index).applicant(), Scorer::score);
        expect(served.version().equals(expected), expected + " should have answered, but " + served.version() + " did");
        say.line(
                "applicant %d: %.3f by %s, prediction %s",
                index + 1, served.value(), served.version(), served.predictionId());
    }

    private void lookBack(Recorded promoted, Recorded replaced) {
        say.step("Who was champion then? The registry as it was, at any position or time");
        RegistryView before = audrey.registry().asOf(promoted.position());
        RegistryView between = audrey.registry().asOf(replaced.at());
        say.line("after %s entries: %s", before.position(), champion(before));
        say.line("at %s: %s", replaced.at(), champion(between));
        say.line("now, after %s entries: %s", audrey.registry().position(), champion(audrey.registry()));
        expectChampion(promoted, before);
        expectChampion(replaced, between);
    }

    private static void expectChampion(Recorded act, RegistryView then) {
        expect(
                champion(then).equals(act.subject()),
                act.subject() + " was champion after " + then.position() + " entries, but the past shows "
                        + champion(then));
    }

    private static String champion(RegistryView view) {
        return view.champion(MODEL, PRODUCTION)
                .map(version -> version.ref().toString())
                .orElse("none");
    }

    private void history() {
        say.step("audrey reads the history of the model");
        for (AuditEntry entry :
                audrey.audit().query(AuditQuery.all().model(MODEL)).items()) {
            say.line(
                    "%3d  %s  %-6s %-38s %s",
                    entry.position().index(),
                    entry.at().truncatedTo(ChronoUnit.SECONDS),
                    entry.actor().id(),
                    entry.type(),
                    entry.subject().orElse(""));
        }
    }

    private void verifyLog() {
        say.step("audrey verifies the whole log: hashes, seals, every decision, every signature, every file");
        AuditReport report = audrey.audit().verify(Progress.NONE);
        expect(report.isSound(), "the log is not sound: " + report.findings());
        say.line("sound: %s entries, root %s", report.position(), report.root());
    }

    private void leaveEvidence(Recorded act) throws IOException {
        say.step("audrey writes down what proves all this without us");
        Checkpoint checkpoint = audrey.audit().export(output.tiles(), Progress.NONE);
        Files.writeString(output.logKey(), ops.logKey() + "\n");
        Files.writeString(
                output.receipt(), audrey.audit().receipt(act.position().index()));
        ModelRef champion = ModelRef.parse(act.subject());
        audrey.registry().download(champion, output.model(), output.signature(), Progress.NONE);
        Files.copy(output.publisherKeyInStore(), output.publisherKey());
        say.line(
                "champion.tlog-proof  receipt of entry %d, which made %s champion",
                act.position().index(), champion);
        say.line("tiles/               the log of %s under a signed checkpoint, and its vkey", checkpoint.position());
        say.line("model/, model.sig    the champion's files and their signature; publisher.pub verifies it");
    }

    private static void await(ModelHandle<?> handle, ModelRef version) throws InterruptedException {
        for (int i = 0; i < 1000 && !handle.version().filter(version::equals).isPresent(); i++) {
            Thread.sleep(10);
        }
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static BigDecimal rounded(double value) {
        return BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_EVEN);
    }
}
