package dev.modelops.core.internal;

import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsProvider;
import dev.modelops.Opening;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.policy.analysis.PolicyTestFile;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.PolicyTestReport;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.UnaryOperator;

/** Links the contracts to this implementation. */
public final class CoreProvider implements ModelOpsProvider {
    /** Called by {@link java.util.ServiceLoader}. */
    public CoreProvider() {}

    @Override
    public LogKey create(Storage storage, Genesis genesis, Clock clock) {
        return LogCreation.create(storage, genesis, clock);
    }

    @Override
    public ModelOps start(Opening opening) {
        return LiveModelOps.start(opening);
    }

    @Override
    public ModelOps embedded(Path folder, UnaryOperator<Opening> settings) {
        return EmbeddedFolder.open(folder, settings);
    }

    @Override
    public Storage inMemory() {
        return Storages.inMemory();
    }

    @Override
    public PolicyTestReport testPolicies(Path file) {
        return PolicyTestFile.run(file);
    }
}
