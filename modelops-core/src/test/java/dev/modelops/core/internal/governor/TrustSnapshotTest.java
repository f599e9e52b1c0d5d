package dev.modelops.core.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Bytes;
import dev.modelops.Environment;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.LogRecovery;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.core.signing.TrustPolicies;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.registry.Approval.Verdict;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.Signer;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.TrustPolicy.Key;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.TestKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What trust policies say survives snapshots, and who may recover a log changes with them. */
class TrustSnapshotTest {
    private static final TestKeys KEYS = TestKeys.seeded(78);
    private static final Signer OLD = KEYS.ed25519("old root");
    private static final Signer NEW = KEYS.ed25519("new root");
    private static final Signer OWN = KEYS.ed25519("validator");
    private static final Signer LOG_2 = KEYS.ed25519("log 2");
    private static final String LOG = "example.org/models";
    private static final TrustPolicy FIRST = TrustPolicy.of(LOG, 1, List.of(OLD.publicKey()))
            .role(TrustPolicy.PUBLISHER, 1, GovernedLog.PUBLISHER.publicKey())
            .role(TrustPolicy.APPROVER, 1, Key.of(OWN.publicKey()).owner(GovernedLog.VALIDATOR));
    private static final TrustPolicy SECOND = FIRST.next()
            .roots(1, List.of(NEW.publicKey()))
            .revoke(KEYS.ecdsa("lost").publicKey(), "lost");

    private final Storage storage = Storages.inMemory();
    private LogKey key;

    @TempDir
    private Path dir;

    @BeforeEach
    void makeLog() {
        try (GovernedLog log =
                GovernedLog.in(storage, genesis -> GovernedLog.peopled(genesis).roots(1, List.of(OLD.publicKey())))) {
            key = log.logKey();
            log.ops().as(GovernedLog.ADMIN).policies().installTrust(TrustPolicies.sign(FIRST, OLD));
            ModelVersion version =
                    log.as(GovernedLog.AUTHOR).register(VersionSpec.of("credit", Models.small(dir.resolve("m"))));
            Predicate said = new Predicate.Approval(
                    LOG,
                    version.ref(),
                    Environment.PRODUCTION,
                    Verdict.APPROVED,
                    GovernedLog.VALIDATOR,
                    log.ops().as(GovernedLog.ADMIN).policies().current().digest(),
                    Set.of(),
                    GovernedLog.START,
                    Optional.empty());
            log.as(GovernedLog.VALIDATOR)
                    .perform(Action.approve(version.ref(), Environment.PRODUCTION)
                            .signed(Attestation.sign("credit@1", version.artifact(), said, OWN)));
            log.ops()
                    .as(GovernedLog.ADMIN)
                    .policies()
                    .installTrust(TrustPolicies.signAgain(TrustPolicies.sign(SECOND, OLD), NEW));
        }
    }

    private Snapshot snapshot() {
        Ledger ledger = Ledger.open(storage, key, null);
        return ledger.snapshot(ledger.tip().state());
    }

    @Test
    void aSnapshotLeadsToTheSameTrust() {
        Snapshot snapshot = snapshot();
        Snapshot read = Snapshot.decode(snapshot.encode().open(), LOG);
        assertThat(read.state()).isEqualTo(snapshot.state());
        assertThat(read.encode().digest()).isEqualTo(snapshot.encode().digest());
        assertThat(read.state().founding().trust().policy()).isEqualTo(SECOND);
        assertThat(read.state().founding().trust().revoked()).hasSize(1);
        assertThat(read.state().founding().roots()).containsExactly(NEW.publicKey());
        assertThat(read.state()
                        .models()
                        .values()
                        .iterator()
                        .next()
                        .versions()
                        .get(0)
                        .judgements()
                        .get(0)
                        .approval()
                        .signer())
                .isPresent();
    }

    @Test
    void aSnapshotWithATrustThatTheRootKeysDidNotSignIsNotRead() {
        Snapshot snapshot = snapshot();
        List<Bytes> good = snapshot.ceremonies();
        assertThat(good).hasSize(2);
        List<Bytes> turned = new ArrayList<>(good);
        Collections.reverse(turned);
        String first = good.get(0).toUtf8();
        for (List<Bytes> bad : List.of(
                turned,
                List.of(good.get(0), good.get(0)),
                List.of(Bytes.ofUtf8(first.replace("\\\"sig\\\":\\\"", "\\\"sig\\\":\\\"AAAA")), good.get(1)),
                List.of(Bytes.ofUtf8(first.replace("trust.installed", "version.commented")), good.get(1)))) {
            assertThat(bad).isNotEqualTo(good);
            Snapshot forged = new Snapshot(snapshot.state(), snapshot.first(), bad, snapshot.tree());
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> Snapshot.decode(forged.encode().open(), LOG));
        }
    }

    private LogKey recover(Signer root) {
        LogRecovery recovery = LogRecovery.of(storage, key, LOG_2, GovernedLog.WRITER)
                .nothingLost()
                .reason("the log key was stolen")
                .clock(MutableClock.at(GovernedLog.START.plusSeconds(60)));
        return recovery.signature(LogRecovery.sign(recovery.statement(), root)).recover();
    }

    @Test
    void theRootKeysInForceRecoverALogAndThoseBeforeDoNot() {
        long size = storage.log().head().size();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> recover(OLD))
                .withMessageContaining("must be signed by 1 of the 1 root keys, but is signed by 0");
        assertThat(storage.log().head().size()).isEqualTo(size);
        LogKey next = recover(NEW);
        try (ModelOps ops = ModelOps.open(storage, next)
                .writer(GovernedLog.WRITER)
                .logSigner(LOG_2)
                .clock(MutableClock.at(GovernedLog.START.plusSeconds(60)))
                .start()) {
            assertThat(ops.as(GovernedLog.ADMIN).policies().trust()).contains(SECOND);
            TrustPolicy third = SECOND.next();
            ops.as(GovernedLog.ADMIN).policies().installTrust(TrustPolicies.sign(third, NEW));
            assertThat(ops.as(GovernedLog.ADMIN).policies().trust()).contains(third);
        }
        Ledger ledger = Ledger.open(storage, next, null);
        Snapshot snapshot = ledger.snapshot(ledger.tip().state());
        assertThat(snapshot.ceremonies()).hasSize(4);
        assertThat(Snapshot.decode(snapshot.encode().open(), next.origin()).state())
                .isEqualTo(snapshot.state());
        try (StoreInspection inspection = StoreInspection.open(storage, next)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
        }
    }
}
