package dev.modelops.core.internal.storage;

import dev.modelops.storage.ErasableStore;
import dev.modelops.testkit.contract.ErasableStoreContract;
import dev.modelops.testkit.contract.StoreAbility;
import java.util.EnumSet;
import java.util.Set;

class InMemoryTextsContractTest extends ErasableStoreContract {
    private ErasableStore store = new InMemoryTexts();

    @Override
    protected ErasableStore createStore() {
        store = new InMemoryTexts();
        return store;
    }

    @Override
    protected ErasableStore reopen() {
        return store;
    }

    @Override
    protected Set<StoreAbility> abilities() {
        return EnumSet.complementOf(EnumSet.of(StoreAbility.CLOSING));
    }
}
