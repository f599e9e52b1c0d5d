package dev.modelops.core.internal.serving;

import dev.modelops.Bytes;
import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.PrincipalSource;
import dev.modelops.Progress;
import dev.modelops.RoleSource;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Outside;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.core.internal.thread.Threads;
import dev.modelops.core.internal.trial.BackgroundJudging.Part;
import dev.modelops.core.internal.trial.BackgroundJudging.Place;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.registry.ModelVersion;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.VerifiedArtifact;
import dev.modelops.signing.SignedFile;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All handles of one process, and the one thread that loads for them. */
public final class LiveServing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveServing.class);
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final Duration ALARM_EVERY = Duration.ofMinutes(1);
    private static final Duration RECORD_AGAIN = Duration.ofSeconds(1);

    private final Governor governor;
    private final Artifacts artifacts;
    private final Consumer<VerifiedArtifact> verified;
    private final Predictions predictions;
    private final List<LiveHandle<?>> handles = new CopyOnWriteArrayList<>();
    private final AtomicBoolean reconcileWaits = new AtomicBoolean();
    private final Runnable reconcileAll = this::reconcileAll;
    private final AtomicBoolean narrowWaits = new AtomicBoolean();
    private final AtomicBoolean trialWaits = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor thread;
    private final ScheduledThreadPoolExecutor validity;
    private final ScheduledThreadPoolExecutor age;
    private final ScheduledThreadPoolExecutor challengers;
    private final Duration patience;
    private final Staleness staleness;
    private final PrincipalSource principals;
    private final Spool spool;
    private final ScheduledThreadPoolExecutor recorder;
    private volatile boolean suspended;

    /** Of the age thread alone. */
    private boolean wasStale;

    private long nextAlarm;

    /**
     * Starts serving.
     *
     * @param verified told of every version whose files were verified, before it is loaded
     */
    public LiveServing(
            Governor governor,
            Artifacts artifacts,
            Consumer<VerifiedArtifact> verified,
            long node,
            Duration patience,
            Staleness staleness,
            PrincipalSource principals,
            @Nullable Path fallbacks) {
        this.staleness = staleness;
        this.spool = new Spool(fallbacks);
        this.recorder = Threads.one("modelops-fallbacks");
        this.principals = principals;
        this.governor = governor;
        this.artifacts = artifacts;
        this.verified = verified;
        this.predictions = new Predictions(node);
        this.patience = patience;
        this.thread = Threads.one("modelops-serving");
        every100Millis(thread, this::closeIdle);
        // Each on a thread of its own: a model that loads for long must keep nobody from looking, nor must a policy of
        // the
        // host's that does not return when a handle is decided again.
        this.validity = Threads.one("modelops-validity");
        every100Millis(validity, this::withdrawStale);
        this.age = Threads.one("modelops-age");
        every100Millis(age, this::watchAge);
        this.challengers = Threads.one("modelops-challengers");
        every100Millis(challengers, () -> forEachChallenger(ChallengerSlot::tend));
        governor.ledger().follow(new Ledger.Follower() {
            @Override
            public void advanced(Tip tip, List<Entry> entries, List<Bytes> bodies) {
                LiveServing.this.advanced(tip);
            }

            @Override
            public void failed(ModelOpsException fault) {
                handles.forEach(handle -> handle.distrust(fault));
            }
        });
    }

    private static void every100Millis(ScheduledThreadPoolExecutor on, Runnable task) {
        var unused = on.scheduleWithFixedDelay(task, 100, 100, TimeUnit.MILLISECONDS);
    }

    /** Opens a handle that acts for an identity. */
    public <T> Deployment<T> open(Identity identity, Deployment.Spec<T> spec) {
        Claims claims = new Claims(principals, identity, staleness.bound());
        LiveHandle<T> handle = new LiveHandle<>(this, claims, spec, predictions);
        List<Fallback> waiting = spool.all().stream()
                .filter(fallback -> handle.isOf(fallback) && isFormerChampion(fallback))
                .toList();
        waiting.forEach(handle::restore);
        // Starting a thread waits for a core, and a handle that falls back under load must not.
        var unused = recorder.prestartCoreThread();
        handles.add(handle);
        ModelOpsException fault = governor.ledger().fault();
        if (fault != null) {
            handle.distrust(fault);
        }
        if (suspended) {
            handle.overlay(staleness::refusal);
        }
        if (!reconcile(handle)) {
            handles.remove(handle);
            throw new ClosedException("the log was closed; open it again to serve from it");
        }
        waiting.forEach(fallback -> record(handle, fallback, true, 0));
        reconcileTrialsSoon();
        return handle;
    }

    private boolean isFormerChampion(Fallback fallback) {
        ModelState model = tip().state().model(fallback.to().name());
        PVector<VersionNumber> champions =
                model == null ? null : model.champions().get(fallback.environment());
        return champions != null
                && champions.contains(fallback.from().version())
                && champions.contains(fallback.to().version());
    }

    /** Has a fallback recorded that a handle did by itself. */
    void fellBack(LiveHandle<?> handle, Fallback fallback) {
        soon(thread, reconcileWaits, reconcileAll);
        try {
            recorder.execute(() -> {
                spool.keep(fallback);
                record(handle, fallback, true, 0);
            });
        } catch (RejectedExecutionException e) {
            LOG.warn("that {} was fallen back from was not recorded, for the log was closed", fallback.from());
        }
    }

    private void record(LiveHandle<?> handle, Fallback fallback, boolean isFirst, long afterMillis) {
        try {
            var unused =
                    recorder.schedule(() -> recordNow(handle, fallback, isFirst), afterMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("a fallback waits to be recorded until the log is opened again");
        }
    }

    private void recordNow(LiveHandle<?> handle, Fallback fallback, boolean isFirst) {
        try {
            var unused = governor.perform(handle.identity(), fallback.action());
            settled(handle, fallback, false);
        } catch (AccessDeniedException e) {
            LOG.error("the fallback from {} is reversed, for it was refused: {}", fallback.from(), e.getMessage());
            settled(handle, fallback, true);
        } catch (VersionConflictException | NotFoundException e) {
            LOG.warn("the fallback from {} need not be recorded: {}", fallback.from(), e.getMessage());
            settled(handle, fallback, false);
        } catch (RuntimeException | Error e) {
            if (isFirst) {
                LOG.error(
                        "the fallback from {} could not be recorded; it stands in this process, and is tried again"
                                + " every {}: {}",
                        fallback.from(),
                        RECORD_AGAIN,
                        e.toString());
            }
            record(handle, fallback, false, RECORD_AGAIN.toMillis());
        }
    }

    private void settled(LiveHandle<?> handle, Fallback fallback, boolean isRefused) {
        spool.forget(fallback);
        handle.settled(fallback, isRefused);
        soon(thread, reconcileWaits, reconcileAll);
    }

    private void reconcileTrialsSoon() {
        soon(challengers, trialWaits, () -> forEachChallenger(challenger -> challenger.reconcile(tip(), false)));
    }

    private void forEachChallenger(Consumer<ChallengerSlot<?>> task) {
        for (LiveHandle<?> handle : handles) {
            try {
                task.accept(handle.challenger());
            } catch (RuntimeException | Error e) {
                // A periodic task that throws is never run again.
                LOG.error("a challenger could not be brought up to date", e);
            }
        }
    }

    /** Waits until the challengers of a model take part as the log says they should. */
    public void settleTrials(ModelName model) {
        for (LiveHandle<?> handle : handles) {
            if (handle.concerns(model)) {
                try {
                    await(challengers.submit(() -> handle.challenger().reconcile(tip(), true)));
                } catch (RejectedExecutionException e) {
                    LOG.debug("an experiment moved on while serving was closed");
                }
            }
        }
    }

    /** Returns where this process takes part, each place once. */
    public List<Part> parts() {
        Set<Place> seen = new HashSet<>();
        return handles.stream()
                .map(LiveHandle::part)
                .filter(part -> seen.add(part.place()))
                .toList();
    }

    private void reconcileAll() {
        handles.forEach(handle -> handle.reconcile(tip(), false));
    }

    /** Waits until the handles of a model are where the log says they should be. */
    public void settle(ModelName model) {
        settle(handle -> handle.concerns(model));
    }

    /** Waits until all handles are where the log says they should be. */
    public void settle() {
        settle(handle -> true);
    }

    private void settle(Predicate<LiveHandle<?>> concerned) {
        for (LiveHandle<?> handle : handles) {
            if (concerned.test(handle) && !reconcile(handle)) {
                LOG.debug("the log moved on while serving was closed");
            }
        }
    }

    /** Brings a handle to where it should be, and tells whether serving is still open. */
    private boolean reconcile(LiveHandle<?> handle) {
        Future<?> work;
        try {
            work = thread.submit(() -> handle.reconcile(tip(), true));
        } catch (RejectedExecutionException e) {
            return false;
        }
        await(work);
        return true;
    }

    @Override
    public void close() {
        for (LiveHandle<?> handle : handles) {
            close(handle);
        }
        age.shutdownNow();
        validity.shutdownNow();
        recorder.shutdownNow();
        thread.shutdown();
        challengers.shutdown();
        boolean ended = false;
        try {
            long deadline = System.nanoTime() + DRAIN.toNanos();
            ended = true;
            for (ScheduledThreadPoolExecutor each : List.of(thread, challengers, validity, age, recorder)) {
                ended &= each.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            LOG.error("serving did not end within {}; a model loader, a call or a policy does not return", DRAIN);
        }
    }

    void close(LiveHandle<?> handle) {
        // At once, and not behind whatever the serving thread is loading.
        handle.shut();
        if (handles.remove(handle)) {
            try {
                Future<?> ended = thread.submit(() -> end(handle));
                await(challengers.submit(handle.challenger()::end));
                await(ended);
            } catch (RejectedExecutionException e) {
                LOG.debug("a handle was closed while serving was closed");
            }
        }
    }

    Tip tip() {
        return governor.ledger().tip();
    }

    Decision decide(Tip tip, Identity identity, Action action, Outside outside) {
        return governor.check(tip, identity, action, outside);
    }

    Decision decideByLog(Tip tip, Identity identity, Action action, Outside outside) {
        return governor.checkLog(tip, identity, action, outside);
    }

    Outside gather(Tip tip, Identity identity, Action action) {
        return governor.gather(tip, identity, action);
    }

    Outside nothingGathered() {
        return governor.nothingGathered();
    }

    boolean takesClaims() {
        return tip().state().founding().roleSource() == RoleSource.CLAIMS;
    }

    boolean dependsOnTime(Tip tip, Action action) {
        return governor.dependsOnTime(tip, action);
    }

    Instant now() {
        return governor.now();
    }

    void refused(Identity identity, Action action, Decision.Deny deny) {
        governor.refused(identity, action, deny);
    }

    CommandId newCommandId() {
        return governor.newCommandId();
    }

    boolean isNarrowed() {
        return governor.isNarrowed();
    }

    /** Returns the experiment under way, if there is one. */
    Operations.@Nullable Trial trial(Tip tip, ModelName name, Environment environment) {
        ModelState model = tip.state().model(name);
        return model == null ? null : model.operations().trial(environment);
    }

    @Nullable ModelRef champion(Tip tip, ModelName name, Environment environment) {
        ModelState model = tip.state().model(name);
        VersionNumber number = model == null ? null : model.champion(environment);
        return number == null ? null : new ModelRef(name, number);
    }

    /** Returns the version that is to serve by the log. Asks for outside facts where the champion is in quarantine. */
    @Nullable ModelRef target(Tip tip, Identity identity, ModelName name, Environment environment) {
        return governor.serving(tip, identity, name, environment);
    }

    /** Returns the version that serves by the log in place of a champion in quarantine, with what was gathered before. */
    @Nullable ModelRef standIn(Tip tip, Identity identity, ModelName name, Environment environment, Outside outside) {
        return governor.standIn(tip, identity, name, environment, outside);
    }

    /** Verifies the files of a version, makes a model of them, has it answer its golden inputs, and warms it up. */
    <T> T load(ModelVersion version, Deployment.Spec<T> spec, Consumer<Deployment.Step> steps) throws Exception {
        steps.accept(Deployment.Step.VERIFY);
        List<SignedFile> files = artifacts.verifiedFiles(version);
        Path parent = privateFolder();
        try {
            Path folder = parent.resolve("model");
            artifacts.write(version, files, folder, Progress.NONE);
            FolderArtifact artifact = new FolderArtifact(version.ref(), version.artifact(), files, folder);
            verified.accept(artifact);
            steps.accept(Deployment.Step.LOAD);
            T model = spec.loader().load(artifact);
            if (model == null) {
                throw new IllegalStateException("the loader returned null");
            }
            boolean isReady = false;
            try {
                steps.accept(Deployment.Step.PROBE);
                probe(model, spec, artifact);
                steps.accept(Deployment.Step.WARM_UP);
                spec.loader().warmUp(model, artifact);
                isReady = true;
            } finally {
                if (!isReady) {
                    discard(model, version.ref());
                }
            }
            return model;
        } finally {
            discard(parent);
        }
    }

    private static <T> void probe(T model, Deployment.Spec<T> spec, FolderArtifact artifact) {
        Probes probes = Probes.of(artifact);
        if (probes != null) {
            probes.ask(model, spec.loader());
        } else if (spec.demandsProbes()) {
            throw new Probes.FailedException("the deployment demands golden inputs, but " + artifact.ref()
                    + " has no file '" + ModelLoader.PROBES + "'; register it anew with one");
        }
    }

    private static void discard(Object model, ModelRef ref) {
        if (model instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception | Error e) {
                LOG.warn("model {}, which is not used, failed to close", ref, e);
            }
        }
    }

    private static void discard(Path folder) {
        try {
            Artifacts.deleteTree(folder);
        } catch (StorageException e) {
            LOG.warn("a folder that was loaded from is left behind: {}", e.getMessage());
        }
    }

    private void advanced(Tip tip) {
        forEach(handle -> handle.recheckByLog(tip));
        if (governor.isNarrowed()) {
            // The store may be locked here, and the host's policy is nothing to wait for under that lock.
            soon(validity, narrowWaits, this::recheck);
        }
        soon(thread, reconcileWaits, reconcileAll);
        reconcileTrialsSoon();
    }

    private void soon(ScheduledThreadPoolExecutor on, AtomicBoolean waits, Runnable task) {
        if (!handles.isEmpty() && waits.compareAndSet(false, true)) {
            try {
                on.execute(() -> {
                    waits.set(false);
                    task.run();
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("the log moved on while serving was closed");
            }
        }
    }

    /** Withdraws admission where the host's own policy takes it away on the newest state. */
    private void recheck() {
        forEach(handle -> handle.recheck(tip()));
    }

    private void forEach(Consumer<LiveHandle<?>> check) {
        for (LiveHandle<?> handle : handles) {
            try {
                check.accept(handle);
            } catch (RuntimeException | Error e) {
                LOG.error("a handle could not be checked against the log; it refuses calls", e);
                handle.distrust(new IntegrityException("it could not be checked against the log: " + e, e));
            }
        }
    }

    /** Lets no call through by a state that is too old, and again once it is not. */
    private void watchAge() {
        forEach(LiveHandle::withdrawExpired);
        try {
            suspendIfStale();
        } catch (RuntimeException | Error e) {
            // A periodic task that throws is never run again.
            LOG.error("how old the state is could not be found out; handles refuse calls", e);
            handles.forEach(handle -> handle.overlay(staleness::refusal));
        }
    }

    private void suspendIfStale() {
        boolean isStale = staleness.isStale();
        if (isStale && (!wasStale || System.nanoTime() - nextAlarm >= 0)) {
            LOG.error(
                    "{}; handles {}",
                    staleness.refusal().getMessage(),
                    staleness.refuses() ? "refuse calls" : "go on serving by that state");
            nextAlarm = System.nanoTime() + ALARM_EVERY.toNanos();
        } else if (!isStale && wasStale) {
            LOG.warn("the store answers again, and handles serve by the newest state");
        }
        wasStale = isStale;
        suspended = isStale && staleness.refuses();
        for (LiveHandle<?> handle : handles) {
            if (suspended) {
                handle.overlay(staleness::refusal);
            } else {
                handle.uncover();
            }
        }
    }

    private void withdrawStale() {
        for (LiveHandle<?> handle : handles) {
            try {
                handle.withdrawStale();
                handle.challenger().recheck();
                handle.checkHealth();
            } catch (RuntimeException | Error e) {
                LOG.error("a handle could not be checked; it refuses calls", e);
                handle.distrust(new IntegrityException("its facts could not be checked: " + e, e));
            }
        }
    }

    private void closeIdle() {
        for (LiveHandle<?> handle : handles) {
            handle.closeIdle();
            try {
                if (handle.renewClaims() || handle.isAging() || handle.isInTime() || handle.isDue()) {
                    handle.reconcile(tip(), false);
                }
            } catch (RuntimeException | Error e) {
                // A periodic task that throws is never run again.
                LOG.error("a handle could not be brought up to date; it refuses calls once its facts are too old", e);
            }
        }
    }

    private static void end(LiveHandle<?> handle) {
        handle.end();
        long deadline = System.nanoTime() + DRAIN.toNanos();
        while (handle.closeIdle()) {
            if (System.nanoTime() > deadline) {
                LOG.error("a model is still in use {} after its handle was closed; it is left open", DRAIN);
                return;
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void await(Future<?> work) {
        try {
            work.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            LOG.warn("a model is still being loaded after {}; it will serve when it is ready", patience);
        } catch (ExecutionException e) {
            // An act that moved a champion is done, whatever serving makes of it.
            LOG.error("a handle could not be brought up to date; it refuses calls or keeps its version", e.getCause());
        }
    }

    private static Path privateFolder() {
        try {
            return Files.createTempDirectory("modelops-");
        } catch (IOException e) {
            throw new StorageException(
                    "no private folder could be made in '" + System.getProperty("java.io.tmpdir") + "' to load from: "
                            + e.getMessage(),
                    e);
        }
    }
}
