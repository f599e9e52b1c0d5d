package dev.modelops.samples.benchmarks;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.ModelName;
import dev.modelops.core.storage.Storages;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.ModelVersion;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Finding the champion, beside finding a value in a map. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class ResolveBenchmark {
    private Governed governed;
    private ModelRegistry registry;
    private ConcurrentHashMap<ModelName, ModelVersion> map;

    /** Opens a log, and a map that has one entry more than it. */
    @Setup
    public void open() {
        governed = Governed.create(Storages.inMemory());
        registry = governed.service().registry();
        map = new ConcurrentHashMap<>();
        map.put(Governed.MODEL, registry.get(governed.version()));
        map.put(ModelName.of("another"), registry.get(governed.version()));
    }

    /** Closes the log. */
    @TearDown
    public void close() {
        governed.close();
    }

    /** Resolves the champion as a policy-checked read. */
    @Benchmark
    public ModelVersion champion() {
        return registry.champion(Governed.MODEL, PRODUCTION).orElseThrow();
    }

    /** Looks the same value up in a map. */
    @Benchmark
    public ModelVersion mapGet() {
        return Objects.requireNonNull(map.get(Governed.MODEL));
    }
}
