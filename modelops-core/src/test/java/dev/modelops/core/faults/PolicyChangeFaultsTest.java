package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport.Finding;
import dev.modelops.audit.AuditReport.Kind;
import dev.modelops.audit.LogKey;
import dev.modelops.core.AlterableBlobs;
import dev.modelops.core.TestStorage;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever becomes of the commit of a change of policy, everybody decides by the set that the log says is in force. */
@Tag("every-store")
class PolicyChangeFaultsTest {
    private static final PolicySet SILENT = Rules.from(Policies.builtIn())
            .forbid("gate-silence")
            .on(Action.Type.COMMENT)
            .build();
    private static final ModelRef REF = ModelRef.parse("risk@1");

    @TempDir
    static Path dir;

    private FaultyLogStore log;
    private AlterableBlobs blobs;
    private Storage storage;
    private LogKey key;

    @BeforeEach
    void makeLog() {
        Storage memory = TestStorage.fresh();
        log = new FaultyLogStore(memory.log());
        blobs = new AlterableBlobs(memory.blobs());
        storage = new Storage(log, blobs);
        key = ModelOps.create(storage, Site.genesis());
    }

    private ModelOps open() {
        return open(storage);
    }

    private ModelOps open(Storage read) {
        return Site.opening(read, key).pollInterval(Duration.ofHours(1)).start();
    }

    private static void propose(ModelOps ops) {
        Site.register(ops, dir, "risk", 1);
        var unused = ops.as(Site.ADMIN).policies().propose(SILENT, null);
    }

    private static PolicyRevision install(ModelOps ops) {
        return ops.as(Site.SECOND_ADMIN).policies().install(SILENT.digest());
    }

    private static boolean mayComment(ModelOps ops) {
        return Site.registry(ops, Site.ADA).check(Action.comment(REF, "x")).isAllowed();
    }

    @ParameterizedTest
    @EnumSource
    void whatBecomesOfTheCommitDecidesWhichSetIsInForce(FaultyLogStore.Plan plan) {
        try (ModelOps ops = open()) {
            propose(ops);
            log.plan(plan);
            boolean isCommitted = plan == FaultyLogStore.Plan.WELL
                    || plan == FaultyLogStore.Plan.COMMITTED_IN_DOUBT
                    || plan == FaultyLogStore.Plan.COMMITTED_AND_BROKEN;
            if (isCommitted) {
                assertThat(install(ops).number()).isEqualTo(2);
            } else {
                assertThatExceptionOfType(StorageException.class).isThrownBy(() -> install(ops));
            }
            assertThat(log.isAsPlanned()).isTrue();
            assertThat(ops.as(Site.ADMIN).policies().installed()).hasSize(isCommitted ? 2 : 1);
            assertThat(mayComment(ops)).isEqualTo(!isCommitted);
            if (!isCommitted) {
                Site.registry(ops, Site.ADA).comment(REF, "as before");
                assertThat(install(ops).number()).isEqualTo(2);
                assertThat(mayComment(ops)).isFalse();
            }
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    @Test
    void actsInTheBatchOfAnInstallationAreDecidedByTheSetInForceAtTheirPlace() throws Exception {
        try (ModelOps ops = open()) {
            propose(ops);
            var unused = log.shut();
            List<FutureTask<Object>> tasks = new ArrayList<>();
            // The first holds the committer up, so that the others become one batch, in this order.
            for (Runnable act : List.<Runnable>of(
                    () -> Site.registry(ops, Site.ADA).setTag(REF, "k", "v"),
                    () -> Site.registry(ops, Site.ADA).comment(REF, "before"),
                    () -> install(ops),
                    () -> Site.registry(ops, Site.ADA).comment(REF, "after"))) {
                FutureTask<Object> task = new FutureTask<>(act, null);
                Thread thread = new Thread(task);
                thread.start();
                Site.await("the act is queued", () -> thread.getState() == Thread.State.TIMED_WAITING);
                tasks.add(task);
            }
            log.open();
            for (int i = 0; i < 3; i++) {
                tasks.get(i).get(60, TimeUnit.SECONDS);
            }
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> tasks.get(3).get(60, TimeUnit.SECONDS))
                    .havingCause()
                    .isInstanceOfSatisfying(AccessDeniedException.class, e -> {
                        assertThat(e.decision().rules()).containsExactly("gate-silence");
                        assertThat(e.decision().policy()).isEqualTo(SILENT.digest());
                    });
            assertThat(storage.log().seals(0, 10))
                    .as("the three acts and the refusal are one batch")
                    .anySatisfy(seal -> assertThat(seal.size() - seal.from()).isEqualTo(3));
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    @Test
    void aSetThatWasAlteredInTheStoreIsNotInstalled() {
        try (ModelOps proposing = open()) {
            propose(proposing);
        }
        try (ModelOps ops = open()) {
            blobs.alter(SILENT.digest());
            long size = ops.position().size();
            assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> install(ops));
            assertThat(ops.position().size()).isEqualTo(size);
            assertThat(ops.as(Site.ADMIN).policies().current().number()).isEqualTo(1);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> ops.as(Site.ADMIN).policies().read(SILENT.digest()));
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .extracting(Finding::kind)
                    .containsExactly(Kind.BLOB);
            blobs.alter(SILENT.digest());
            assertThat(install(ops).number()).isEqualTo(2);
        }
    }

    @Test
    void aFollowerThatCannotReadTheNewSetServesNothingOn() {
        // What only the follower reads, altered before the installation: it may follow by itself at any moment.
        AlterableBlobs alone = new AlterableBlobs(blobs);
        try (ModelOps ops = open();
                ModelOps follower = open(new Storage(log, alone))) {
            propose(ops);
            alone.alter(SILENT.digest());
            var unused = install(ops);
            assertThatExceptionOfType(IntegrityException.class).isThrownBy(follower::sync);
            assertThat(follower.as(Site.ADMIN).policies().current().number()).isEqualTo(1);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> Site.registry(follower, Site.ADA).comment(REF, "x"));
        }
    }

    @Test
    void theSubjectOfARefusedInstallationIsTheSet() {
        try (ModelOps ops = open()) {
            propose(ops);
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> ops.as(Site.ADMIN).policies().install(SILENT.digest()));
            assertThat(ops.as(Site.AUDITOR)
                            .audit()
                            .get(ops.position().size() - 1)
                            .subject())
                    .contains(SILENT.digest().toString());
        }
    }
}
