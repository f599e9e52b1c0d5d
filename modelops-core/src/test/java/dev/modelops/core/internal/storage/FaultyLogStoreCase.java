package dev.modelops.core.internal.storage;

import dev.modelops.storage.LogStore;
import dev.modelops.testkit.contract.LogStoreContract;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on a store with the fault that a configuration parameter names. Run by {@link BrokenStoresTest}. */
class FaultyLogStoreCase extends LogStoreContract {
    private final FaultyLogStore.Shared shared = new FaultyLogStore.Shared();
    private @Nullable LogFault fault;

    @RegisterExtension
    final BeforeEachCallback configuration = context -> fault =
            context.getConfigurationParameter("fault").map(LogFault::valueOf).orElse(null);

    @Override
    protected LogStore createStore() {
        return new FaultyLogStore(shared, fault);
    }

    @Override
    protected LogStore reopen() {
        return new FaultyLogStore(shared, fault);
    }
}
