package dev.modelops.core.internal.registry;

import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.PrincipalSource;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What a session's caller may read by the policy set in force, remembered until the log moves on. */
public final class SessionAccess implements Access {
    private static final int MOST_REMEMBERED = 10_000;

    private final Governor governor;
    private final PrincipalSource source;
    private final Runnable openness;
    private volatile Remembered remembered;

    /** Whoever read last, mostly the same object again, which is found quickly. */
    private volatile Recent recent;

    /**
     * What was decided about a model on one state.
     *
     * @param champions the champions to be told to who may read it; made to be given out as they are
     */
    private record Reading(boolean isAllowed, Map<Environment, Optional<ModelVersion>> champions) {
        static Reading of(boolean isAllowed, @Nullable ModelState model) {
            if (!isAllowed || model == null) {
                return new Reading(isAllowed, Map.of());
            }
            Map<Environment, Optional<ModelVersion>> champions = new HashMap<>();
            for (Environment environment : model.champions().keySet()) {
                VersionNumber number = model.champion(environment);
                VersionState version = number == null ? null : model.version(number);
                champions.put(environment, Optional.ofNullable(version).map(VersionState::version));
            }
            return new Reading(true, Map.copyOf(champions));
        }
    }

    private record Remembered(long size, Map<Identity, Map<ModelName, Reading>> readings, AtomicInteger count) {
        Remembered(long size) {
            this(size, new ConcurrentHashMap<>(), new AtomicInteger());
        }
    }

    private record Recent(long size, @Nullable Identity identity, Map<ModelName, Reading> readings) {}

    /**
     * Checks the identity that a source gives at each call.
     *
     * @param openness throws once the log was closed
     */
    public SessionAccess(Governor governor, PrincipalSource source, Runnable openness) {
        this.governor = governor;
        this.source = source;
        this.openness = openness;
        // Sizes and not states, which would be kept for as long as nobody reads.
        this.remembered = new Remembered(governor.ledger().tip().state().size());
        this.recent = new Recent(0, null, Map.of());
    }

    /** Returns who is calling. */
    public Identity caller() {
        openness.run();
        return source.current();
    }

    @Override
    public void requireOpen() {
        openness.run();
    }

    @Override
    public boolean mayRead(ModelName name) {
        return reading(caller(), name).isAllowed();
    }

    @Override
    public void requireRead(ModelName name) {
        var unused = allowed(name);
    }

    @Override
    public void require(Action action) {
        governor.require(caller(), action);
    }

    /** Returns the champion of a model in the present state, which the caller must be allowed to read. */
    Optional<ModelVersion> champion(ModelName name, Environment environment) {
        return allowed(name).champions().getOrDefault(environment, Optional.empty());
    }

    private Reading allowed(ModelName name) {
        Identity identity = caller();
        Reading reading = reading(identity, name);
        if (reading.isAllowed()) {
            return reading;
        }
        governor.require(identity, Action.read(name));
        // The log moved on meanwhile and allows it.
        return Reading.of(true, governor.ledger().tip().state().model(name));
    }

    private Reading reading(Identity identity, ModelName name) {
        Tip tip = governor.ledger().tip();
        long size = tip.state().size();
        Recent last = recent;
        if (last.size() == size && identity.equals(last.identity())) {
            Reading known = last.readings().get(name);
            if (known != null) {
                return known;
            }
        }
        Remembered all = remembered;
        Map<ModelName, Reading> readings = all.size() == size ? all.readings().get(identity) : null;
        Reading known = readings == null ? null : readings.get(name);
        if (readings == null || known == null) {
            return decide(tip, identity, name);
        }
        recent = new Recent(size, identity, readings);
        return known;
    }

    private Reading decide(Tip tip, Identity identity, ModelName name) {
        Action read = Action.read(name);
        Reading reading = Reading.of(
                governor.check(tip, identity, read).isAllowed(), tip.state().model(name));
        if (governor.dependsOnOutside(tip, read)) {
            // What the time, the host's policy or its facts say may change though the log does not move.
            return reading;
        }
        Remembered all = remembered;
        if (all.size() != tip.state().size() || all.count().incrementAndGet() > MOST_REMEMBERED) {
            all = new Remembered(tip.state().size());
            remembered = all;
        }
        all.readings()
                .computeIfAbsent(identity, unused -> new ConcurrentHashMap<>())
                .put(name, reading);
        return reading;
    }
}
