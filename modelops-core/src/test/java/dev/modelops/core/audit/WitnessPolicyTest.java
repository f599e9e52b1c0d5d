package dev.modelops.core.audit;

import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.START;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.IntegrityException;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.WitnessPolicy;
import dev.modelops.core.Witnesses;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.Cosigner;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.TestKeys;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Demanding witnesses, and memories of other kinds. */
class WitnessPolicyTest {
    private static final TestKeys KEYS = TestKeys.seeded(21);
    private static final String TEXT = "example.org/log\n7\n" + "A".repeat(43) + "=\n";
    private static final NoteSigner LOG = new NoteSigner("example.org/log", KEYS.ed25519("log"));

    @TempDir
    Path dir;

    private static Cosigner cosigner(String name) {
        return new Cosigner(name, KEYS.ed25519(name));
    }

    private static String key(String name) {
        return cosigner(name).key().vkey();
    }

    private static String note(String... witnesses) {
        StringBuilder note = new StringBuilder(LOG.sign(TEXT));
        for (String witness : witnesses) {
            note.append(cosigner(witness).cosign(TEXT, START));
        }
        return note.toString();
    }

    private static String policy() {
        return "# three here, two there\n\nlog " + LOG.verifier().vkey() + " https://log.example.org\n"
                + "witness X1 " + key("x1") + "\n witness\tX2 " + key("x2") + " https://x2.example.org/ \n"
                + "witness X3 " + key("x3") + "\nwitness Y1 " + key("y1") + "\nwitness Y2 " + key("y2") + "\n"
                + "group X 2 X1 X2 X3\ngroup Y any Y1 Y2\ngroup both all X Y\nquorum both\n";
    }

    @ParameterizedTest
    @CsvSource({
        "x1 x2 y1, true",
        "x1 x2 x3 y1 y2, true",
        "x3 y2 x1 z, true",
        "x1 x2 x3, false",
        "x1 y1 y2, false",
        "x1 x1 y1, false",
        "y1, false",
        "z, false"
    })
    void groupsAreCounted(String witnesses, boolean met) {
        assertThat(WitnessPolicy.parse(policy()).isMetBy(note(witnesses.split(" "))))
                .isEqualTo(met);
    }

    @Test
    void whatDoesNotVerifyNeverCounts() {
        WitnessPolicy policy = WitnessPolicy.of(1, key("x1"), key("x2"));
        String other = cosigner("x2").cosign(TEXT.replace("\n7\n", "\n8\n"), START);

        assertThat(policy.isMetBy(note("x1"))).isTrue();
        assertThat(policy.isMetBy(note("x1") + other)).isFalse();
        assertThat(policy.isMetBy(note())).isFalse();
        assertThat(policy.isMetBy("")).isFalse();
        assertThat(policy.isMetBy(note("x1").replace("\n7\n", "\n8\n"))).isFalse();
        assertThat(WitnessPolicy.of(2, key("x1"), key("x2")).isMetBy(note("x1")))
                .isFalse();
        assertThat(WitnessPolicy.parse("quorum none\n").isMetBy(note())).isTrue();
        assertThat(WitnessPolicy.parse("witness a " + key("x1") + "\nquorum a\n")
                        .isMetBy(note("x1")))
                .isTrue();
    }

    /** Nothing in a log says how new it is, so that an old one could be shown for ever. */
    @Test
    void cosignaturesThatAreTooOldDoNotCount() {
        WitnessPolicy both = WitnessPolicy.of(2, key("x1"), key("x2"));
        String note = note("x1") + cosigner("x2").cosign(TEXT, START.plusSeconds(60));

        assertThat(both.isMetBy(note, START)).isTrue();
        assertThat(both.isMetBy(note, START.plusSeconds(1))).isFalse();
        assertThat(WitnessPolicy.of(1, key("x1"), key("x2")).isMetBy(note, START.plusSeconds(60)))
                .isTrue();
        assertThat(WitnessPolicy.of(1, key("x1"), key("x2")).isMetBy(note, START.plusSeconds(61)))
                .isFalse();
        String again = note + cosigner("x1").cosign(TEXT, START.plusSeconds(90));
        assertThat(both.isMetBy(again, START.plusSeconds(60))).isTrue();
    }

