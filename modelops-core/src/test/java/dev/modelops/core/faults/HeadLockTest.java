package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.LogPosition;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.PolicyBundle;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.Requirement;
import dev.modelops.serving.ModelHandle;
import dev.modelops.signing.Signer;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever waits for the head of a log waits for memory, the processor and the store, and for nothing of any host's. */
@Tag("every-store")
class HeadLockTest {
    private static final Signer POLICY_PUBLISHER = Site.KEYS.ed25519("policy publisher");
    private static final Decision.Allow YES =
            new Decision.Allow(List.of("host"), Policies.builtIn().digest(), new LogPosition(1), Instant.EPOCH);

    @TempDir
    Path dir;

    private final Storage storage = TestStorage.fresh();
    private final ThreadLocal<Boolean> isLocked = ThreadLocal.withInitial(() -> false);
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final Set<String> askedUnderTheLock = ConcurrentHashMap.newKeySet();
    private final AtomicInteger appends = new AtomicInteger();
    private final AtomicBoolean objects = new AtomicBoolean();
    private LogKey key;

    @BeforeEach
    void makeLog() {
        key = ModelOps.create(storage, Site.genesis().policyPublisher(POLICY_PUBLISHER.publicKey()));
    }

    private void note(String what) {
        asked.add(what);
        if (isLocked.get()) {
            askedUnderTheLock.add(what);
        }
    }

    private <T> T noting(Class<T> type, T behind) {
        return type.cast(Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object[] given = arguments;
                    if (method.getName().equals("head")
                            && Thread.currentThread().getName().equals("modelops-heads")) {
                        throw new StorageException("nobody is told of others' acts");
                    }
                    if (method.getName().equals("append")) {
                        appends.incrementAndGet();
                        LogStore.Work<?> work = (LogStore.Work<?>) arguments[0];
                        given = new Object[] {
                            (LogStore.Work<Object>) transaction -> {
                                isLocked.set(true);
                                try {
                                    return work.run(transaction);
                                } finally {
                                    isLocked.set(false);
                                }
                            }
                        };
                    } else if (type == BlobStore.class || type == CheckpointMemory.class) {
                        note(type.getSimpleName() + "." + method.getName());
                    }
                    try {
                        return method.invoke(behind, given);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    /** A process that hears of others' acts only when it appends itself. */
    private ModelOps host() {
        Storage noted = new Storage(noting(LogStore.class, storage.log()), noting(BlobStore.class, storage.blobs()));
        return Site.opening(noted, key)
                .memory(noting(CheckpointMemory.class, new InMemoryCheckpointMemory()))
                .narrowedBy(request -> {
                    note("Policy.decide");
                    return objects.get() ? refusal() : YES;
                })
                .start();
    }

    private static Decision refusal() {
        return new Decision.Deny(
                Decision.Cause.NARROWED,
                List.of("host"),
                List.of(new Requirement("host", "nothing", "something", "wait")),
                YES.policy(),
                YES.asOf(),
                YES.at());
    }

    private static void propose(ModelOps ops, PolicySet set, long revision) {
        var unused =
                ops.as(Site.ADMIN).policies().proposeBundle(PolicyBundle.sign(set, revision, POLICY_PUBLISHER), null);
    }

    private static ModelHandle<String> open(ModelOps ops) {
        return ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> "model");
    }

    @Test
    void nothingOfTheHostsRunsWhileTheHeadIsLocked() throws Exception {
        try (ModelOps other = Site.opening(storage, key).start()) {
            ModelRef first = Site.promoted(other, dir, 1);
            try (ModelOps host = host();
                    ModelHandle<String> handle = open(host)) {
                asked.clear();
                Site.register(other, dir, "risk", 2);
                PolicySet next = Site.policies("gate-next");
                propose(other, next, 2);
                other.as(Site.SECOND_ADMIN).policies().install(next.digest());
                int before = appends.get();
                Site.registry(host, Site.ADA).comment(first, "I catch up with all that");
                assertThat(host.as(Site.ADMIN).policies().current().digest()).isEqualTo(next.digest());
                assertThat(handle.version()).contains(first);
                assertThat(appends.get() - before)
                        .as("the head is locked again once the set was read")
                        .isEqualTo(2);

                PolicySet later = Site.policies("gate-later");
                propose(other, later, 3);
                var unused = host.as(Site.SECOND_ADMIN).policies().install(later.digest());
                assertThat(host.as(Site.ADMIN).policies().current().number()).isEqualTo(3);
                assertThat(asked).contains("Policy.decide", "BlobStore.open", "CheckpointMemory.recall");
                assertThat(askedUnderTheLock).isEmpty();
            }
        }
    }

    @Test
    void whatTheHostsPolicyObjectsToIsWithdrawnSoonAfterTheLogMovedOn() throws Exception {
        try (ModelOps other = Site.opening(storage, key).start()) {
            ModelRef first = Site.promoted(other, dir, 1);
            try (ModelOps host = host();
                    ModelHandle<String> handle = open(host)) {
                assertThat(handle.version()).contains(first);
                objects.set(true);
                Site.registry(other, Site.ADA).comment(first, "any act will do");
                host.sync();
                Site.await("the host's policy withdraws", () -> handle.version().isEmpty());
                assertThatExceptionOfType(AccessDeniedException.class)
                        .isThrownBy(() -> handle.apply(model -> model))
                        .satisfies(e -> assertThat(e.decision().cause()).isEqualTo(Decision.Cause.NARROWED));
                objects.set(false);
                Site.registry(other, Site.ADA).comment(first, "and another");
                host.sync();
                Site.await("it serves again", () -> handle.version().isPresent());
            }
        }
    }

    @Test
    void aHostsPolicyThatDoesNotReturnKeepsNoActFromBeingCommitted() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        AtomicBoolean hangs = new AtomicBoolean();
        try (ModelOps other = Site.opening(storage, key).start()) {
            ModelRef first = Site.promoted(other, dir, 1);
            try (ModelOps host = Site.opening(storage, key)
                            .patience(Duration.ofSeconds(20))
                            .narrowedBy(request -> {
                                boolean isServing = request.action().type() == Action.Type.SERVE;
                                if (isServing && hangs.get()) {
                                    Uninterruptibles.awaitUninterruptibly(over);
                                }
                                return YES;
                            })
                            .start();
                    ModelHandle<String> handle = open(host)) {
                try {
                    hangs.set(true);
                    Site.registry(other, Site.ADA).comment(first, "one act");
                    Site.registry(host, Site.ADA).comment(first, "is followed by another");
                    Site.registry(host, Site.ADA).comment(first, "and by a third");
                    assertThat(handle.version()).contains(first);
                } finally {
                    over.countDown();
                }
            }
        }
    }
}
