package dev.modelops.core.internal.serving;

import dev.modelops.ClosedException;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.experiment.ExperimentSpec.Side;
import dev.modelops.core.internal.governor.Outside;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.trial.BackgroundJudging.Part;
import dev.modelops.core.internal.trial.BackgroundJudging.Place;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.registry.ModelVersion;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Served;
import dev.modelops.serving.Trial;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A handle that follows the log. Its slot is written by the thread that advances the log, which only ever withdraws
 * admission or goes back to what is kept, by the serving thread, which loads, and by whoever finds the rules of health broken,
 * which goes back too.
 */
final class LiveHandle<T> implements Deployment<T> {
    private static final Logger LOG = LoggerFactory.getLogger(LiveHandle.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final LiveServing serving;
    private final Claims claims;
    private final ModelName name;
    private final Environment environment;
    private final Deployment.Spec<T> spec;
    private final Deployment.@Nullable Health rules;

    /** How often it may fall back. */
    private final Deployment.Health guard;

    /** By what it is decided where nothing may be waited for. Made beforehand, as all that a way back needs. */
    private final Decider quick;

    private final @Nullable T instead;
    private final Predictions predictions;
    private final Draining<T> draining;
    private final ChallengerSlot<T> challenger;

    /** What calls read: what was decided, unless that is too old or suspended. */
    private volatile Slot<T> slot;

    /** What was decided on the newest state; changed together with the slot, guarded by this. */
    private volatile Slot<T> decided;

    private @Nullable Supplier<? extends ModelOpsException> suspension;
    private @Nullable Supplier<? extends ModelOpsException> halt;
    private volatile boolean closed;
    private volatile @Nullable ModelOpsException fault;

    /** The champion by the log. Written by the serving thread. */
    private volatile @Nullable ModelRef champion;

    /** The version that policy refused, which it may allow at another time. */
    private volatile @Nullable ModelRef untimely;

    /** What was gathered about the version it was gathered for. */
    private volatile Gathered gathered;

    /** The same of the version kept. */
    private volatile Gathered gatheredBefore;

    /** The position up to which admission was withdrawn where it had to be; guarded by this. */
    private long rechecked;

    private @Nullable Loaded<T> loaded;

    /** What was loaded before, to go back to. Written by the serving thread. */
    private volatile @Nullable Loaded<T> standby;

    /** What this handle fell back from by itself, until the log or its refusal settles that. Changed under this. */
    private volatile @Nullable Fallback fallen;

    /** From what no more is fallen back, for it was refused; guarded by this. */
    private final Set<ModelRef> refused = new HashSet<>();

    /** When it fell back lately; guarded by this. */
    private final Deque<Instant> fallbacks = new ArrayDeque<>();

    private volatile Deployment.@Nullable Failure failed;
    private volatile boolean held;
    private volatile int leaks;

    private @Nullable Failure failure;
    private Deployment.Step step = Deployment.Step.VERIFY;

    LiveHandle(LiveServing serving, Claims claims, Deployment.Spec<T> spec, Predictions predictions) {
        this.serving = serving;
        this.claims = claims;
        this.name = ModelName.of(spec.model());
        this.environment = spec.environment();
        this.spec = spec;
        this.rules = spec.health().orElse(null);
        this.guard = spec.health().orElseGet(Deployment.Health::standard);
        this.quick = serving.isNarrowed() ? serving::decide : serving::decideByLog;
        this.instead = spec.fallback().orElse(null);
        this.predictions = predictions;
        this.draining = new Draining<>(environment);
        this.challenger = new ChallengerSlot<>(serving, claims, spec, predictions);
        this.slot = Slot.refusing(this::nothingPromoted, Deployment.State.EMPTY);
        this.decided = slot;
        this.gathered = new Gathered(null, serving.nothingGathered());
        this.gatheredBefore = gathered;
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
        Watch watch = now.watch;
        if (leases == null && watch == null) {
            return served(call.apply(model), ref, now.by);
        }
        int stripe = leases == null ? 0 : leases.acquire();
        if (stripe < 0) {
            return apply(call);
        }
        long begun = watch == null ? 0 : watch.begin();
        R value;
        try {
            value = call.apply(model);
        } catch (RuntimeException | Error e) {
            failed(now, watch, e);
            throw e;
        } finally {
            if (leases != null) {
                leases.release(stripe);
            }
        }
        if (watch != null && watch.isAmiss(begun, value)) {
            hold(now, watch);
        }
        return served(value, ref, now.by);
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
        Watch watch = now.watch;
        if (leases == null && watch == null) {
            return served(call.apply(model, input), ref, now.by);
        }
        int stripe = leases == null ? 0 : leases.acquire();
        if (stripe < 0) {
            return apply(input, call);
        }
        long begun = watch == null ? 0 : watch.begin();
        R value;
        try {
            value = call.apply(model, input);
        } catch (RuntimeException | Error e) {
            failed(now, watch, e);
            throw e;
        } finally {
            if (leases != null) {
                leases.release(stripe);
            }
        }
        if (watch != null && watch.isAmiss(begun, value)) {
            hold(now, watch);
        }
        return served(value, ref, now.by);
    }

    @Override
    public <A, R> Served<R> apply(String unit, A input, Trial<T, A, R> trial) {
        Objects.requireNonNull(unit, "unit");
        Tried<T> tried = challenger.tried();
        Side side = tried == null ? null : tried.spec().assign(unit);
        if (tried == null || side == null && !tried.isShadow()) {
            return apply(input, trial.call());
        }
        if (side == Side.CHALLENGER) {
            Slot<T> now = slot;
            boolean isServed = now.model != null
                    && now.by == Served.By.CHAMPION
                    && tried.champion().equals(now.ref);
            Served<R> answer = isServed ? challenger.answer(tried, input, trial) : null;
            return answer == null ? apply(input, trial.call()) : answer;
        }
        Served<R> answer = apply(input, trial.call());
        if (answer.by() != Served.By.CHAMPION || !tried.champion().equals(answer.version())) {
            return answer;
        }
        Served.By by = tried.isShadow() ? Served.By.CHAMPION : Served.By.CONTROL;
        if (tried.isShadow()) {
            challenger.offer(tried, input, trial, answer.sequence());
        }
        return new Served<>(
                answer.value(), answer.version(), by, answer.node(), answer.sequence(), tried.position(), -1);
    }

    private <R> Served<R> served(R value, ModelRef ref, Served.By by) {
        return new Served<>(value, ref, by, predictions.node(), predictions.next());
    }

    private void failed(Slot<T> now, @Nullable Watch watch, Throwable e) {
        if (watch != null && watch.isFailure(e)) {
            hold(now, watch);
        }
    }

    @Override
    public Optional<ModelRef> version() {
        Slot<T> now = slot;
        return now.by == Served.By.FALLBACK ? Optional.empty() : Optional.ofNullable(now.ref);
    }

    @Override
    public void close() {
        serving.close(this);
    }

    @Override
    public synchronized Deployment.Status status() {
        Slot<T> now = slot;
        Loaded<T> kept = standby;
        Fallback local = fallen;
        return new Deployment.Status(
                state(now, local),
                Optional.ofNullable(champion),
                version(),
                Optional.ofNullable(kept).map(one -> one.ref),
                Optional.ofNullable(failed),
                Optional.ofNullable(local).map(Fallback::from),
                now.watch != null && now.watch.isTrial(),
                held,
                leaks + challenger.leaks(),
                challenger.status());
    }

    private Deployment.State state(Slot<T> now, @Nullable Fallback local) {
        if (closed) {
            return Deployment.State.CLOSED;
        }
        if (halt != null) {
            return Deployment.State.SUSPENDED;
        }
        if (now.loaded == null || now.by == Served.By.CHAMPION) {
            return now.state;
        }
        return local != null && local.to().equals(now.ref)
                ? Deployment.State.FALLEN_BACK
                : Deployment.State.STANDING_IN;
    }

    @Override
    public void suspend(String reason) {
        synchronized (this) {
            halt = () ->
                    new SuspendedException(name + " in " + environment + " was suspended in this process: " + reason);
            if (!closed) {
                show(decided);
            }
        }
        LOG.warn("{} in {} was suspended in this process: {}", name, environment, reason);
    }

    @Override
    public void resume() {
        synchronized (this) {
            halt = null;
            if (!closed) {
                show(decided);
            }
        }
        LOG.warn("{} in {} was resumed in this process", name, environment);
    }

    @Override
    public boolean fallBack(String cause) {
        Slot<T> now = decided;
        return now.ref != null && now.by == Served.By.CHAMPION && fallBack(now.ref, cause);
    }

    /** Falls back where a rule is broken. Called by whoever saw that, a caller even, whose call this never fails. */
    private void hold(Slot<T> now, Watch watch) {
        try {
            Loaded<T> before = standby;
            String cause = watch.breach(before == null ? null : before.latencies);
            if (cause != null && now.ref != null && !fallBack(now.ref, cause)) {
                endTrial(now);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("{} in {} could not be held against the rules of health", now.ref, environment, e);
        }
    }

    /** Holds the version that serves against the rules of health. Called often, whatever else is going on. */
    void checkHealth() {
        Slot<T> now = decided;
        Watch watch = now.watch;
        Loaded<T> model = now.loaded;
        if (watch == null || model == null) {
            return;
        }
        hold(now, watch);
        if (watch.isOver(serving.now())) {
            endTrial(now);
        }
        if (model.latencies != null) {
            model.latencies.fade();
        }
    }

    private synchronized void endTrial(Slot<T> of) {
        Loaded<T> model = of.loaded;
        if (model != null) {
            model.trial = null;
            if (decided == of && !closed) {
                show(Slot.admitted(model, of.by, timing(model)));
            }
        }
    }

    private @Nullable Watch timing(Loaded<T> model) {
        return rules == null || model.latencies == null ? null : Watch.timing(rules, model.latencies);
    }

    /** Serves the version before at once, and has that recorded. */
    private boolean fallBack(ModelRef from, String cause) {
        Fallback fallback = null;
        while (fallback == null) {
            Loaded<T> to = standby;
            Slot<T> next = to == null || to.ref.equals(from) ? null : slot(to, Served.By.FORMER_CHAMPION);
            Tip tip = serving.tip();
            boolean mayServe = next != null && admissible(next, tip, quick) == next;
            synchronized (this) {
                if (!mayFallBack(from)) {
                    return false;
                }
                if (to == null || next == null) {
                    if (to == null) {
                        alarm(from, cause, "no version before it is kept");
                    }
                    return false;
                }
                if (!mayServe || isTooOften()) {
                    alarm(
                            from,
                            cause,
                            mayServe
                                    ? "there were too many fallbacks before"
                                    : to.ref + ", the version before it, may not be served");
                    return false;
                }
                // Otherwise the log moved on meanwhile, and what was decided may have been taken away.
                if (tip.state().size() >= rechecked && to == standby) {
                    fallback = fallBack(from, next, to.ref, cause);
                }
            }
        }
        LOG.error("{} in {} was fallen back from to {}: {}", from, environment, fallback.to(), cause);
        serving.fellBack(this, fallback);
        return true;
    }

    private boolean mayFallBack(ModelRef from) {
        return !closed
                && fault == null
                && fallen == null
                && !refused.contains(from)
                && from.equals(decided.ref)
                && decided.by == Served.By.CHAMPION;
    }

    private Fallback fallBack(ModelRef from, Slot<T> next, ModelRef to, String cause) {
        Instant now = serving.now();
        fallbacks.add(now);
        Loaded<T> left = decided.loaded;
        if (left != null) {
            left.trial = null;
            left.isUntried = true;
        }
        Fallback fallback = fallback(from, to, cause, now);
        fallen = fallback;
        show(next);
        failed = new Deployment.Failure(from, Deployment.Step.SERVE, cause, now);
        return fallback;
    }

    private Fallback fallback(ModelRef from, ModelRef to, String cause, Instant now) {
        return new Fallback(
                serving.newCommandId(),
                from,
                to,
                environment,
                cause,
                claims.present().principal(),
                now);
    }

    private boolean isTooOften() {
        Instant now = serving.now();
        while (!fallbacks.isEmpty() && !fallbacks.element().plus(guard.window()).isAfter(now)) {
            fallbacks.remove();
        }
        return fallbacks.size() >= guard.mostFallbacks();
    }

    private void alarm(ModelRef from, String cause, String why) {
        if (!held) {
            LOG.error("{} in {} misbehaves ({}), but goes on serving: {}", from, environment, cause, why);
        }
        held = true;
        failed = new Deployment.Failure(from, Deployment.Step.SERVE, cause, serving.now());
    }

    /** Goes on from a fallback of an earlier run of this process. */
    synchronized void restore(Fallback fallback) {
        fallen = fallback;
        failed = new Deployment.Failure(fallback.from(), Deployment.Step.SERVE, fallback.cause(), fallback.at());
    }

    boolean isOf(Fallback fallback) {
        return name.equals(fallback.from().name())
                && environment.equals(fallback.environment())
                && claims.present().principal().equals(fallback.by());
    }

    Identity identity() {
        return claims.present();
    }

    /** Returns where it takes part, and as whom. */
    Part part() {
        return new Part(identity(), new Place(name, environment));
    }

    /** Takes note that a fallback need not be recorded any more; if it was refused, it is reversed. */
    void settled(Fallback fallback, boolean isRefused) {
        synchronized (this) {
            if (isRefused) {
                refused.add(fallback.from());
            }
            Fallback local = fallen;
            if (local != null && local.id().equals(fallback.id())) {
                fallen = null;
            }
        }
    }

    boolean concerns(ModelName model) {
        return name.equals(model);
    }

    /** Returns the challenger of this handle. */
    ChallengerSlot<T> challenger() {
        return challenger;
    }

    /** Withdraws admission at once if the log took it away. Called by the advancing thread. */
    void recheckByLog(Tip tip) {
        challenger.recheckByLog(tip);
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
            Slot<T> next = standIn(now, admissible, tip, decider);
            synchronized (this) {
                // Whatever took its place meanwhile was decided on this position or a later one.
                if (decided == now && !closed) {
                    boolean isStill = tip.state().size() >= rechecked && next.loaded == standby;
                    show(isStill ? next : admissible);
                }
            }
        }
    }

    /** Where the log leads from a champion in quarantine to the version kept, that one serves with no gap. */
    private Slot<T> standIn(Slot<T> now, Slot<T> refusing, Tip tip, Decider decider) {
        Loaded<T> kept = standby;
        if (kept == null
                || now.by != Served.By.CHAMPION
                || !kept.ref.equals(serving.standIn(tip, claims.present(), name, environment, outside(kept.ref)))) {
            return refusing;
        }
        Slot<T> next = slot(kept, Served.By.FORMER_CHAMPION);
        return admissible(next, tip, decider) == next ? next : refusing;
    }

    /** Refuses all calls, whatever is decided, until the state is young enough. */
    synchronized void overlay(Supplier<? extends ModelOpsException> reason) {
        if (suspension == null) {
            suspension = reason;
            show(decided);
        }
    }

    /** Lets calls through again, as was decided meanwhile. */
    synchronized void uncover() {
        if (suspension != null) {
            suspension = null;
            show(decided);
        }
    }

    /** The caller holds this. A reason not to serve that is for good comes before one that may pass. */
    private void show(Slot<T> next) {
        decided = next;
        Slot<T> seen = next;
        if (!closed && fault == null) {
            Supplier<? extends ModelOpsException> over = halt == null ? suspension : halt;
            seen = over == null ? next : Slot.refusing(over);
        }
        ModelRef missed = champion;
        slot = seen.model == null && instead != null && missed != null && !closed
                ? Slot.answering(instead, missed, seen.state)
                : seen;
    }

    /** Returns the slot of a version, the present one if it is just that. */
    private synchronized Slot<T> slot(Loaded<T> model, Served.By by) {
        Slot<T> now = decided;
        return now.loaded == model && now.by == by
                ? now
                : Slot.admitted(model, by, by == Served.By.CHAMPION ? watch(model) : timing(model));
    }

    /** Returns what watches over a champion: its trial, unless it passed that. */
    private @Nullable Watch watch(Loaded<T> model) {
        if (rules == null || refused.contains(model.ref)) {
            return timing(model);
        }
        if (model.isUntried) {
            model.isUntried = false;
            model.trial = Watch.trial(rules, model.latencies, serving.now());
        }
        return model.trial == null ? timing(model) : model.trial;
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
        Gathered before = gatheredBefore;
        if (ref.equals(known.ref())) {
            return known.outside();
        }
        return ref.equals(before.ref()) ? before.outside() : serving.nothingGathered();
    }

    /** Asks again what the host claims of who opened this, and tells whether that changed. Called by the serving thread alone. */
    boolean renewClaims() {
        boolean isChanged = serving.takesClaims() && claims.renew();
        if (isChanged) {
            // What was taken away counts at once, whatever the host is asked next.
            recheck(serving.tip(), serving::decideByLog);
            challenger.recheckByLog(serving.tip());
        }
        return isChanged;
    }

    /** Withdraws admission if claims were not renewed for too long. Asks the host nothing, which may be what hangs. */
    void withdrawExpired() {
        if (serving.takesClaims() && claims.expire()) {
            recheck(serving.tip(), serving::decideByLog);
            challenger.recheckByLog(serving.tip());
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
        Identity identity = claims.present();
        ModelRef present = serving.champion(tip, name, environment);
        if (present == null) {
            return;
        }
        if (!present.equals(champion)) {
            champion = present;
            held = false;
        }
        ModelRef target = target(tip, identity, present);
        Served.By by = target.equals(present) ? Served.By.CHAMPION : Served.By.FORMER_CHAMPION;
        ModelVersion version = tip.state().requireVersion(target).version();
        Action serve = Action.serve(target, environment);
        Decision decision = serving.decide(tip, identity, serve, gather(tip, target));
        if (decision instanceof Decision.Deny deny) {
            untimely = target;
            serving.refused(identity, serve, deny);
            publish(Slot.refusing(() -> new AccessDeniedException("'" + serve + "' by " + identity.principal(), deny)));
            return;
        }
        Loaded<T> before = standby;
        if (before != null && !before.ref.equals(target)) {
            gatheredBefore =
                    new Gathered(before.ref, serving.gather(tip, identity, Action.serve(before.ref, environment)));
        }
        Loaded<T> kept = kept(target);
        if (kept != null) {
            failure = null;
            if (by == Served.By.CHAMPION && !held) {
                failed = null;
            }
            publish(slot(kept, by));
            return;
        }
        loadIfDue(tip, version, by, insists);
    }

    private void loadIfDue(Tip tip, ModelVersion version, Served.By by, boolean insists) {
        Failure before = failure;
        if (before != null && !before.ref().equals(version.ref())) {
            before = null;
            failure = null;
        }
        if (before != null && !insists && !isDue()) {
            var unused = keep(tip, before.reason());
            return;
        }
        if (before == null && decided.ref == null) {
            publish(Slot.refusing(() -> new LoadFailure(version.ref()), Deployment.State.LOADING));
        }
        load(tip, version, by);
    }

    /** Returns the version that is to serve: what this handle fell back to, or else what the log says. */
    private ModelRef target(Tip tip, Identity identity, ModelRef present) {
        ModelRef target = serving.target(tip, identity, name, environment);
        synchronized (this) {
            Fallback local = fallen;
            if (local == null) {
                return target == null ? present : target;
            }
            // Once the log leads elsewhere, it is the log that counts.
            if (local.from().equals(target)) {
                return local.to();
            }
            fallen = null;
            return target == null ? present : target;
        }
    }

    private @Nullable Loaded<T> kept(ModelRef ref) {
        Loaded<T> present = loaded;
        if (present != null && present.ref.equals(ref)) {
            return present;
        }
        Loaded<T> before = standby;
        return before != null && before.ref.equals(ref) ? before : null;
    }

    private void load(Tip tip, ModelVersion version, Served.By by) {
        try {
            T model = serving.load(version, spec, next -> step = next);
            failure = null;
            boolean isTimed = rules != null && !Double.isInfinite(rules.slowdown());
            Loaded<T> made = new Loaded<>(model, version.ref(), isTimed ? new Latencies() : null);
            if (by == Served.By.CHAMPION) {
                failed = null;
            }
            publish(slot(made, by));
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
        failed = new Deployment.Failure(version.ref(), step, String.valueOf(e.getMessage()), serving.now());
        ModelRef kept = keep(tip, e);
        LOG.error(
                "version {} could not be loaded for {}, is tried again in {}, and {}: {}",
                version.ref(),
                environment,
                pause,
                kept == null ? "calls are refused" : kept + " goes on serving",
                e.getMessage(),
                kept == null ? null : e);
        if (rules != null && kept != null && e instanceof Probes.FailedException) {
            recordFailedProbes(version.ref(), e);
        }
    }

    /** What the golden inputs found out about a version holds wherever it would serve. */
    private void recordFailedProbes(ModelRef ref, ModelOpsException e) {
        Loaded<T> present = loaded;
        Fallback fallback;
        synchronized (this) {
            if (closed || fallen != null || refused.contains(ref) || present == null || !ref.equals(champion)) {
                return;
            }
            fallback = fallback(ref, present.ref, String.valueOf(e.getMessage()), serving.now());
            fallen = fallback;
        }
        serving.fellBack(this, fallback);
    }

    /** What could not be loaded leaves the version before it in place, if that one may still be served. */
    private @Nullable ModelRef keep(Tip tip, ModelOpsException e) {
        Loaded<T> present = loaded;
        if (present != null
                && serving.decide(
                                tip, claims.present(), Action.serve(present.ref, environment), gather(tip, present.ref))
                        .isAllowed()) {
            publish(slot(present, Served.By.FORMER_CHAMPION));
            return present.ref;
        }
        publish(Slot.refusing(() -> e, Deployment.State.LOADING));
        return null;
    }

    /** The log may have moved on since the decision, so it is taken again until it is of the newest position. */
    private void publish(Slot<T> next) {
        Loaded<T> model = next.loaded;
        // Before the first call, which may already be a reason to go back.
        Loaded<T> dropped = model == null || model == loaded ? null : take(model);
        boolean isPublished = false;
        while (!isPublished) {
            Tip tip = serving.tip();
            Slot<T> admissible = admissible(next, tip, serving::decide);
            synchronized (this) {
                ModelOpsException reason = fault;
                Fallback local = fallen;
                boolean isLeft = local != null && local.from().equals(next.ref);
                isPublished = closed || reason != null || isLeft || tip.state().size() >= rechecked;
                if (isPublished && !closed && !isLeft) {
                    show(reason == null ? admissible : distrusting(reason));
                }
            }
        }
        if (dropped != null) {
            drain(dropped);
        }
        closeIdle();
    }

    /** Makes a model the present one, and returns the one that is no longer needed. */
    private synchronized @Nullable Loaded<T> take(Loaded<T> model) {
        Loaded<T> before = loaded;
        Loaded<T> kept = standby;
        loaded = model;
        if (!spec.keepsPrevious()) {
            return before;
        }
        if (before != null) {
            standby = before;
            return kept == model ? null : kept;
        }
        standby = kept == model ? null : kept;
        return null;
    }

    private void drain(Loaded<T> old) {
        draining.add(old, serving.now());
    }

    /** Closes models that no call uses any more, and tells whether any is still in use. */
    boolean closeIdle() {
        if (draining.isEmpty()) {
            return false;
        }
        draining.closeIdle(serving.now());
        leaks = draining.leaks();
        return !draining.isEmpty();
    }

    /** Refuses all calls from now on. */
    synchronized void shut() {
        closed = true;
        challenger.shut();
        show(Slot.refusing(() -> new ClosedException("this handle was closed; open a new one")));
    }

    /** Gives up the model of a handle that was shut. Called by the serving thread alone. */
    void end() {
        Loaded<T> last = loaded;
        Loaded<T> before = standby;
        loaded = null;
        standby = null;
        if (last != null) {
            drain(last);
        }
        if (before != null) {
            drain(before);
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
