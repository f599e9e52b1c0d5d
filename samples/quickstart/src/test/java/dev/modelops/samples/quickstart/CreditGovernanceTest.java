package dev.modelops.samples.quickstart;

import static dev.modelops.Environment.PRODUCTION;
import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThat;
import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThatRefused;

import dev.modelops.Bytes;
import dev.modelops.ModelOps;
import dev.modelops.Progress;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.testkit.ModelOpsTest;
import dev.modelops.testkit.People;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a project that embeds the library tests its own rules of the game, without a store, a key or a real clock. */
@ModelOpsTest
class CreditGovernanceTest {
    private static final Loan LOAN = CreditData.load().split(1).holdOut().get(0);

    @Test
    void anUnapprovedScoreIsNeverServed(ModelOps ops, People people, @TempDir Path dir) throws Exception {
        ModelVersion version = registered(ops, people, dir);

        assertThat(ops.as(people.releaseManager()).registry().check(Action.promote(version.ref(), PRODUCTION)))
                .isDenied()
                .hasUnmet("gate-approval");
        assertThatRefused(() -> ops.as(people.releaseManager()).registry().promote(version.ref(), PRODUCTION))
                .hasUnmet("gate-approval");
        assertThatRefused(() -> ops.as(people.dataScientist()).registry().approve(version.ref(), PRODUCTION, "mine"))
                .isDenied();
    }

    @Test
    void evidenceThatArrivesAfterAnApprovalVoidsIt(ModelOps ops, People people, @TempDir Path dir) throws Exception {
        ModelVersion version = registered(ops, people, dir);
        ops.as(people.validator()).registry().approve(version.ref(), PRODUCTION, "figures confirmed");
        ops.as(people.validator()).registry().attach(version.ref(), "bias-report", Bytes.ofUtf8("look again"));

        assertThatRefused(() -> ops.as(people.releaseManager()).registry().promote(version.ref(), PRODUCTION))
                .hasUnmet("gate-approval");
    }

    @Test
    void anApprovedChampionScoresAndTheLogProvesIt(ModelOps ops, People people, MutableClock clock, @TempDir Path dir)
            throws Exception {
        ModelVersion version = registered(ops, people, dir);
        ops.as(people.validator()).registry().approve(version.ref(), PRODUCTION, "figures confirmed");
        clock.advance(Duration.ofDays(1));
        ops.as(people.releaseManager()).registry().promote(version.ref(), PRODUCTION);

        ModelHandle<Scorer> handle =
                ops.as(people.service()).serving().open("credit-risk", PRODUCTION, new ScorerLoader());
        Assertions.assertThat(handle.apply(LOAN.applicant(), Scorer::score).version())
                .isEqualTo(version.ref());
        assertThat(ops.as(people.auditor()).audit().verify(Progress.NONE)).isSound();
    }

    private static ModelVersion registered(ModelOps ops, People people, Path dir) throws IOException {
        Candidate candidate = Candidate.applicationForm(CreditData.load().split(1));
        Path files = dir.resolve("model");
        candidate.save(files);
        return ops.as(people.dataScientist())
                .registry()
                .register(VersionSpec.of("credit-risk", files).metric("auc", "0.764"));
    }
}
