package dev.modelops.core.internal.storage;

import dev.modelops.storage.BlobStore;
import dev.modelops.testkit.contract.BlobStoreContract;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on a store with the fault that a configuration parameter names. Run by {@link BrokenStoresTest}. */
class FaultyBlobStoreCase extends BlobStoreContract {
    private final FaultyBlobStore.Shared shared = new FaultyBlobStore.Shared();
    private @Nullable BlobFault fault;

    @RegisterExtension
    final BeforeEachCallback configuration = context -> fault =
            context.getConfigurationParameter("fault").map(BlobFault::valueOf).orElse(null);

    @Override
    protected BlobStore createStore() {
        return new FaultyBlobStore(shared, fault);
    }

    @Override
    protected BlobStore reopen() {
        return new FaultyBlobStore(shared, fault);
    }

    @Override
    protected long largeLength() {
        return 4 << 20;
    }
}
