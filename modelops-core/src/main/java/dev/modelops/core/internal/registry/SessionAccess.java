package dev.modelops.core.internal.registry;

import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.PrincipalSource;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.policy.Action;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What a session's caller may read by the policy set in force, remembered until the log moves on. */
public final class SessionAccess implements Access {
    private static final int MOST_REMEMBERED = 10_000;

    private final Governor governor;
    private final PrincipalSource source;
    private final Runnable openness;
    private volatile Remembered remembered;

    private record Remembered(long size, Map<Identity, Map<ModelName, Boolean>> readable, AtomicInteger count) {
        Remembered(long size) {
            this(size, new ConcurrentHashMap<>(), new AtomicInteger());
        }
    }

    /**
     * Checks the identity that a source gives at each call.
     *
     * @param openness throws once the log was closed
     */
    public SessionAccess(Governor governor, PrincipalSource source, Runnable openness) {
        this.governor = governor;
        this.source = source;
        this.openness = openness;
        this.remembered = new Remembered(governor.ledger().tip().state().size());
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
        return isReadable(caller(), name);
    }

    @Override
    public void requireRead(ModelName name) {
        Identity identity = caller();
        if (!isReadable(identity, name)) {
            governor.require(identity, Action.read(name));
        }
    }

    @Override
    public void require(Action action) {
        governor.require(caller(), action);
    }

    private boolean isReadable(Identity identity, ModelName name) {
        Tip tip = governor.ledger().tip();
        Remembered known = remembered;
        if (known.size() == tip.state().size()) {
            Map<ModelName, Boolean> models = known.readable().get(identity);
            Boolean readable = models == null ? null : models.get(name);
            if (readable != null) {
                return readable;
            }
        }
        return decide(tip, identity, name);
    }

    private boolean decide(Tip tip, Identity identity, ModelName name) {
        Action read = Action.read(name);
        boolean readable = governor.check(tip, identity, read).isAllowed();
        if (governor.dependsOnOutside(tip, read)) {
            // What the time, the host's policy or its facts say may change though the log does not move.
            return readable;
        }
        Remembered known = remembered;
        if (known.size() != tip.state().size() || known.count().incrementAndGet() > MOST_REMEMBERED) {
            known = new Remembered(tip.state().size());
            remembered = known;
        }
        known.readable()
                .computeIfAbsent(identity, unused -> new ConcurrentHashMap<>())
                .put(name, readable);
        return readable;
    }
}
