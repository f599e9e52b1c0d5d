package dev.modelops.core.internal.storage;

import dev.modelops.storage.ErasableStore;
import dev.modelops.testkit.contract.ErasableStoreContract;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on a store with the fault that a configuration parameter names. Run by {@link BrokenTextsTest}. */
class FaultyTextsCase extends ErasableStoreContract {
    private final FaultyTexts.Shared shared = new FaultyTexts.Shared();
    private @Nullable TextFault fault;

    @RegisterExtension
    final BeforeEachCallback configuration = context -> fault =
            context.getConfigurationParameter("fault").map(TextFault::valueOf).orElse(null);

    @Override
    protected ErasableStore createStore() {
        return new FaultyTexts(shared, fault);
    }

    @Override
    protected ErasableStore reopen() {
        return new FaultyTexts(shared, fault);
    }
}
