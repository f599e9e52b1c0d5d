package dev.modelops.core.internal.serving;

import dev.modelops.ClosedException;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Outside;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.registry.ModelVersion;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.Served;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A handle that follows the log. Its slot is written by the thread that advances the log, which only ever withdraws
 * admission, and by the serving thread, which loads.
 */
final class LiveHandle<T> implements ModelHandle<T> {
    private static final Logger LOG = LoggerFactory.getLogger(LiveHandle.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final LiveServing serving;
    private final Claims claims;
    private final ModelName name;
    private final Environment environment;
    private final ModelLoader<T> loader;
    private final Predictions predictions;
    private final List<Slot<T>> draining = new ArrayList<>();

    /** What calls read: what was decided, unless that is too old. */
    private volatile Slot<T> slot;

    /** What was decided on the newest state; changed together with the slot, guarded by this. */
    private volatile Slot<T> decided;

    private @Nullable Supplier<? extends ModelOpsException> suspension;
    private volatile boolean closed;
    private volatile @Nullable ModelOpsException fault;

    /** The version that policy refused, which it may allow at another time. */
    private volatile @Nullable ModelRef untimely;

    /** What was gathered about the version it was gathered for. */
    private volatile Gathered gathered;

    /** The position up to which admission was withdrawn where it had to be; guarded by this. */
    private long rechecked;

    private @Nullable Slot<T> loaded;

    private @Nullable Failure failure;

    LiveHandle(
            LiveServing serving,
            Claims claims,
            ModelName name,
            Environment environment,
            ModelLoader<T> loader,
            Predictions predictions) {
        this.serving = serving;
        this.claims = claims;
        this.name = name;
        this.environment = environment;
        this.loader = loader;
        this.predictions = predictions;
        this.slot = Slot.refusing(this::nothingPromoted);
        this.decided = slot;
        this.gathered = new Gathered(null, serving.nothingGathered());
    }

    /** A version that could not be loaded, and when to try again, in ticks of {@link System#nanoTime}. */
    private record Failure(ModelRef ref, ModelOpsException reason, long due, Duration pause) {}

    private record Gathered(@Nullable ModelRef ref, Outside outside) {}

    @Override
    public <R> Served<R> apply(Function<? super T, ? extends R> call) {
        Slot<T> now = slot;
        T model = now.model;
        ModelRef ref = now.ref;
        if (model == null || ref == null) {
            throw refusal(now);
        }
        Leases leases = now.leases;
        if (leases == null) {
            return served(call.apply(model), ref);
        }
        int stripe = leases.acquire();
        if (stripe < 0) {
            return apply(call);
        }
        try {
            return served(call.apply(model), ref);
        } finally {
            leases.release(stripe);
        }
    }

    @Override
    public <A, R> Served<R> apply(A input, BiFunction<? super T, ? super A, ? extends R> call) {
        Slot<T> now = slot;
        T model = now.model;
        ModelRef ref = now.ref;
        if (model == null || ref == null) {
            throw refusal(now);
        }
        Leases leases = now.leases;
        if (leases == null) {
            return served(call.apply(model, input), ref);
        }
        int stripe = leases.acquire();
        if (stripe < 0) {
            return apply(input, call);
        }
        try {
            return served(call.apply(model, input), ref);
        } finally {
            leases.release(stripe);
        }
    }

    private <R> Served<R> served(R value, ModelRef ref) {
        return new Served<>(value, ref, predictions.node(), predictions.next());
    }

    @Override
    public Optional<ModelRef> version() {
        return Optional.ofNullable(slot.ref);
    }

    @Override
    public void close() {
        serving.close(this);
    }

    boolean concerns(ModelName model) {
        return name.equals(model);
    }

    /** Withdraws admission at once if the log took it away. Called by the advancing thread. */
    void recheckByLog(Tip tip) {
        synchronized (this) {
            rechecked = Math.max(rechecked, tip.state().size());
        }
        recheck(tip, serving::decideByLog);
    }

    /** Withdraws admission if the log or the host's own policy took it away. */
    void recheck(Tip tip) {
        recheck(tip, serving::decide);
    }

    private void recheck(Tip tip, Decider decider) {
        Slot<T> now = decided;
        Slot<T> admissible = admissible(now, tip, decider);
        if (admissible != now) {
            synchronized (this) {
                // Whatever took its place meanwhile was decided on this position or a later one.
                if (decided == now && !closed) {
                    show(admissible);
                }
            }
        }
    }

    /** Refuses all calls, whatever is decided, until it resumes. */
    synchronized void suspend(Supplier<? extends ModelOpsException> reason) {
        if (suspension == null) {
            suspension = reason;
            show(decided);
        }
    }

    /** Lets calls through again, as was decided meanwhile. */
    synchronized void resume() {
        if (suspension != null) {
            suspension = null;
            show(decided);
        }
    }

    /** The caller holds this. A reason not to serve that is for good comes before one that may pass. */
    private void show(Slot<T> next) {
        decided = next;
        slot = suspension == null || closed || fault != null ? next : Slot.refusing(suspension);
    }

    /** Refuses all calls from now on because the log can no longer be believed. */
    synchronized void distrust(ModelOpsException reason) {
        fault = reason;
        if (!closed) {
            show(distrusting(reason));
        }
    }

    private static <T> Slot<T> distrusting(ModelOpsException reason) {
        return Slot.refusing(() -> new IntegrityException(
                "the log can no longer be followed, so nothing is served from it: " + reason.getMessage(), reason));
    }

    /** Asks for the outside facts about a version. Called by the serving thread alone, for it takes time. */
    private Outside gather(Tip tip, ModelRef ref) {
        Outside outside = serving.gather(tip, claims.present(), Action.serve(ref, environment));
        gathered = new Gathered(ref, outside);
        return outside;
    }

    /** Returns what was gathered about a version; of another one nothing is known, which refuses it where it matters. */
    private Outside outside(ModelRef ref) {
        Gathered known = gathered;
        return ref.equals(known.ref()) ? known.outside() : serving.nothingGathered();
    }

    /** Asks again what the host claims of who opened this, and tells whether that changed. Called by the serving thread alone. */
    boolean renewClaims() {
        boolean isChanged = serving.takesClaims() && claims.renew();
        if (isChanged) {
            // What was taken away counts at once, whatever the host is asked next.
            recheck(serving.tip(), serving::decideByLog);
        }
        return isChanged;
    }

    /** Withdraws admission if claims were not renewed for too long. Asks the host nothing, which may be what hangs. */
    void withdrawExpired() {
        if (serving.takesClaims() && claims.expire()) {
            recheck(serving.tip(), serving::decideByLog);
        }
    }

    /** Tells whether outside facts should be asked for again. */
    boolean isAging() {
        return gathered.outside().isAging(serving.now());
    }

    /** Withdraws admission if a decision rests on facts that no longer hold, or on the time. */
    void withdrawStale() {
        ModelRef present = decided.ref;
        Tip tip = serving.tip();
        boolean isTimed = present != null && serving.dependsOnTime(tip, Action.serve(present, environment));
        if (isTimed || gathered.outside().isStale(serving.now())) {
            recheck(tip);
        }
        if (isTimed && decided.ref == null) {
            untimely = present;
        }
    }

    /** Tells whether a version that was refused may be served by now, though the log did not move. */
    boolean isInTime() {
        ModelRef refused = untimely;
        if (refused == null) {
            return false;
        }
        Action serve = Action.serve(refused, environment);
        Tip tip = serving.tip();
        return serving.dependsOnTime(tip, serve)
                && serving.decide(tip, claims.present(), serve, outside(refused))
                        .isAllowed();
    }

    /** Decides whether a version may be served. */
    @FunctionalInterface
    private interface Decider {
        Decision decide(Tip tip, Identity identity, Action action, Outside outside);
    }

    /** Returns the slot itself if its version may be served, or one that refuses. */
    private Slot<T> admissible(Slot<T> next, Tip tip, Decider decider) {
        if (next.ref == null) {
            return next;
        }
        Action serve = Action.serve(next.ref, environment);
        Identity identity = claims.present();
        return decider.decide(tip, identity, serve, outside(next.ref)) instanceof Decision.Deny deny
                ? Slot.refusing(() -> new AccessDeniedException("'" + serve + "' by " + identity.principal(), deny))
                : next;
    }

    /** Tells whether it is time to load again what could not be loaded. Called by the serving thread alone. */
    boolean isDue() {
        return failure != null && System.nanoTime() - failure.due() >= 0;
    }

    /**
     * Brings the handle to where the log says it should be. What could not be loaded is tried again only when it is due,
     * unless somebody insists. Called by the serving thread alone.
     */
    void reconcile(Tip tip, boolean insists) {
        if (closed || fault != null) {
            return;
        }
        untimely = null;
        ModelState model = tip.state().model(name);
        VersionNumber number = model == null ? null : model.champion(environment);
        VersionState champion = number == null || model == null ? null : model.version(number);
        if (champion == null) {
            return;
        }
        ModelVersion version = champion.version();
        Action serve = Action.serve(version.ref(), environment);
        Identity identity = claims.present();
        Decision decision = serving.decide(tip, identity, serve, gather(tip, version.ref()));
        if (decision instanceof Decision.Deny deny) {
            untimely = version.ref();
            serving.refused(identity, serve, deny);
            publish(Slot.refusing(() -> new AccessDeniedException("'" + serve + "' by " + identity.principal(), deny)));
            return;
        }
        Slot<T> present = loaded;
        if (present != null && version.ref().equals(present.ref)) {
            failure = null;
            publish(present);
            return;
        }
        Failure before = failure;
        if (before != null && !before.ref().equals(version.ref())) {
            before = null;
            failure = null;
        }
        if (before != null && !insists && !isDue()) {
            fallBack(tip, before.reason());
            return;
        }
        if (before == null && decided.ref == null) {
            publish(Slot.refusing(() -> new LoadFailure(version.ref())));
        }
        load(tip, version);
    }

    private void load(Tip tip, ModelVersion version) {
        try {
            T model = serving.load(version, loader);
            failure = null;
            publish(Slot.admitted(model, version.ref()));
        } catch (ModelOpsException e) {
            failed(tip, version, e);
        } catch (Exception | Error e) {
            failed(tip, version, new LoadFailure(version.ref(), e));
        }
    }

    private void failed(Tip tip, ModelVersion version, ModelOpsException e) {
        LOG.debug("loading {} failed", version.ref(), e);
        Failure before = failure;
        Duration pause = before == null ? FIRST_PAUSE : before.pause().multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        failure = new Failure(version.ref(), e, System.nanoTime() + pause.toNanos(), pause);
        ModelRef kept = fallBack(tip, e);
        LOG.error(
                "version {} could not be loaded for {}, is tried again in {}, and {}: {}",
                version.ref(),
                environment,
                pause,
                kept == null ? "calls are refused" : kept + " goes on serving",
                e.getMessage(),
                kept == null ? null : e);
    }

    /** What could not be loaded leaves the version before it in place, if that one may still be served. */
    private @Nullable ModelRef fallBack(Tip tip, ModelOpsException e) {
        Slot<T> present = loaded;
        if (present != null
                && present.ref != null
                && serving.decide(
                                tip, claims.present(), Action.serve(present.ref, environment), gather(tip, present.ref))
                        .isAllowed()) {
            publish(present);
            return present.ref;
        }
        publish(Slot.refusing(() -> e));
        return null;
    }

    /** The log may have moved on since the decision, so it is taken again until it is of the newest position. */
    private void publish(Slot<T> next) {
        boolean isPublished = false;
        while (!isPublished) {
            Tip tip = serving.tip();
            Slot<T> admissible = admissible(next, tip, serving::decide);
            synchronized (this) {
                ModelOpsException reason = fault;
                isPublished = closed || reason != null || tip.state().size() >= rechecked;
                if (isPublished && !closed) {
                    show(reason == null ? admissible : distrusting(reason));
                }
            }
        }
        if (next.model != null) {
            Slot<T> before = loaded;
            loaded = next;
            if (before != null && before != next) {
                drain(before);
            }
        }
        closeIdle();
    }

    private void drain(Slot<T> old) {
        if (old.leases != null) {
            old.leases.retire();
            draining.add(old);
        }
    }

    /** Closes models that no call uses any more, and tells whether any is still in use. */
    boolean closeIdle() {
        draining.removeIf(old -> {
            if (old.leases == null || !old.leases.isIdle()) {
                return false;
            }
            try {
                ((AutoCloseable) Objects.requireNonNull(old.model)).close();
            } catch (Exception | Error e) {
                LOG.warn("model {} failed to close", old.ref, e);
            }
            return true;
        });
        return !draining.isEmpty();
    }

    /** Refuses all calls from now on. */
    synchronized void shut() {
        closed = true;
        show(Slot.refusing(() -> new ClosedException("this handle was closed; open a new one")));
    }

    /** Gives up the model of a handle that was shut. Called by the serving thread alone. */
    void end() {
        Slot<T> last = loaded;
        loaded = null;
        if (last != null) {
            drain(last);
        }
        closeIdle();
    }

    private ModelOpsException refusal(Slot<T> now) {
        return now.refusal == null ? nothingPromoted() : now.refusal.get();
    }

    private ModelOpsException nothingPromoted() {
        return new NotFoundException(
                "model '" + name + "' has no champion in " + environment + "; promote a version of it first");
    }
}
