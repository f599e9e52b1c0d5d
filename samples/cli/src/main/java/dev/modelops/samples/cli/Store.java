package dev.modelops.samples.cli;

import dev.modelops.Digest;
import dev.modelops.Progress;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.WitnessPolicy;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.RegistryView;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A store as the commands read it. */
final class Store implements AutoCloseable {
    private final Function<AsOf, RegistryView> registry;
    private final AuditLog audit;
    private final Witnessed witnessed;
    private final Policies policies;
    private final LogKey logKey;
    private final Runnable closing;

    /** Opens stores. */
    interface Opener {
        Store open(StoreAddress address, @Nullable LogKey pinned);
    }

    /** Verification that demands witnesses. */
    interface Witnessed {
        /** Verifies the log, of which all that is older than a time must be witnessed. */
        AuditReport verify(WitnessPolicy witnesses, Instant before);
    }

    /** The policy sets of a log. */
    interface Policies {
        /** Returns those that were put into force, oldest first. */
        List<PolicyRevision> installed();

        /** Returns one that was put into force or proposed. */
        PolicySet read(Digest digest);
    }

    Store(
            Function<AsOf, RegistryView> registry,
            AuditLog audit,
            Witnessed witnessed,
            Policies policies,
            LogKey logKey,
            Runnable closing) {
        this.registry = registry;
        this.audit = audit;
        this.witnessed = witnessed;
        this.policies = policies;
        this.logKey = logKey;
        this.closing = closing;
    }

    /** Opens a store for reading, with a pinned key or else the one kept with the store. */
    static Store open(StoreAddress address, @Nullable LogKey pinned) {
        return open(address, pinned, null);
    }

    /** Opens a store that must lead through what is remembered of its log, if that was given. */
    static Store open(StoreAddress address, @Nullable LogKey pinned, @Nullable CheckpointMemory memory) {
        LogKey key = pinned == null ? address.keyBeside() : pinned;
        OpenStorage opened = address.open();
        StoreInspection inspection = memory == null
                ? StoreInspection.open(opened.storage(), key)
                : StoreInspection.open(opened.storage(), key, memory);
        return new Store(
                asOf -> view(inspection, asOf),
                inspection.audit(),
                (witnesses, before) -> inspection.verify(witnesses, before, Progress.NONE),
                policies(inspection),
                inspection.logKey(),
                opened::close);
    }

    private static Policies policies(StoreInspection inspection) {
        return new Policies() {
            @Override
            public List<PolicyRevision> installed() {
                return inspection.policies();
            }

            @Override
            public PolicySet read(Digest digest) {
                return inspection.policySet(digest);
            }
        };
    }

    RegistryView registry(AsOf asOf) {
        return registry.apply(asOf);
    }

    AuditLog audit() {
        return audit;
    }

    AuditReport verify(WitnessPolicy witnesses, Instant before) {
        return witnessed.verify(witnesses, before);
    }

    Policies policies() {
        return policies;
    }

    LogKey logKey() {
        return logKey;
    }

    @Override
    public void close() {
        closing.run();
    }

    private static RegistryView view(StoreInspection inspection, AsOf asOf) {
        if (asOf instanceof AsOf.AtPosition at) {
            return inspection.registry(at.position());
        }
        if (asOf instanceof AsOf.AtTime at) {
            return inspection.registry(at.time());
        }
        return inspection.registry();
    }
}
