package dev.modelops.testkit;

import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsProvider;
import dev.modelops.Opening;
import dev.modelops.audit.LogKey;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.TestKeys;
import java.util.Map;

/** What one test works with: an opened log and everything it was made of, by the type of the parameter. */
final class TestLog {
    private final ModelOps ops;
    private final Storage storage;
    private final Map<Class<?>, Object> parts;

    private TestLog(ModelOps ops, Storage storage, Map<Class<?>, Object> parts) {
        this.ops = ops;
        this.storage = storage;
        this.parts = parts;
    }

    static TestLog open(ModelOpsExtension settings) {
        ModelOpsProvider provider = ModelOpsProvider.load();
        MutableClock clock = MutableClock.at(settings.start());
        TestKeys keys = TestKeys.seeded(settings.seed());
        People people = new People();
        InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
        Genesis genesis = settings.genesis(keys, people);
        Storage storage = provider.inMemory();
        try {
            LogKey logKey = provider.create(storage, genesis, clock);
            Opening opening = settings.opening(ModelOps.open(storage, logKey), keys, clock, memory);
            ModelOps ops = opening.start();
            return new TestLog(
                    ops,
                    storage,
                    Map.of(
                            ModelOps.class, ops,
                            Opening.class, opening,
                            Storage.class, storage,
                            LogKey.class, logKey,
                            MutableClock.class, clock,
                            TestKeys.class, keys,
                            People.class, people,
                            InMemoryCheckpointMemory.class, memory));
        } catch (RuntimeException | Error e) {
            try (storage) {
                throw e;
            }
        }
    }

    Object part(Class<?> type) {
        Object part = parts.get(type);
        if (part == null) {
            throw new IllegalArgumentException("there is no " + type.getName() + " to inject");
        }
        return part;
    }

    void close() {
        try (storage) {
            ops.close();
        }
    }
}
