package dev.modelops.samples.cli;

import dev.modelops.Digest;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.RegistryView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A store as the commands use it: the only place that knows how one is opened. */
final class Store implements AutoCloseable {
    private static final String LOG = "log.db";

    private final Function<AsOf, RegistryView> registry;
    private final AuditLog audit;
    private final Policies policies;
    private final LogKey logKey;
    private final Runnable closing;

    /** Opens stores. */
    interface Opener {
        Store open(Path folder, @Nullable LogKey pinned);
    }

    /** The policy sets of a log. */
    interface Policies {
        /** Returns those that were put into force, oldest first. */
        List<PolicyRevision> installed();

        /** Returns one that was put into force or proposed. */
        PolicySet read(Digest digest);
    }

    Store(Function<AsOf, RegistryView> registry, AuditLog audit, Policies policies, LogKey logKey, Runnable closing) {
        this.registry = registry;
        this.audit = audit;
        this.policies = policies;
        this.logKey = logKey;
        this.closing = closing;
    }

    /** Opens the store in a folder for reading, with a pinned key or else the one kept in the folder. */
    static Store open(Path folder, @Nullable LogKey pinned) {
        requireStore(folder);
        LogKey key = pinned == null ? StoreInspection.keyBeside(folder) : pinned;
        StoreInspection inspection = StoreInspection.open(folder, key);
        return new Store(
                asOf -> view(inspection, asOf),
                inspection.audit(),
                policies(inspection),
                inspection.logKey(),
                inspection::close);
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

    private static void requireStore(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new CliFailure("expected the folder of a ModelOps store at " + folder + ", but found "
                    + (Files.exists(folder) ? "a file" : "nothing") + "; name the folder that holds its " + LOG);
        }
        if (!Files.exists(folder.resolve(LOG))) {
            throw new CliFailure("expected a ModelOps store in " + folder + ", which has a " + LOG + ", but found "
                    + contents(folder) + "; name the folder that holds it");
        }
    }

    private static String contents(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            String names = entries.limit(5)
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .collect(Collectors.joining(", "));
            return names.isEmpty() ? "an empty folder" : "a folder with " + names;
        } catch (IOException | UncheckedIOException e) {
            return "a folder that cannot be read: " + e.getMessage();
        }
    }
}
