package dev.modelops.samples.benchmarks;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.core.storage.Storages;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.Served;
import java.nio.charset.StandardCharsets;
import java.util.function.DoubleFunction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Calling a model through its handle, beside calling it directly. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class HandleBenchmark {
    private Governed governed;
    private Scorer direct;
    private ModelHandle<Scorer> plain;
    private ModelHandle<Scorer> leased;
    private final double[] row = {3};

    /** Opens handles on the same champion, loaded once as a plain object and once as one that must be closed. */
    @Setup
    public void open() {
        governed = Governed.create(Storages.inMemory());
        direct = new Scorer.Plain(0.5);
        plain = open(Scorer.Plain::new);
        leased = open(Scorer.Leased::new);
    }

    private ModelHandle<Scorer> open(DoubleFunction<Scorer> model) {
        ModelLoader<Scorer> loader = artifact -> {
            byte[] weight = artifact.open("weights.txt").readAllBytes();
            return model.apply(Double.parseDouble(new String(weight, StandardCharsets.UTF_8)));
        };
        return governed.service().serving().open(Governed.MODEL.value(), PRODUCTION, loader);
    }

    /** Closes handles and log. */
    @TearDown
    public void close() {
        plain.close();
        leased.close();
        governed.close();
    }

    /** Calls the model itself. */
    @Benchmark
    public double direct() {
        return direct.score(row);
    }

    /** Calls a plain model and takes the score. */
    @Benchmark
    public double plain() {
        return plain.apply(row, Scorer::score).value();
    }

    /** Calls a plain model and keeps the result with its version and identity. */
    @Benchmark
    public Served<Double> plainKept() {
        return plain.apply(row, Scorer::score);
    }

    /** Calls a model that must be closed and takes the score. */
    @Benchmark
    public double leased() {
        return leased.apply(row, Scorer::score).value();
    }
}
