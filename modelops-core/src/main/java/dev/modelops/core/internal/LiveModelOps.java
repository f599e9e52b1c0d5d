package dev.modelops.core.internal;

import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.Freshness;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.Opening;
import dev.modelops.PrincipalSource;
import dev.modelops.ReadOnlyException;
import dev.modelops.Session;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.audit.Checkpointer;
import dev.modelops.core.internal.audit.Cosigning;
import dev.modelops.core.internal.audit.LiveAuditLog;
import dev.modelops.core.internal.audit.LogVerifier;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.governor.Erasures;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Recency;
import dev.modelops.core.internal.governor.Snapshots;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.notification.Outbox;
import dev.modelops.core.internal.observation.Hindsight;
import dev.modelops.core.internal.observation.Layouts;
import dev.modelops.core.internal.observation.LiveMonitoring;
import dev.modelops.core.internal.observation.SessionMonitoring;
import dev.modelops.core.internal.prediction.LivePredictionLog;
import dev.modelops.core.internal.prediction.Recordings;
import dev.modelops.core.internal.prediction.Segments;
import dev.modelops.core.internal.registry.LivePolicies;
import dev.modelops.core.internal.registry.LiveRegistry;
import dev.modelops.core.internal.registry.SessionAccess;
import dev.modelops.core.internal.report.LoggedReports;
import dev.modelops.core.internal.report.Report;
import dev.modelops.core.internal.report.ReportSource;
import dev.modelops.core.internal.serving.LiveServing;
import dev.modelops.core.internal.serving.Staleness;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.storage.CachedBlobStore;
import dev.modelops.core.internal.storage.HeadPoller;
import dev.modelops.core.internal.storage.SharedLogStore;
import dev.modelops.core.internal.thread.Threads;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.transfer.PackedVersion;
import dev.modelops.core.internal.trial.BackgroundJudging;
import dev.modelops.core.internal.trial.Judging;
import dev.modelops.core.internal.trial.LiveExperiments;
import dev.modelops.monitoring.Monitoring;
import dev.modelops.monitoring.Notifications;
import dev.modelops.policy.PolicyAdministration;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.Recorded;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Experiments;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Serving;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The facade over one opened log: owns the ledger, the governor, serving, and the threads that follow and tell. */
final class LiveModelOps implements ModelOps, ReportSource {
    private static final Logger LOG = LoggerFactory.getLogger(ModelOps.class);
    private static final long CHECKPOINT_EVERY_MILLIS = 1000;
    private static final Duration CLOCK_GRACE = Duration.ofSeconds(5);
    private static final String ONLY_LOG = "log";

    /**
     * How often what takes long is done.
     *
     * @param wholeLook between looks for rows behind the head
     * @param snapshot how many entries at least lie between snapshots
     * @param notifications how long deliveries wait
     */
    record Pace(Duration wholeLook, long snapshot, Outbox.Pace notifications) {
        static final Pace USUAL = new Pace(Duration.ofSeconds(30), Snapshots.EVERY, Outbox.Pace.USUAL);
    }

    private final Storage storage;
    private final LogKey logKey;
    private final Clock clock;
    private final @Nullable CheckpointMemory memory;
    private final Ledger ledger;
    private final Governor governor;
    private final Artifacts artifacts;
    private final Cosigning cosigning;
    private final Checkpointer checkpointer;
    private final LiveServing serving;
    private final Recordings recordings;
    private final Layouts layouts;
    private final LiveMonitoring monitoring;
    private final Judging judging;
    private final BackgroundJudging background;
    private final Snapshots snapshots;
    private final @Nullable ScheduledThreadPoolExecutor eraser;
    private final HostSession host;
    private final ScheduledThreadPoolExecutor follower = Threads.one("modelops-follower");
    private final ScheduledThreadPoolExecutor publisher;
    private final Listeners listeners;
    private final Outbox outbox;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Recency recency;
    private final @Nullable LocalCache cache;
    private final Duration stalenessBound;
    private volatile boolean publishingFails;
    private final AtomicBoolean failing = new AtomicBoolean();
    private final Pace pace;
    private final HeadPoller.Following following;

