package dev.modelops.testkit.assertions;

import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThat;
import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThatRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Assurance;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Page;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport;
import dev.modelops.monitoring.Alert;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Requirement;
import dev.modelops.registry.ModelVersion;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Verdict;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult;
import dev.modelops.testkit.fixtures.TestKeys;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ModelOpsAssertionsTest {
    private static final Instant TIME = Instant.parse("2030-01-01T09:00:00Z");
    private static final Digest DIGEST = Digest.sha256Of(Bytes.ofUtf8("digest"));
    private static final Digest OTHER = Digest.sha256Of(Bytes.ofUtf8("other"));
    private static final Principal ADA = Principal.of("https://id.example.test", "ada");
    private static final TestKeys KEYS = TestKeys.seeded(1);

    private static final Decision ALLOW =
            new Decision.Allow(List.of("release-promotes"), DIGEST, LogPosition.of(7), TIME);
    private static final Decision.Deny DENY = new Decision.Deny(
            Decision.Cause.FORBIDDEN,
            List.of("gate-approval", "gate-status"),
            List.of(new Requirement("gate-approval", "1 approval", "none, at 100%s", "ask a validator")),
            DIGEST,
            LogPosition.of(7),
            TIME);
    private static final ModelVersion VERSION = version(Optional.of(
            Digest.sha256Of(Bytes.of(KEYS.ecdsa("publisher").publicKey().getEncoded()))));
    private static final Alert ALERT = alert(Alert.State.FIRING);
    private static final DriftReport DRIFTED = drift(List.of(finding(DriftReport.Level.ALARMING)), List.of(ALERT));
    private static final DriftReport CHANGED = drift(
            List.of(new DriftReport.Finding(
                    ModelRef.of("credit-risk", 3),
                    "loss:brier",
                    0.1,
                    DriftReport.Level.ALARMING,
                    List.of(new DriftReport.Measurement(
                            TIME, TIME.plusSeconds(3600), 1000, 200, 0.3, Double.NaN, Double.NaN, true, true)),
                    Optional.empty())),
            List.of());
    private static final DriftReport CALM = drift(List.of(finding(DriftReport.Level.WITHIN)), List.of());
    private static final Verdict VERDICT = verdict(
            Verdict.State.CHALLENGER_BETTER,
            "lower by 100%s",
            Optional.of(new Verdict.Difference(400, -0.2, -0.3, -0.1, 0.001)));
    private static final Verdict NO_VERDICT = verdict(Verdict.State.CONTINUE, "not enough", Optional.empty());
    private static final VerificationResult VERIFIED = new VerificationResult.Verified(
            DIGEST,
            List.of(new SignedFile("weights.txt", OTHER)),
            OTHER,
            List.of(new VerificationResult.Note(VerificationResult.Note.Code.RESOURCE_ORDER, "a note")));
    private static final VerificationResult REJECTED = new VerificationResult.Rejected(
            VerificationResult.Reason.CONTENT_MISMATCH, "weights.txt has other bytes than were signed");
    private static final AuditReport SOUND = new AuditReport(LogPosition.of(12), DIGEST, List.of(), List.of());
    private static final AuditReport UNSOUND = new AuditReport(
            LogPosition.of(12),
            DIGEST,
            List.of(
                    new AuditReport.Finding(AuditReport.Kind.SEAL, OptionalLong.of(4), "the seal does not match"),
                    new AuditReport.Finding(AuditReport.Kind.ROLLED_BACK, OptionalLong.empty(), "13 were seen")),
            List.of(new AuditReport.Finding(AuditReport.Kind.STATE, OptionalLong.of(7), "segments have expired")));

    static Stream<Arguments> assertions() {
        return Stream.of(
                passes("an allowed decision isAllowed", () -> assertThat(ALLOW).isAllowed()),
                passes("isAllowedBy its rule", () -> assertThat(ALLOW).isAllowedBy("release-promotes")),
                passes("a denied decision isDenied", () -> assertThat(DENY).isDenied()),
                passes("isDeniedBy one of its rules", () -> assertThat(DENY).isDeniedBy("gate-status")),
                passes(
                        "isDeniedByExactly its rules",
                        () -> assertThat(DENY).isDeniedByExactly("gate-status", "gate-approval")),
                passes("hasUnmet of its rule", () -> assertThat(DENY).hasUnmet("gate-approval")),
                passes("because of its cause", () -> assertThat(DENY).because(Decision.Cause.FORBIDDEN)),
                passes("hasRef", () -> assertThat(VERSION).hasRef(ModelRef.of("credit-risk", 3))),
                passes("hasStatus", () -> assertThat(VERSION).hasStatus("active")),
                passes("hasAuthor", () -> assertThat(VERSION).hasAuthor(ADA)),
                passes("isSignedBy the signer", () -> assertThat(VERSION).isSignedBy(KEYS.ecdsa("publisher"))),
                passes(
                        "isSignedByUntrustedKey",
                        () -> assertThat(version(Optional.empty())).isSignedByUntrustedKey()),
                passes("hasMetric by name", () -> assertThat(VERSION).hasMetric("auc")),
                passes(
                        "hasMetric by number, whatever its zeros",
                        () -> assertThat(VERSION).hasMetric("auc", "0.8070")),
                passes("hasTag", () -> assertThat(VERSION).hasTag("team", "credit")),
                passes("isVerified", () -> assertThat(VERIFIED).isVerified()),
                passes("isVerifiedWithRoot", () -> assertThat(VERIFIED).isVerifiedWithRoot(DIGEST)),
                passes("isRejected", () -> assertThat(REJECTED).isRejected()),
                passes(
                        "isRejectedFor its reason",
                        () -> assertThat(REJECTED).isRejectedFor(VerificationResult.Reason.CONTENT_MISMATCH)),
                passes("isSound", () -> assertThat(SOUND).isSound()),
                passes("hasFinding", () -> assertThat(UNSOUND).hasFinding(AuditReport.Kind.ROLLED_BACK)),
                passes("hasFindingAt", () -> assertThat(UNSOUND).hasFindingAt(AuditReport.Kind.SEAL, 4)),
                passes("hasNoFinding", () -> assertThat(UNSOUND).hasNoFinding(AuditReport.Kind.BLOB)),
                passes("isIn its state", () -> assertThat(deployment()).isIn(Deployment.State.FALLEN_BACK)),
                passes("serves its version", () -> assertThat(deployment()).serves(ModelRef.of("credit-risk", 3))),
                passes("keeps its version", () -> assertThat(deployment()).keeps(ModelRef.of("credit-risk", 4))),
                passes(
                        "failedAt a step",
                        () -> assertThat(deployment()).failedAt(Deployment.Step.SERVE, ModelRef.of("credit-risk", 4))),
                passes("isHeld", () -> assertThat(deployment()).isHeld()),
                passes("an alert isIn its state", () -> assertThat(ALERT).isIn(Alert.State.FIRING)),
                passes("isActive", () -> assertThat(ALERT).isActive()),
                passes("isAbout", () -> assertThat(ALERT).isAbout(ModelRef.of("credit-risk", 3), "psi:income")),
                passes("isInEpisode", () -> assertThat(ALERT).isInEpisode(2)),
                passes("finds", () -> assertThat(DRIFTED).finds("psi:income", DriftReport.Level.ALARMING)),
                passes("changed", () -> assertThat(DRIFTED).changed("psi:income", Alert.State.FIRING)),
                passes("isCalm", () -> assertThat(CALM).isCalm()),
                passes("changedNothing", () -> assertThat(CALM).changedNothing()),
                passes("concludes its state", () -> assertThat(VERDICT).concludes(Verdict.State.CHALLENGER_BETTER)),
                passes("concludes nothing", () -> assertThat(NO_VERDICT).concludesNothing()),
                passes("isFromAtLeast its cases", () -> assertThat(VERDICT).isFromAtLeast(400)),
                passes("allowsFor what is within", () -> assertThat(VERDICT).allowsFor(-0.2)),
                passes("a sound log isSound", () -> assertThat(log(SOUND)).isSound()),
                passes("hasEntries over all pages", () -> assertThat(log(SOUND)).hasEntries("dev.modelops.x.v1", 2)));
    }

    static Stream<Arguments> failures() {
        String denied = "denied, FORBIDDEN, by gate-approval, gate-status";
        String version = "credit-risk@3, active";
        return Stream.of(
                fails("to be allowed", denied, () -> assertThat(DENY).isAllowed()),
                fails(
                        "to be allowed by 'other'",
                        "release-promotes",
                        () -> assertThat(ALLOW).isAllowedBy("other")),
                fails("to be allowed", denied, () -> assertThat((Decision) DENY).isAllowedBy("gate-status")),
                fails(
                        "to be denied",
                        "allowed by release-promotes",
                        () -> assertThat(ALLOW).isDenied()),
                fails("to be denied by 'other'", denied, () -> assertThat(DENY).isDeniedBy("other")),
                fails(
                        "to be denied",
                        "allowed by release-promotes",
                        () -> assertThat(ALLOW).isDeniedBy("release-promotes")),
                fails(
                        "to be denied by exactly [gate-status]",
                        denied,
                        () -> assertThat(DENY).isDeniedByExactly("gate-status")),
                fails(
                        "an unmet requirement of 'gate-status'",
                        denied,
                        () -> assertThat(DENY).hasUnmet("gate-status")),
                fails(
                        "an unmet requirement",
                        "allowed by",
                        () -> assertThat(ALLOW).hasUnmet("gate-status")),
                fails("because of MISSING_GATE", denied, () -> assertThat(DENY).because(Decision.Cause.MISSING_GATE)),
                fails(
                        "because of FORBIDDEN",
                        "allowed by",
                        () -> assertThat(ALLOW).because(Decision.Cause.FORBIDDEN)),
                fails("to be credit-risk@4", version, () -> assertThat(VERSION).hasRef(ModelRef.of("credit-risk", 4))),
                fails("to be retired", version, () -> assertThat(VERSION).hasStatus("retired")),
                fails(
                        "the author x|y",
                        ADA.toString(),
                        () -> assertThat(VERSION).hasAuthor(Principal.of("x", "y"))),
                fails(
                        "to be signed by sha256:",
                        "signed by sha256:",
                        () -> assertThat(VERSION).isSignedBy(KEYS.ecdsa("other"))),
                fails(
                        "to be signed by sha256:",
                        "does not trust",
                        () -> assertThat(version(Optional.empty())).isSignedBy(KEYS.ecdsa("publisher"))),
                fails(
                        "a key that the log does not trust",
                        version,
                        () -> assertThat(VERSION).isSignedByUntrustedKey()),
                fails(
                        "the metric 'gini'",
                        "{auc=0.807}",
                        () -> assertThat(VERSION).hasMetric("gini")),
                fails(
                        "the metric 'auc' at 0.9",
                        "{auc=0.807}",
                        () -> assertThat(VERSION).hasMetric("auc", "0.9")),
                fails(
                        "the metric 'gini' at 0.9",
                        "{auc=0.807}",
                        () -> assertThat(VERSION).hasMetric("gini", "0.9")),
                fails(
                        "the tag team=fraud",
                        "{team=credit}",
                        () -> assertThat(VERSION).hasTag("team", "fraud")),
                fails(
                        "to be verified",
                        "CONTENT_MISMATCH: weights.txt",
                        () -> assertThat(REJECTED).isVerified()),
                fails(
                        "to be verified with root " + OTHER,
                        "root " + DIGEST,
                        () -> assertThat(VERIFIED).isVerifiedWithRoot(OTHER)),
                fails(
                        "to be rejected",
                        "[RESOURCE_ORDER: a note]",
                        () -> assertThat(VERIFIED).isRejected()),
                fails(
                        "to be rejected for UNTRUSTED_KEY",
                        "CONTENT_MISMATCH",
                        () -> assertThat(REJECTED).isRejectedFor(VerificationResult.Reason.UNTRUSTED_KEY)),
                fails(
                        "to be sound",
                        "SEAL at 4: the seal",
                        () -> assertThat(UNSOUND).isSound()),
                fails(
                        "a finding BLOB",
                        "ROLLED_BACK: 13",
                        () -> assertThat(UNSOUND).hasFinding(AuditReport.Kind.BLOB)),
                fails(
                        "a finding SEAL at entry 5",
                        "SEAL at 4",
                        () -> assertThat(UNSOUND).hasFindingAt(AuditReport.Kind.SEAL, 5)),
                fails(
                        "a finding ROLLED_BACK at entry 0",
                        "ROLLED_BACK: 13",
                        () -> assertThat(UNSOUND).hasFindingAt(AuditReport.Kind.ROLLED_BACK, 0)),
                fails("no finding SEAL", "SEAL at 4", () -> assertThat(UNSOUND).hasNoFinding(AuditReport.Kind.SEAL)),
                fails("to be sound", "SEAL at 4", () -> assertThat(log(UNSOUND)).isSound()),
                fails(
                        "1 entries of type dev.modelops.x.v1",
                        "it has 2",
                        () -> assertThat(log(SOUND)).hasEntries("dev.modelops.x.v1", 1)),
                fails(
                        "the alert to be RESOLVED",
                        "FIRING, psi:income of credit-risk@3 in production, episode 2",
                        () -> assertThat(ALERT).isIn(Alert.State.RESOLVED)),
                fails(
                        "the alert to be active",
                        "SUSPECT, psi:income",
                        () -> assertThat(alert(Alert.State.SUSPECT)).isActive()),
                fails(
                        "to be about psi:age of credit-risk@3",
                        "psi:income of credit-risk@3",
                        () -> assertThat(ALERT).isAbout(ModelRef.of("credit-risk", 3), "psi:age")),
                fails(
                        "to be about psi:income of credit-risk@4",
                        "psi:income of credit-risk@3",
                        () -> assertThat(ALERT).isAbout(ModelRef.of("credit-risk", 4), "psi:income")),
                fails("to be in episode 1", "episode 2", () -> assertThat(ALERT).isInEpisode(1)),
                fails(
                        "to find psi:income WITHIN",
                        "psi:income of credit-risk@3: ALARMING, effect 0.3, floor 0.1",
                        () -> assertThat(DRIFTED).finds("psi:income", DriftReport.Level.WITHIN)),
                fails(
                        "to find loss:brier WITHIN",
                        "loss:brier of credit-risk@3: ALARMING, effect 0.3, floor 0.1, of 200 from",
                        () -> assertThat(CHANGED).finds("loss:brier", DriftReport.Level.WITHIN)),
                fails(
                        "to find psi:age ALARMING",
                        "as of position 9",
                        () -> assertThat(DRIFTED).finds("psi:age", DriftReport.Level.ALARMING)),
                fails(
                        "everything within bounds",
                        "ALARMING",
                        () -> assertThat(DRIFTED).isCalm()),
                fails(
                        "everything within bounds",
                        "as of position 9",
                        () -> assertThat(drift(List.of(), List.of())).isCalm()),
                fails(
                        "changed the alert psi:income to RESOLVED",
                        "changed: FIRING, psi:income",
                        () -> assertThat(DRIFTED).changed("psi:income", Alert.State.RESOLVED)),
                fails(
                        "changed the alert psi:age to FIRING",
                        "changed: FIRING, psi:income",
                        () -> assertThat(DRIFTED).changed("psi:age", Alert.State.FIRING)),
                fails(
                        "to have changed no alert",
                        "changed: FIRING, psi:income",
                        () -> assertThat(DRIFTED).changedNothing()),
                fails(
                        "the verdict to conclude HARM",
                        "CHALLENGER_BETTER, lower by 100%s",
                        () -> assertThat(VERDICT).concludes(Verdict.State.HARM)),
                fails(
                        "the verdict to conclude CONTINUE",
                        "experiment try, stage 2, SPLIT",
                        () -> assertThat(VERDICT).concludesNothing()),
                fails(
                        "at least 401 cases",
                        "of 400 cases",
                        () -> assertThat(VERDICT).isFromAtLeast(401)),
                fails(
                        "at least 1 cases",
                        "no difference yet",
                        () -> assertThat(NO_VERDICT).isFromAtLeast(1)),
                fails(
                        "a difference of -0.4",
                        "from -0.3 to -0.1",
                        () -> assertThat(VERDICT).allowsFor(-0.4)),
                fails(
                        "a difference of 0.0",
                        "from -0.3 to -0.1",
                        () -> assertThat(VERDICT).allowsFor(0)),
                fails(
                        "the deployment to be SERVING",
                        "FALLEN_BACK\n  champion credit-risk@4\n  serving credit-risk@3",
                        () -> assertThat(deployment()).isIn(Deployment.State.SERVING)),
                fails(
                        "to serve credit-risk@4",
                        "kept credit-risk@4",
                        () -> assertThat(deployment()).serves(ModelRef.of("credit-risk", 4))),
                fails(
                        "to serve nothing",
                        "serving credit-risk@3",
                        () -> assertThat(deployment()).servesNothing()),
                fails(
                        "to keep credit-risk@2",
                        "fell back from credit-risk@4",
                        () -> assertThat(deployment()).keeps(ModelRef.of("credit-risk", 2))),
                fails(
                        "to have seen credit-risk@4 fail at PROBE",
                        "credit-risk@4 failed at SERVE at 2030-01-01T09:00:00Z: 5 of 5 calls failed",
                        () -> assertThat(deployment()).failedAt(Deployment.Step.PROBE, ModelRef.of("credit-risk", 4))),
                fails(
                        "to have seen no version fail",
                        "5 of 5",
                        () -> assertThat(deployment()).hasNoFailure()),
                fails("policy to refuse", "the act was done", () -> assertThatRefused(() -> {})),
                fails(
                        "policy to refuse",
                        "another reason: java.lang.IllegalStateException: broken",
                        () -> assertThatRefused(() -> {
                            throw new IllegalStateException("broken");
                        })),
                fails(
                        "not to be null",
                        "null",
                        () -> assertThat((Decision) null).isDenied()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("assertions")
    void passesWhatHolds(String name, ThrowingCallable assertion) throws Throwable {
        assertion.call();
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("failures")
    void failsWhatDoesNotHoldAndSaysWhatWasFound(String expected, String found, ThrowingCallable assertion) {
        assertThatThrownBy(assertion)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(expected)
                .hasMessageContaining(found);
    }

    @Test
    void aFailureShowsTheWholeDecision() {
        assertThatThrownBy(() -> assertThat(DENY).as("second release").isAllowed())
                .hasMessage("[second release] expected the decision to be allowed, but it was denied, FORBIDDEN, by"
                        + " gate-approval, gate-status"
                        + "\n  [gate-approval] needs 1 approval"
                        + "\n    found none, at 100%s"
                        + "\n    remedy: ask a validator"
                        + "\n  policy " + DIGEST
                        + "\n  decided as of position 7 at 2030-01-01T09:00:00Z");
    }

    @Test
    void aRefusalIsHandedOver() {
        assertThatRefused(() -> {
                    throw new AccessDeniedException("promote credit-risk@3", DENY);
                })
                .isDeniedBy("gate-approval")
                .because(Decision.Cause.FORBIDDEN);
    }

    @Test
    void anotherFailureThanARefusalIsTheCause() {
        IllegalStateException broken = new IllegalStateException("broken");
        assertThatThrownBy(() -> assertThatRefused(() -> {
                    throw broken;
                }))
                .hasCause(broken);
    }

    private static Arguments passes(String name, ThrowingCallable assertion) {
        return Arguments.of(name, assertion);
    }

    private static Arguments fails(String expected, String found, ThrowingCallable assertion) {
        return Arguments.of(expected, found, assertion);
    }

    private static ModelVersion version(Optional<Digest> publisher) {
        return new ModelVersion(
                ModelRef.of("credit-risk", 3),
                "model",
                "",
                Map.of("auc", new BigDecimal("0.807")),
                Map.of(),
                Map.of("team", "credit"),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                DIGEST,
                2,
                100,
                OTHER,
                publisher,
                "active",
                ADA,
                TIME,
                LogPosition.of(5),
                Optional.empty(),
                Optional.empty());
    }

    private static Alert alert(Alert.State state) {
        return new Alert(
                ModelRef.of("credit-risk", 3), Environment.PRODUCTION, "psi:income", state, 2, TIME, LogPosition.of(8));
    }

    private static DriftReport.Finding finding(DriftReport.Level level) {
        return new DriftReport.Finding(
                ModelRef.of("credit-risk", 3),
                "psi:income",
                0.1,
                level,
                List.of(new DriftReport.Measurement(
                        TIME, TIME.plusSeconds(3600), 1000, 200, 0.3, 0.001, 0.002, true, true)),
                Optional.empty());
    }

    private static DriftReport drift(List<DriftReport.Finding> findings, List<Alert> changes) {
        return new DriftReport(
                LogPosition.of(9), findings, changes, List.of(), new DriftReport.Coverage(1, 1, 0, 0, 0, 0, 0, 0, 0));
    }

    private static Verdict verdict(Verdict.State state, String reason, Optional<Verdict.Difference> difference) {
        Experiment experiment = new Experiment(
                "try",
                2,
                ModelRef.of("credit-risk", 4),
                ModelRef.of("credit-risk", 3),
                Environment.PRODUCTION,
                Experiment.Mode.SPLIT,
                TIME,
                LogPosition.of(7),
                Optional.of(state));
        return new Verdict(state, reason, difference, experiment, LogPosition.of(9), "{}");
    }

    /** A deployment that fell back. */
    private static Deployment<?> deployment() {
        ModelRef three = ModelRef.of("credit-risk", 3);
        ModelRef four = ModelRef.of("credit-risk", 4);
        Deployment.Status status = new Deployment.Status(
                Deployment.State.FALLEN_BACK,
                Optional.of(four),
                Optional.of(three),
                Optional.of(four),
                Optional.of(new Deployment.Failure(four, Deployment.Step.SERVE, "5 of 5 calls failed", TIME)),
                Optional.of(four),
                false,
                true,
                0,
                Optional.empty());
        return (Deployment<?>) Proxy.newProxyInstance(
                ModelOpsAssertionsTest.class.getClassLoader(),
                new Class<?>[] {Deployment.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "status" -> status;
                    case "toString" -> "deployment";
                    default -> throw new UnsupportedOperationException(method.toString());
                });
    }

    /** A log of two entries, one to a page. */
    private static AuditLog log(AuditReport report) {
        return (AuditLog) Proxy.newProxyInstance(
                ModelOpsAssertionsTest.class.getClassLoader(),
                new Class<?>[] {AuditLog.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "verify" -> {
                        assertThat(arguments[0]).isEqualTo(Progress.NONE);
                        yield report;
                    }
                    case "query" -> {
                        AuditQuery query = (AuditQuery) arguments[0];
                        assertThat(query.type()).contains("dev.modelops.x.v1");
                        int index = query.cursor().map(Integer::parseInt).orElse(0);
                        yield new Page<>(
                                List.of(entry(index)),
                                index == 0 ? Optional.of("1") : Optional.empty(),
                                LogPosition.of(2));
                    }
                    case "toString" -> "log";
                    default -> throw new UnsupportedOperationException(method.toString());
                });
    }

    private static AuditEntry entry(int index) {
        return new AuditEntry(
                LogPosition.after(index),
                "id-" + index,
                "dev.modelops.x.v1",
                Optional.empty(),
                TIME,
                ADA,
                Assurance.ASSERTED,
                Optional.empty(),
                Bytes.ofUtf8("{}"));
    }
}
