package dev.modelops.core.internal.serving;

import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.internal.experiment.ShadowExecutor;
import dev.modelops.core.internal.governor.Outside;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Served;
import dev.modelops.serving.Trial;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The challenger of one handle: verified, loaded, probed and admitted as a champion is, but on a thread that no champion waits
 * for. Whatever is wrong with it, it does not take part, and the champion answers.
 */
final class ChallengerSlot<T> {
    private static final Logger LOG = LoggerFactory.getLogger(LiveHandle.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final LiveServing serving;
    private final Claims claims;
    private final ModelName name;
    private final Environment environment;
    private final Deployment.Spec<T> spec;
    private final Predictions predictions;
    private final LongAdder failures = new LongAdder();

    /** What calls read; null if no challenger takes part. Changed under this. */
    private volatile @Nullable Tried<T> tried;

    /** The position up to which admission was withdrawn where it had to be; guarded by this. */
    private long rechecked;

    private volatile boolean closed;
    private volatile @Nullable ModelRef wanted;
    private volatile @Nullable String trouble;
    private volatile @Nullable ShadowExecutor asking;
    private volatile Outside gathered;
    private volatile int leaks;

    /** What follows is of the challengers' thread alone. */
    private final Draining<T> draining;

    private @Nullable Loaded<T> loaded;
    private @Nullable ModelRef failed;
    private Duration pause = FIRST_PAUSE;
    private long due;
    private long next;
    private boolean isRefused;

    ChallengerSlot(LiveServing serving, Claims claims, Deployment.Spec<T> spec, Predictions predictions) {
        this.serving = serving;
        this.claims = claims;
        this.name = ModelName.of(spec.model());
        this.environment = spec.environment();
        this.spec = spec;
        this.predictions = predictions;
        this.gathered = serving.nothingGathered();
        this.draining = new Draining<>(environment);
    }

    @Nullable Tried<T> tried() {
        return tried;
    }

    /** Has the challenger answer a caller; null if it did not, and the champion is to. */
    <A, R> @Nullable Served<R> answer(Tried<T> now, A input, Trial<T, A, R> trial) {
        if (!now.asking().permits()) {
            return null;
        }
        try {
            R value = ask(now.model(), trial.copier().apply(input), trial);
            now.asking().succeeded();
            return served(now, value, Served.By.CHALLENGER, -1);
        } catch (Throwable e) {
            // Whatever it was, even an Error, is the challenger's; the caller gets the champion's answer.
            now.asking().failed();
            failures.increment();
            LOG.debug("challenger {} failed", now.model().ref, e);
            return null;
        }
    }

    /** Asks the challenger beside the caller, who has the champion's answer. */
    <A, R> void offer(Tried<T> now, A input, Trial<T, A, R> trial, long pair) {
        var unused = now.asking().offerCopied(() -> {
            A copy = trial.copier().apply(input);
            return () -> {
                Served<R> answer = served(now, ask(now.model(), copy, trial), Served.By.SHADOW, pair);
                return (Runnable) () -> take(trial.listener(), answer);
            };
        });
    }

    private static <R> void take(Consumer<? super Served<R>> listener, Served<R> answer) {
        listener.accept(answer);
    }

    private <R> Served<R> served(Tried<T> now, R value, Served.By by, long pair) {
        return new Served<>(value, now.model().ref, by, predictions.node(), predictions.next(), now.position(), pair);
    }

    private static <T, A, R> R ask(Loaded<T> model, A input, Trial<T, A, R> trial) {
        Leases leases = model.leases;
        int stripe = leases == null ? 0 : leases.acquire();
        if (stripe < 0) {
            throw new IllegalStateException(model.ref + " is no longer on trial");
        }
        try {
            return trial.call().apply(model.model, input);
        } finally {
            if (leases != null) {
                leases.release(stripe);
            }
        }
    }

    /** Withdraws admission at once if the log took it away. Called by the advancing thread. */
    void recheckByLog(Tip tip) {
        synchronized (this) {
            rechecked = Math.max(rechecked, tip.state().size());
        }
        recheck(tip, true);
    }

    /** Withdraws admission if the host's own policy or the time took it away, or what was decided by is too old. */
    void recheck() {
        Tried<T> now = tried;
        if (now != null) {
            Tip tip = serving.tip();
            boolean isOutside = serving.isNarrowed()
                    || gathered.isStale(serving.now())
                    || serving.dependsOnTime(tip, Action.serve(now.model().ref, environment));
            if (isOutside) {
                recheck(tip, false);
            }
        }
    }

    private void recheck(Tip tip, boolean isByLog) {
        Tried<T> now = tried;
        if (now == null) {
            return;
        }
        Operations.Trial trial = serving.trial(tip, name, environment);
        boolean stays = trial != null
                && trial.position().size() == now.position()
                && decide(tip, now.model().ref, isByLog).isAllowed();
        if (!stays) {
            synchronized (this) {
                if (now.equals(tried)) {
                    tried = null;
                }
            }
        }
    }

    private Decision decide(Tip tip, ModelRef ref, boolean isByLog) {
        Action serve = Action.serve(ref, environment);
        return isByLog
                ? serving.decideByLog(tip, claims.present(), serve, gathered)
                : serving.decide(tip, claims.present(), serve, gathered);
    }

    /** Goes on with what is due. Called again and again, by the challengers' thread alone. */
    void tend() {
        if (!draining.isEmpty()) {
            draining.closeIdle(serving.now());
            leaks = draining.leaks();
        }
        boolean isOut = wanted != null && tried == null && System.nanoTime() - next >= 0;
        if (isOut || tried != null && gathered.isAging(serving.now())) {
            reconcile(serving.tip(), false);
        }
    }

    /** Brings the challenger to where the log says it should be. Called by the challengers' thread alone. */
    void reconcile(Tip tip, boolean insists) {
        next = System.nanoTime() + AGAIN.toNanos();
        Operations.Trial trial = closed ? null : serving.trial(tip, name, environment);
        ExperimentSpec experiment = trial == null ? null : parse(trial);
        if (trial == null || experiment == null) {
            wanted = null;
            drop();
            return;
        }
        ModelRef ref = new ModelRef(name, trial.challenger());
        if (!ref.equals(wanted)) {
            trouble = null;
        }
        wanted = ref;
        if (loaded != null && !loaded.ref.equals(ref) || experiment.mode() == Experiment.Mode.CHAMPION_ONLY) {
            drop();
        }
        if (experiment.mode() != Experiment.Mode.CHAMPION_ONLY && mayServe(tip, ref) && isLoaded(tip, ref, insists)) {
            publish(trial, experiment);
        }
    }

    private static @Nullable ExperimentSpec parse(Operations.Trial trial) {
        try {
            return ExperimentSpec.parse(trial.spec());
        } catch (IllegalArgumentException e) {
            LOG.error(
                    "the experiment '{}' is not understood, and nothing takes part in it: {}",
                    trial.id(),
                    e.getMessage());
            return null;
        }
    }

    private boolean mayServe(Tip tip, ModelRef ref) {
        Identity identity = claims.present();
        Action serve = Action.serve(ref, environment);
        gathered = serving.gather(tip, identity, serve);
        if (serving.decide(tip, identity, serve, gathered) instanceof Decision.Deny deny) {
            if (!isRefused) {
                serving.refused(identity, serve, deny);
            }
            isRefused = true;
            trouble = "'" + serve + "' by " + identity.principal() + " is refused: " + deny;
            withdraw();
            return false;
        }
        isRefused = false;
        return true;
    }

    private boolean isLoaded(Tip tip, ModelRef ref, boolean insists) {
        if (loaded != null) {
            return true;
        }
        if (ref.equals(failed) && !insists && System.nanoTime() - due < 0) {
            return false;
        }
        try {
            T model = serving.load(tip.state().requireVersion(ref).version(), spec, step -> {});
            loaded = new Loaded<>(model, ref, null);
            failed = null;
            pause = FIRST_PAUSE;
            trouble = null;
        } catch (Exception | Error e) {
            pause = ref.equals(failed) ? pause.multipliedBy(2) : FIRST_PAUSE;
            pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
            failed = ref;
            due = System.nanoTime() + pause.toNanos();
            trouble = "it could not be loaded: " + e.getMessage();
            LOG.error(
                    "challenger {} could not be loaded for {}, is tried again in {}, and takes no part: {}",
                    ref,
                    environment,
                    pause,
                    String.valueOf(e.getMessage()));
        }
        return loaded != null;
    }

    private void publish(Operations.Trial trial, ExperimentSpec experiment) {
        Loaded<T> model = loaded;
        if (model == null || closed) {
            drop();
            return;
        }
        ShadowExecutor executor = asking;
        if (executor == null) {
            executor = new ShadowExecutor(spec.shadow(), System::nanoTime, (result, answer, thrown) -> {
                if (answer instanceof Runnable given) {
                    given.run();
                }
            });
            asking = executor;
        }
        trouble = null;
        Tried<T> taking =
                new Tried<>(trial.position().size(), experiment, new ModelRef(name, trial.champion()), model, executor);
        boolean isPublished = false;
        while (!isPublished) {
            // The log may have moved on since the decision, so it is taken again until it is of the newest position.
            Tip tip = serving.tip();
            Operations.Trial present = serving.trial(tip, name, environment);
            boolean stands = present != null
                    && present.position().equals(trial.position())
                    && decide(tip, model.ref, false).isAllowed();
            synchronized (this) {
                isPublished = closed || !stands || tip.state().size() >= rechecked;
                if (isPublished && !closed) {
                    tried = stands ? taking : null;
                }
            }
        }
    }

    private synchronized void withdraw() {
        tried = null;
    }

    /** Gives the challenger up. */
    private void drop() {
        withdraw();
        ShadowExecutor executor = asking;
        Loaded<T> model = loaded;
        asking = null;
        loaded = null;
        failed = null;
        isRefused = false;
        failures.reset();
        if (model != null) {
            draining.add(model, serving.now());
        }
        if (executor != null) {
            executor.close();
        }
        draining.closeIdle(serving.now());
        leaks = draining.leaks();
    }

    /** Lets it take part no longer. */
    synchronized void shut() {
        closed = true;
        tried = null;
    }

    /** Gives up the challenger of a handle that was shut. Called by the challengers' thread alone. */
    void end() {
        drop();
        long deadline = System.nanoTime() + CLOSING.toNanos();
        while (!draining.isEmpty() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(1_000_000);
            draining.closeIdle(serving.now());
        }
        if (!draining.isEmpty()) {
            LOG.error(
                    "a challenger for {} is still in use {} after its handle was closed; it is left open",
                    environment,
                    CLOSING);
        }
    }

    int leaks() {
        return leaks;
    }

    Optional<Deployment.Challenger> status() {
        ModelRef ref = wanted;
        if (ref == null || closed) {
            return Optional.empty();
        }
        ShadowExecutor executor = asking;
        ShadowExecutor.Numbers numbers =
                executor == null ? new ShadowExecutor.Numbers(0, 0, 0, 0, 0, 0) : executor.numbers();
        return Optional.of(new Deployment.Challenger(
                ref,
                tried != null,
                Optional.ofNullable(trouble),
                numbers.answered(),
                numbers.failed() + failures.sum(),
                numbers.late(),
                numbers.dropped()));
    }
}