    @Test
    void aPolicyThatNamesLogsDemandsTheirSignature() {
        String stranger = new NoteSigner("example.org/other", KEYS.ed25519("other")).sign(TEXT)
                + cosigner("x1").cosign(TEXT, START);
        String of = "\nwitness a " + key("x1") + "\nquorum a\n";

        assertThat(WitnessPolicy.parse(of).isMetBy(stranger)).isTrue();
        assertThat(WitnessPolicy.parse("log " + LOG.verifier().vkey() + of).isMetBy(stranger))
                .isFalse();
        assertThat(WitnessPolicy.parse("log "
                                + new NoteSigner("example.org/other", KEYS.ed25519("other"))
                                        .verifier()
                                        .vkey() + of)
                        .isMetBy(stranger))
                .as("the log signed for another")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "quorum none\nquorum none",
                "quorum a",
                "quorum",
                "witness a K1\nquorum b",
                "witness a K1\nwitness a K2\nquorum a",
                "witness a K1\nwitness b K1\nquorum a",
                "witness none K1\nquorum none",
                "witness a K1 url more\nquorum a",
                "witness a nonsense\nquorum a",
                "group g any a\nwitness a K1\nquorum g",
                "witness a K1\ngroup g 2 a\nquorum g",
                "witness a K1\ngroup g 0 a\nquorum g",
                "witness a K1\ngroup g 01 a\nquorum g",
                "witness a K1\ngroup g some a\nquorum g",
                "witness a K1\ngroup g any\nquorum g",
                "witness a K1\ngroup g any a a\nquorum g",
                "witness a K1\ngroup g any a\ngroup h any a\nquorum g",
                "witness a K1\ngroup g any none\nquorum g",
                "log L\nlog L\nquorum none",
                "log K1\nquorum none",
                "witnes a K1\nquorum none",
                "quorum none\r"
            })
    void malformedPoliciesAreRefused(String text) {
        String filled = text.replace("K1", key("x1"))
                .replace("K2", key("x2"))
                .replace("L", LOG.verifier().vkey());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> WitnessPolicy.parse(filled))
                .withMessageContaining("witness policy");
    }

    @Test
    void entriesThatTooFewWitnessesSawAreFound() {
        List<String> keys = List.of(
                CosignatureKey.of("a", KEYS.ed25519("a").publicKey()).vkey(),
                CosignatureKey.of("b", KEYS.ed25519("b").publicKey()).vkey());
        WitnessPolicy one = WitnessPolicy.of(1, keys.get(0), keys.get(1));
        WitnessPolicy both = WitnessPolicy.of(2, keys.get(0), keys.get(1));
        try (GovernedLog first = GovernedLog.open()) {
            assertThat(first.ops().position().size()).isEqualTo(1);
        }
        GovernedLog log = GovernedLog.open(
                UnaryOperator.identity(),
                opening -> opening.witness(Witnesses.folder(
                        "a", KEYS.ed25519("a"), dir.resolve("w"), List.of(opening.logKey()), Clock.systemUTC())));
        try (log) {
            log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            assertThat(SignedNote.parse(log.ops().audit().checkpoint().note()).signatures())
                    .hasSize(2);
            log.clock().advance(Duration.ofMinutes(10));
            long covered = log.ops().position().size();
            StoreInspection inspection = StoreInspection.open(log.storage(), log.logKey());
            assertThat(findings(inspection, one, Instant.MAX)).isEmpty();
            assertThat(findings(inspection, both, START)).isEmpty();
            assertThat(findings(inspection, both, START.plusSeconds(1)))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.kind()).isEqualTo(AuditReport.Kind.WITNESS);
                        assertThat(finding.index()).hasValue(0);
                    });
            try (var plain = log.again()) {
                assertThat(plain.position().size()).isEqualTo(covered);
            }
        }
    }

    private static List<AuditReport.Finding> findings(
            StoreInspection inspection, WitnessPolicy policy, Instant before) {
        return inspection.verify(policy, before, Progress.NONE).findings();
    }

    @Test
    void aFixedCheckpointBindsTheLogItIsOf() {
        try (GovernedLog older = GovernedLog.open();
                GovernedLog newer = GovernedLog.open()) {
            newer.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            String note = newer.ops().audit().checkpoint().note();

            assertThat(CheckpointMemories.fixed(note).recall("example.org/other"))
                    .isEmpty();
            try (StoreInspection same =
                            StoreInspection.open(newer.storage(), newer.logKey(), CheckpointMemories.fixed(note));
                    StoreInspection before =
                            StoreInspection.open(older.storage(), older.logKey(), CheckpointMemories.fixed(note))) {
                assertThat(same.registry().models()).hasSize(1);
                assertThatExceptionOfType(IntegrityException.class).isThrownBy(before::registry);
            }
            assertThatIllegalArgumentException().isThrownBy(() -> CheckpointMemories.fixed("no note"));
        }
    }

    @Test
    void anActIsRefusedOnceMoreIsRememberedThanTheStoreHolds() {
        InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
        try (GovernedLog elsewhere = GovernedLog.open();
                GovernedLog log = GovernedLog.open(UnaryOperator.identity(), opening -> opening.memory(memory))) {
            for (GovernedLog one : List.of(elsewhere, log)) {
                one.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            }
            elsewhere.as(AUTHOR).comment(ref("risk", 1), "one more, elsewhere");
            elsewhere.as(AUTHOR).comment(ref("risk", 1), "and another");
            memory.remember(elsewhere.ops().audit().checkpoint());
            long size = log.storage().log().head().size();

            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> log.as(AUTHOR).comment(ref("risk", 1), "not after that"))
                    .withMessageContaining("remembered checkpoint");
            assertThat(log.storage().log().head().size()).isEqualTo(size);
        }
    }
}
