package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.modelops.Alias;
import dev.modelops.CommandId;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage;
import dev.modelops.core.faults.FaultyLogStore.Plan;
import dev.modelops.policy.Action;
import dev.modelops.registry.Recorded;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Identities of acts, and expectations of what they change. */
@Tag("every-store")
class CommandsTest {
    private static final CommandId ID = CommandId.of("once");

    @TempDir
    Path dir;

    private Storage storage;
    private LogKey key;
    private FaultyLogStore log;
    private ModelOps ops;
    private ModelRef ref;
    private final ExecutorService callers = Executors.newCachedThreadPool();

    @BeforeEach
    void begin() {
        Storage inner = TestStorage.fresh();
        key = ModelOps.create(inner, Site.genesis());
        log = new FaultyLogStore(inner.log());
        storage = new Storage(log, inner.blobs());
        ops = Site.opening(storage, key).start();
        ref = Site.register(ops, dir, "risk", 1).ref();
    }

    @AfterEach
    void end() {
        log.open();
        ops.close();
        callers.shutdownNow();
    }

    private Recorded act(Principal who, Action action) {
        return Site.registry(ops, who).perform(action);
    }

    @Test
    void anActIsDoneOnceUnderOneId() throws Exception {
        Action comment = Action.comment(ref, "hello").as(ID);
        Recorded first = act(Site.ADA, comment);
        assertThat(act(Site.ADA, comment)).isEqualTo(first);
        ops.close();
        ops = Site.opening(storage, key).start();
        assertThat(act(Site.ADA, comment)).isEqualTo(first);
        assertThat(ops.outcome(ID)).contains(first);
        assertThat(Site.registry(ops, Site.ADA).comments(ref)).hasSize(1);
    }

