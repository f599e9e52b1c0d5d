package dev.modelops.samples.policies;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.Bytes;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.audit.WhatIfReport.Flip;
import dev.modelops.core.policy.PolicyReview;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.VersionSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A bank's rules, from the file they are written in to the decision that an auditor reads. */
public final class PoliciesInUse {
    private static final ModelName MODEL = ModelName.of("credit-risk");

    private PoliciesInUse() {}

    /** Tells the story on a log in a new folder, which it leaves behind. */
    public static void main(String[] args) throws IOException {
        run(Files.createTempDirectory("policies-in-use"), System.out);
    }

    static void run(Path folder, PrintStream out) throws IOException {
        String rules = Bank.releaseRules();
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("weights.csv"), "age,0.02\nincome,-0.4\n");
        try (ModelOps ops = Bank.open(folder.resolve("store"))) {
            out.println("1  anna proposes the rules in release.cedar, bert installs them");
            PolicySet release = PolicyReview.ofCedar(rules).policySet();
            ops.as(Bank.ANNA).policies().propose(release, "rules of the release board, March edition");
            out.println("   in force: revision "
                    + ops.as(Bank.BERT).policies().install(release.digest()).number());

            out.println("2  ada registers a model, and rita is refused its promotion");
            ops.as(Bank.RITA).registry().setTag(MODEL, "tier", "1");
            ops.as(Bank.RITA).registry().setTag(MODEL, "dataClass", "eu-personal");
            VersionSpec spec = VersionSpec.of(MODEL.value(), model).metric("auc", "0.79");
            ModelRef v1 = ops.as(Bank.ADA).registry().register(spec).ref();
            try {
                throw new IllegalStateException(
                        "allowed by " + ops.as(Bank.RITA).registry().promote(v1, PRODUCTION));
            } catch (AccessDeniedException refusal) {
                indented(out, refusal.getMessage());
            }

            out.println("3  What was missing is brought; all that is left is the freeze, a soft gate");
            ops.as(Bank.ADA).registry().attach(v1, "model-card", Bytes.ofUtf8("Scores loans to consumers."));
            ops.as(Bank.VERA).registry().attach(v1, "validation-report", Bytes.ofUtf8("AUC 0.79 confirmed."));
            ops.as(Bank.VERA).registry().approve(v1, PRODUCTION, "figures confirmed");
            ops.as(Bank.VICTOR).registry().approve(v1, PRODUCTION, "model card agrees with the code");
            indented(
                    out,
                    ops.as(Bank.RITA)
                            .registry()
                            .check(Action.promote(v1, PRODUCTION))
                            .forUser());

            out.println("4  oscar, on call, overrides it under an incident");
            Action override = Action.promote(v1, PRODUCTION).overriding("INC-4711: the old scorer rejects everybody");
            Decision decision = ops.as(Bank.OSCAR).registry().perform(override).decision();
            indented(out, decision.forUser());

            out.println("5  The same decision for the auditor, and for programs");
            indented(out, decision.forAuditor());
            indented(out, decision.toJson());

            out.println("6  Would it have passed if an AUC of 0.85 had been asked for?");
            PolicySet stricter = PolicyReview.ofCedar(rules.replace("decimal(\"0.75\")", "decimal(\"0.85\")"))
                    .policySet();
            for (Flip flip : ops.as(Bank.AUDREY).audit().whatIf(stricter).flips()) {
                indented(out, "entry " + flip.index() + ", " + flip.kind());
                flip.replayed().ifPresent(decided -> indented(out, decided.forUser()));
                flip.reason().ifPresent(why -> indented(out, why));
            }
        }
    }

    private static void indented(PrintStream out, String text) {
        text.lines().forEach(line -> out.println("   " + line));
    }
}
