package dev.modelops.core.internal.registry;

import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.PrincipalSource;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What a session's caller may read by the policy set in force, remembered until the log moves on. */
public final class SessionAccess implements Access {
    private static final int MOST_REMEMBERED = 10_000;

    private final Governor governor;
    private final PrincipalSource source;
    private final Runnable openness;
    private volatile Remembered remembered;

    private record Key(Identity identity, ModelName name) {}

    private record Remembered(long size, Map<Key, Boolean> readable) {}

    /**
     * Checks the identity that a source gives at each call.
     *
     * @param openness throws once the log was closed
     */
    public SessionAccess(Governor governor, PrincipalSource source, Runnable openness) {
        this.governor = governor;
        this.source = source;
        this.openness = openness;
        this.remembered = new Remembered(governor.ledger().tip().state().size(), new ConcurrentHashMap<>());
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
    public void require(Action action) {
        Identity identity = caller();
        if (action.type() == Action.Type.READ
                && action.model().isPresent()
                && isReadable(identity, action.model().get())) {
            return;
        }
        governor.require(identity, action);
    }

    private boolean isReadable(Identity identity, ModelName name) {
        Tip tip = governor.ledger().tip();
        Remembered known = remembered;
        if (known.size() != tip.state().size() || known.readable().size() > MOST_REMEMBERED) {
            known = new Remembered(tip.state().size(), new ConcurrentHashMap<>());
            remembered = known;
        }
        Key key = new Key(identity, name);
        Boolean readable = known.readable().get(key);
        if (readable == null) {
            Decision decision = governor.check(tip, identity, Action.read(name));
            readable = decision.isAllowed();
            known.readable().put(key, readable);
        }
        return readable;
    }
}