    @Test
    void concurrentRepeatsOfOneActInOneBatchAreOneAct() throws Exception {
        CountDownLatch waiting = log.shut();
        Future<?> blocker = callers.submit(() -> act(Site.ADA, Action.comment(ref, "blocker")));
        waiting.await();
        List<Future<Recorded>> repeats = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            repeats.add(callers.submit(
                    () -> act(Site.ADA, Action.setTag(ref, "k", "v").as(ID))));
        }
        Thread.sleep(100);
        long before = ops.position().size();
        log.open();
        blocker.get();
        Set<Recorded> results = new HashSet<>();
        for (Future<Recorded> repeat : repeats) {
            results.add(repeat.get());
        }
        assertThat(results).hasSize(1);
        assertThat(ops.position().size()).isEqualTo(before + 2);
    }

    @Test
    void aRegistrationIsDoneOnceUnderOneId() {
        var spec = Site.spec(dir, "risk", 2).metric("auc", "0.8").as(ID);
        var version = Site.registry(ops, Site.ADA).register(spec);
        assertThat(Site.registry(ops, Site.ADA).register(spec)).isEqualTo(version);
        assertThat(ops.outcome(ID).orElseThrow().subject())
                .isEqualTo(version.ref().toString());
        assertThatThrownBy(() -> Site.registry(ops, Site.ADA).register(spec.metric("auc", "0.9")))
                .isInstanceOf(VersionConflictException.class);
        assertThatThrownBy(() -> Site.registry(ops, Site.ADA)
                        .register(Site.spec(dir, "risk", 3).metric("auc", "0.8").as(ID)))
                .isInstanceOf(VersionConflictException.class)
                .hasMessageContaining("content");
        assertThatThrownBy(() -> Site.registry(ops, Site.ADA)
                        .register(Site.spec(dir, "ris", 2).metric("auc", "0.8").as(ID)))
                .isInstanceOf(VersionConflictException.class);
        assertThat(Site.registry(ops, Site.ADA).model(Site.RISK).orElseThrow().latest())
                .isEqualTo(VersionNumber.of(2));
    }

    @Test
    void anIdServesForNoOtherAct() {
        for (int i = 2; i <= 10; i++) {
            Site.register(ops, dir, "risk", i);
        }
        ModelRef ten = ModelRef.parse("risk@10");
        List<Action> done = List.of(
                Action.comment(ten, "text"),
                Action.setTag(ten, "key", "value"),
                Action.setAlias(ten, Alias.of("latest")),
                Action.approve(ten, Site.PRODUCTION),
                Action.promote(ten, Site.STAGING),
                Action.grantRole(Principal.of("example.org", "new-one"), Role.AUDITOR),
                Action.transition(ten, "deprecate"));
        List<List<Action>> others = List.of(
                List.of(Action.comment(ref, "text"), Action.comment(ten, "another")),
                List.of(
                        Action.setTag(ref, "key", "value"),
                        Action.setTag(ten, "key2", "value"),
                        Action.setTag(ten, "key", "value2"),
                        Action.removeTag(ten, "key")),
                List.of(
                        Action.setAlias(ref, Alias.of("latest")),
                        Action.setAlias(ten, Alias.of("other")),
                        Action.removeAlias(Site.RISK, Alias.of("latest"))),
                List.of(
                        Action.approve(ref, Site.PRODUCTION),
                        Action.approve(ten, Site.STAGING),
                        Action.reject(ten, Site.PRODUCTION)),
                List.of(Action.promote(ref, Site.STAGING), Action.rollback(Site.RISK, Site.STAGING)),
                List.of(
                        Action.grantRole(Principal.of("example.org", "new"), Role.AUDITOR),
                        Action.grantRole(Principal.of("example.org", "new-one"), Role.VALIDATOR),
                        Action.revokeRole(Principal.of("example.org", "new-one"), Role.AUDITOR)),
                List.of(Action.transition(ref, "deprecate"), Action.transition(ten, "retire")));
        List<Principal> actors = List.of(Site.ADA, Site.ADA, Site.RITA, Site.VERA, Site.RITA, Site.ADMIN, Site.RITA);
        for (int i = 0; i < done.size(); i++) {
            CommandId id = CommandId.of("act-" + i);
            Principal actor = actors.get(i);
            Recorded recorded = act(actor, done.get(i).as(id));
            long size = ops.position().size();
            for (Action other : others.get(i)) {
                assertThatThrownBy(() -> act(actor, other.as(id)))
                        .as("%s for %s", other, recorded.type())
                        .isInstanceOf(VersionConflictException.class)
                        .hasMessageContaining(id.value());
            }
            Action same = done.get(i).as(id);
            assertThatThrownBy(() -> act(Site.STRANGER, same)).isInstanceOf(VersionConflictException.class);
            assertThat(act(actor, same)).isEqualTo(recorded);
            assertThat(ops.position().size()).isEqualTo(size);
        }
    }

    @Test
    void ofManyPromotersWithOneExpectationExactlyOneWins() throws Exception {
        List<ModelRef> refs = new ArrayList<>();
        for (int i = 2; i <= 6; i++) {
            refs.add(Site.register(ops, dir, "risk", i).ref());
        }
        act(Site.RITA, Action.promote(ref, Site.STAGING).expectChampion(null));
        List<Callable<Throwable>> promoters = new ArrayList<>();
        for (ModelRef candidate : refs) {
            Action promote = Action.promote(candidate, Site.STAGING).expectChampion(ref.version());
            promoters.add(() -> catchThrowable(() -> act(Site.RITA, promote)));
        }
        List<Throwable> failures = new ArrayList<>();
        for (Future<Throwable> one : callers.invokeAll(promoters)) {
            if (one.get() != null) {
                failures.add(one.get());
            }
        }
        assertThat(failures)
                .hasSize(refs.size() - 1)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(VersionConflictException.class)
                        .hasMessageContaining("read again"));
        assertThat(Site.registry(ops, Site.RITA).champions(Site.RISK, Site.STAGING))
                .hasSize(2);
    }

    @Test
    void anExpectationHoldsAcrossALostAnswer() {
        ModelRef two = Site.register(ops, dir, "risk", 2).ref();
        act(Site.RITA, Action.promote(ref, Site.STAGING));
        log.plan(Plan.COMMITTED_IN_DOUBT);
        Action promote =
                Action.promote(two, Site.STAGING).expectChampion(ref.version()).as(ID);
        Recorded done = act(Site.RITA, promote);
        assertThat(act(Site.RITA, promote)).isEqualTo(done);
        assertThatThrownBy(() -> act(Site.RITA, promote.as(CommandId.of("anew"))))
                .isInstanceOf(VersionConflictException.class);
    }
}