    private LiveModelOps(
            Opening opening,
            Pace pace,
            Ledger ledger,
            Cosigning cosigning,
            Recency recency,
            @Nullable LocalCache cache,
            @Nullable NoteSigner logSigner) {
        this.pace = pace;
        this.recency = recency;
        this.cache = cache;
        this.stalenessBound = opening.stalenessBound();
        this.storage = opening.storage();
        this.logKey = opening.logKey();
        this.clock = opening.clock();
        this.memory = opening.memory().orElse(null);
        this.ledger = ledger;
        this.artifacts = new Artifacts(
                storage.blobs(),
                () -> ledger.tip().state().founding().trust(),
                opening.publisher().orElse(null),
                clock);
        this.cosigning = cosigning;
        this.checkpointer =
                new Checkpointer(ledger, storage.log(), logSigner, memory, cosigning.isEmpty() ? null : cosigning);
        // Witnesses may be slow, and following must not wait for them.
        this.publisher = cosigning.isEmpty() ? follower : Threads.one("modelops-checkpoints");
        this.governor = new Governor(
                ledger,
                storage.log(),
                new Texts(CachedBlobStore.texts(storage), () -> ledger.tip().state()),
                opening.writer().orElse(null),
                opening.narrowing().orElse(null),
                opening.factProviders(),
                opening.factDeadline(),
                clock,
                opening.random(),
                opening.queueCapacity(),
                opening.patience());
        PrincipalSource principals = opening.principals().orElse(() -> {
            throw new ReadOnlyException(
                    "the log was opened without principals(...), so who is calling is not known; act"
                            + " through as(...)");
        });
        this.layouts = new Layouts(ledger, artifacts);
        long node = opening.random().nextLong();
        this.serving = new LiveServing(
                governor,
                artifacts,
                layouts::learn,
                node,
                opening.patience(),
                new Staleness(this::freshness, stalenessBound, opening.stance()),
                principals,
                cache == null ? null : cache.fallbacks());
        this.recordings = new Recordings(opening.patience());
        this.monitoring =
                new LiveMonitoring(governor, artifacts, storage.blobs(), recordings, layouts, this::catchUp, node);
        this.judging =
                new Judging(governor, new Segments(ledger, storage.blobs()), this::catchUp, serving::settleTrials);
        this.background = new BackgroundJudging(governor, judging, serving::parts);
        this.snapshots = governor.snapshots(storage.blobs(), pace.snapshot());
        this.eraser = opening.writer().isEmpty() ? null : Threads.one("modelops-erasures");
        if (eraser != null) {
            var unused = new Erasures(ledger, storage, eraser);
        }
        this.host = new HostSession(principals);
        this.listeners = new Listeners(ledger);
        ledger.follow(listeners);
        this.outbox = new Outbox(ledger, governor.deliveries(), governor::newCommandId, pace.notifications());
        ledger.follow(outbox);
        if (checkpointer.signs() || memory != null) {
            var unused = publisher.scheduleWithFixedDelay(
                    this::publish, CHECKPOINT_EVERY_MILLIS, CHECKPOINT_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
        LogStore log = storage.log();
        SharedLogStore shared = log instanceof SharedLogStore one ? one : null;
        HeadPoller poller = shared == null ? new HeadPoller(logs -> Map.of(ONLY_LOG, log.head())) : shared.poller();
        this.following =
                poller.follow(shared == null ? ONLY_LOG : shared.logName(), interval(opening), new HeadFollower());
        if (cache != null) {
            cache.follow(ledger, recency);
        }
    }

    static ModelOps start(Opening opening) {
        return start(opening, System::nanoTime, Pace.USUAL);
    }

    /** Starts with a ticker for the age of the state, and at a pace. */
    static ModelOps start(Opening opening, LongSupplier ticker, Pace pace) {
        Recency recency = new Recency(
                opening.clock(), ticker, interval(opening).multipliedBy(2).plus(CLOCK_GRACE));
        LocalCache cache = LocalCache.of(opening);
        boolean isStarted = false;
        try {
            ModelOps started = start(opening, pace, recency, cache);
            isStarted = true;
            return started;
        } finally {
            if (cache != null && !isStarted) {
                cache.close();
            }
        }
    }

    private static ModelOps start(Opening opening, Pace pace, Recency recency, @Nullable LocalCache cache) {
        Ledger ledger = cache == null
                ? Ledger.openFromSnapshot(
                        opening.storage(), opening.logKey(), opening.memory().orElse(null))
                : cache.open(opening.logKey(), recency);
        Founding founding = ledger.tip().state().founding();
        Signer writer = opening.writer().orElse(null);
        if (writer != null && !isEnrolled(founding, writer)) {
            throw new IllegalArgumentException("the writer key " + Crypto.keyDigest(writer.publicKey())
                    + " is not enrolled in this log; open it with one of the keys its genesis named");
        }
        Signer publisher = opening.publisher().orElse(null);
        if (publisher != null && !isTrusted(founding, publisher)) {
            throw new IllegalArgumentException("the publisher key " + Crypto.keyDigest(publisher.publicKey())
                    + " is not trusted by this log; open it with one of the keys its genesis named, or the trust policy"
                    + " that took its place");
        }
        NoteSigner logSigner = logSigner(opening, ledger.logKey());
        Cosigning cosigning = new Cosigning(ledger, opening.witnesses(), opening.witnessDeadline());
        try {
            cosigning.confirm();
        } catch (ModelOpsException e) {
            cosigning.close();
            throw e;
        }
        return new LiveModelOps(opening, pace, ledger, cosigning, recency, cache, logSigner);
    }

    private static Duration interval(Opening opening) {
        Duration atMost = opening.stalenessBound().dividedBy(3).plusNanos(1);
        return opening.pollInterval().compareTo(atMost) < 0 ? opening.pollInterval() : atMost;
    }

    private static boolean isEnrolled(Founding founding, Signer writer) {
        return writer.algorithm() == SignatureAlgorithm.ED25519
                && founding.writers().contains(Seal.verifier(founding.origin(), writer.publicKey()));
    }

    private static boolean isTrusted(Founding founding, Signer publisher) {
        return founding.trust()
                .mayPublish(
                        Crypto.keyDigest(publisher.publicKey()),
                        !publisher.certificateChain().isEmpty());
    }

    private static @Nullable NoteSigner logSigner(Opening opening, NoteVerifier logKey) {
        Signer given = opening.logSigner().orElse(null);
        Signer candidate = given != null ? given : opening.writer().orElse(null);
        if (candidate == null) {
            return null;
        }
        NoteSigner signer = new NoteSigner(logKey.name(), candidate);
        if (signer.verifier().equals(logKey)) {
            return signer;
        }
        if (given != null) {
            throw new IllegalArgumentException(
                    "the key given to sign checkpoints is not the private half of the pinned log key " + logKey.vkey());
        }
        return null;
    }

    @Override
    public ModelRegistry registry() {
        requireOpen();
        return host.registry();
    }

    @Override
    public PolicyAdministration policies() {
        requireOpen();
        return host.policies();
    }

    @Override
    public AuditLog audit() {
        requireOpen();
        return host.audit();
    }

    @Override
    public Serving serving() {
        requireOpen();
        return host.serving();
    }

    @Override
    public PredictionLog predictions() {
        requireOpen();
        return host.predictions();
    }

    @Override
    public Monitoring monitoring() {
        requireOpen();
        return host.monitoring();
    }

    @Override
    public Experiments experiments() {
        requireOpen();
        return host.experiments();
    }

    @Override
    public Report report(ModelName model, Environment environment) {
        requireOpen();
        return host.report(model, environment);
    }

    @Override
    public Session as(Identity identity) {
        requireOpen();
        return new HostSession(() -> identity);
    }

    @Override
    public LogKey logKey() {
        return logKey;
    }

    @Override
    public LogPosition position() {
        requireOpen();
        return ledger.tip().position();
    }

    @Override
    public LogPosition sync() {
        requireOpen();
        return catchUp().position();
    }

    @Override
    public Freshness freshness() {
        ModelOpsException fault = ledger.fault();
        Duration age = recency.age();
        return new Freshness(
                ledger.tip().position(),
                recency.last().at(),
                age,
                age.compareTo(stalenessBound) > 0,
                fault == null ? recency.trouble() : String.valueOf(fault.getMessage()));
    }

    @Override
    public Optional<Recorded> outcome(CommandId commandId) {
        requireOpen();
        return Optional.ofNullable(governor.outcome(commandId));
    }

    @Override
    public AutoCloseable listen(Consumer<AuditEntry> listener) {
        requireOpen();
        return listeners.add(listener);
    }

    @Override
    public Notifications notifications() {
        requireOpen();
        return outbox;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            // While acts can still be done.
            monitoring.close();
            recordings.close();
            background.close();
            outbox.close();
            following.close();
            Threads.end(follower);
            snapshots.close();
            governor.close();
            if (eraser != null) {
                Threads.end(eraser);
            }
            Threads.end(publisher);
            if ((checkpointer.signs() || memory != null) && ledger.fault() == null) {
                publish();
            }
            cosigning.close();
            serving.close();
            listeners.close();
        } finally {
            try (storage) {
                if (cache != null) {
                    cache.close(ledger, recency);
                }
            }
        }
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new ClosedException("the log was closed; open it again to use it");
        }
    }

