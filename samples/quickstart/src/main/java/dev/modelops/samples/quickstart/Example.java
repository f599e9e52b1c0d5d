package dev.modelops.samples.quickstart;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.Bytes;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.AuditReport;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.Served;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/** The example that the README shows, word for word. */
final class Example {
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal VERA = Principal.of("example.org", "vera");
    private static final Principal RITA = Principal.of("example.org", "rita");
    private static final Principal AUDREY = Principal.of("example.org", "audrey");
    private static final Principal LOANS = Principal.of("example.org", "svc-loans");
    private static final Map<Principal, Role> TEAM = Map.of(
            ADA, Role.DATA_SCIENTIST,
            VERA, Role.VALIDATOR,
            RITA, Role.RELEASE_MANAGER,
            AUDREY, Role.AUDITOR,
            LOANS, Role.SERVICE);

    private Example() {}

    static void run(Path folder, Path files, Bytes report, Applicant applicant, PrintStream out) {
        // tag::example
        try (ModelOps ops = ModelOps.embedded(folder)) { // a signed log in a local folder
            TEAM.forEach((who, role) -> ops.registry().grantRole(who, role));

            VersionSpec spec = VersionSpec.of("credit-risk", files).metric("auc", "0.823");
            ModelRef v1 = ops.as(ADA).registry().register(spec).ref(); // hashed, signed, stored, logged
            ops.as(VERA).registry().attach(v1, "validation-report", report);
            ops.as(VERA).registry().approve(v1, PRODUCTION, "figures confirmed"); // refused to ADA: her own version
            ops.as(RITA).registry().promote(v1, PRODUCTION); // refused while a gate is not met

            ModelHandle<Scorer> risk = ops.as(LOANS).serving().open("credit-risk", PRODUCTION, new ScorerLoader());
            Served<Double> answer = risk.apply(applicant, Scorer::score); // value, version and prediction id
            AuditReport audit = ops.as(AUDREY).audit().verify(Progress.NONE); // replays and checks everything
            out.printf("%.3f by %s; log sound: %b%n", answer.value(), answer.version(), audit.isSound());
        }
        // end::example
    }
}