    private Tip catchUp() {
        Recency.Moment before = recency.moment();
        try {
            Tip tip = ledger.sync();
            recency.proved(before);
            return tip;
        } catch (RuntimeException | Error e) {
            recency.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** Told of the head by the polling thread; follows on a thread of its own, for that takes as long as it takes. */
    private final class HeadFollower implements HeadPoller.Follower {
        private final AtomicBoolean waits = new AtomicBoolean();
        private Recency.Moment asked = recency.moment();
        private long nextWholeLook = System.nanoTime() + pace.wholeLook().toNanos();

        @Override
        public void asking() {
            asked = recency.moment();
        }

        @Override
        public boolean answered(LogHead head) {
            if (ledger.fault() != null) {
                return false;
            }
            if (ledger.isAt(head) && System.nanoTime() - nextWholeLook < 0) {
                recency.proved(asked);
                failing.set(false);
                return false;
            }
            boolean isAhead = head.size() > ledger.tip().state().size();
            followSoon();
            return isAhead;
        }

        @Override
        public void failed(Throwable reason) {
            recency.failed(String.valueOf(reason.getMessage()));
            alarm(reason);
            if (reason instanceof IntegrityException) {
                // Found by the ledger itself, it ends all that rests on the log.
                followSoon();
            }
        }

        private void followSoon() {
            if (ledger.fault() != null || !waits.compareAndSet(false, true)) {
                return;
            }
            nextWholeLook = System.nanoTime() + pace.wholeLook().toNanos();
            try {
                follower.execute(() -> {
                    waits.set(false);
                    follow();
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("the log moved on while it was closed");
            }
        }
    }

    private void follow() {
        try {
            var unused = catchUp();
            failing.set(false);
        } catch (RuntimeException | Error e) {
            alarm(e);
        }
    }

    private void alarm(Throwable e) {
        if (failing.compareAndSet(false, true)) {
            if (e instanceof ModelOpsException) {
                LOG.error("the log can not be followed: {}", e.getMessage());
            } else {
                LOG.error("the log can not be followed", e);
            }
        }
    }

    private void publish() {
        try {
            ledger.checkMemory();
            checkpointer.current();
            publishingFails = false;
        } catch (RuntimeException | Error e) {
            if (!publishingFails) {
                LOG.warn("no checkpoint could be published or remembered: {}", e.toString());
                publishingFails = true;
            }
        }
    }

    /** The log for whoever a source says is calling. */
    private final class HostSession implements Session, Serving, ReportSource {
        private final SessionAccess access;
        private final LiveRegistry registry;
        private final LivePolicies policies;
        private final LiveAuditLog audit;
        private final LivePredictionLog predictions;
        private final SessionMonitoring watching;
        private final LiveExperiments experiments;

        HostSession(PrincipalSource source) {
            this.access = new SessionAccess(governor, source, LiveModelOps.this::requireOpen);
            this.registry = new LiveRegistry(governor, artifacts, PackedVersion::open, access, this::settle);
            this.policies = new LivePolicies(governor, artifacts, access, this::settle);
            this.audit = new LiveAuditLog(
                    () -> ledger,
                    () -> checkpointer,
                    governor::texts,
                    access,
                    progress -> LogVerifier.verify(storage, ledger.logKey(), memory, null, progress));
            this.predictions = new LivePredictionLog(
                    governor, artifacts, storage.blobs(), recordings, access, registry, policies, audit);
            this.watching = new SessionMonitoring(governor, monitoring, access);
            this.experiments =
                    new LiveExperiments(governor, judging, access, LiveModelOps.this::catchUp, serving::settleTrials);
        }

        @Override
        public ModelRegistry registry() {
            return registry;
        }

        @Override
        public PolicyAdministration policies() {
            return policies;
        }

        @Override
        public AuditLog audit() {
            return audit;
        }

        @Override
        public Serving serving() {
            return this;
        }

        @Override
        public PredictionLog predictions() {
            return predictions;
        }

        @Override
        public Monitoring monitoring() {
            return watching;
        }

        @Override
        public Experiments experiments() {
            return experiments;
        }

        @Override
        public Report report(ModelName model, Environment environment) {
            Hindsight hindsight = new Hindsight(ledger, storage.blobs(), layouts);
            return new LoggedReports(governor, access, access.caller(), hindsight, clock).report(model, environment);
        }

        @Override
        public <T> ModelHandle<T> open(String model, Environment environment, ModelLoader<T> loader) {
            return deploy(Deployment.Spec.of(model, environment, loader).withoutPrevious());
        }

        @Override
        public <T> Deployment<T> deploy(Deployment.Spec<T> spec) {
            Deployment<T> deployment = serving.open(access.caller(), spec);
            background.begin();
            return deployment;
        }

        private void settle(Recorded recorded) {
            EntryType type = EntryType.of(recorded.type());
            boolean moved = switch (type) {
                case CHAMPION_PROMOTED, CHAMPION_ROLLED_BACK, VERSION_QUARANTINED, HANDLE_FELL_BACK -> true;
                default -> false;
            };
            if (moved) {
                serving.settle(ModelRef.parse(recorded.subject()).name());
            } else if (type == EntryType.SERVING_SUSPENDED || type == EntryType.SERVING_RESUMED) {
                serving.settle(ModelName.of(recorded.subject()));
            } else if (type == EntryType.POLICIES_INSTALLED) {
                serving.settle();
            } else if (type == EntryType.EXPERIMENT_ENDED) {
                serving.settleTrials(ModelRef.parse(recorded.subject()).name());
            }
        }
    }
}
