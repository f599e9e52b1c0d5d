package dev.modelops.samples.benchmarks;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.ModelRef;
import dev.modelops.core.storage.Storages;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Served;
import dev.modelops.serving.Trial;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What it costs to move between versions, to have a challenger beside, and to record what is answered. */
final class RunningModels {
    private static final double[] ROW = {3};

    private final Path folder;
    private final int rounds;
    private final Duration turn;

    RunningModels(Path folder, int rounds, Duration turn) {
        this.folder = folder;
        this.rounds = rounds;
        this.turn = turn;
    }

    private static Deployment.Spec<Scorer> spec(ModelLoader<Scorer> loader) {
        return Deployment.Spec.of(Governed.MODEL.value(), PRODUCTION, loader);
    }

    private static Scorer load(dev.modelops.serving.VerifiedArtifact artifact) throws Exception {
        byte[] weight = artifact.open("weights.txt").readAllBytes();
        return new Scorer.Plain(Double.parseDouble(new String(weight, StandardCharsets.UTF_8)));
    }

    /** Moves the champion to and fro under load, then falls back in process. */
    void swaps(Report report) throws InterruptedException {
        try (Governed governed = Governed.create(Storages.directory(folder.resolve("swaps")))) {
            ModelRef first = governed.version();
            ModelRef second = governed.promoteNext();
            try (Deployment<Scorer> deployment = governed.service().serving().deploy(spec(RunningModels::load))) {
                AtomicBoolean ends = new AtomicBoolean();
                LongAdder calls = new LongAdder();
                LongAdder failed = new LongAdder();
                Thread[] callers = new Thread[2];
                for (int i = 0; i < callers.length; i++) {
                    callers[i] = new Thread(() -> call(deployment, ends, calls, failed));
                    callers[i].start();
                }
                // A step that moves no champion costs the same entry, commit and answer.
                long[] moves = new long[rounds];
                long[] others = new long[rounds];
                for (int i = 0; i < rounds; i++) {
                    long begun = System.nanoTime();
                    governed.promote(i % 2 == 0 ? first : second);
                    moves[i] = System.nanoTime() - begun;
                    begun = System.nanoTime();
                    governed.tag(first, Integer.toString(i));
                    others[i] = System.nanoTime() - begun;
                }
                ends.set(true);
                for (Thread caller : callers) {
                    caller.join();
                }
                report.add(
                        "promote a version that is kept warm until calls get it, under the load of 2 threads",
                        "p50 " + millis(quantile(moves, 0.5)) + ", p99 " + millis(quantile(moves, 0.99)),
                        "an act that moves nothing: p50 " + millis(quantile(others, 0.5)) + ", p99 "
                                + millis(quantile(others, 0.99)),
                        millis(quantile(moves, 0.5) - quantile(others, 0.5)) + " more",
                        "under 1 ms more",
                        Report.verdict(quantile(moves, 0.5) - quantile(others, 0.5) < 1_000_000));
                report.add(
                        "calls meanwhile, over " + rounds + " swaps",
                        calls.sum() + " calls",
                        "",
                        failed.sum() + " failed",
                        "none",
                        Report.verdict(failed.sum() == 0));
                fallBack(report, governed, deployment, first, second);
            }
        }
    }

    private static void call(Deployment<Scorer> deployment, AtomicBoolean ends, LongAdder calls, LongAdder failed) {
        while (!ends.get()) {
            try {
                Served<Double> served = deployment.apply(ROW, Scorer::score);
                if (served.value() != 1.5) {
                    failed.increment();
                }
            } catch (RuntimeException e) {
                failed.increment();
            }
            calls.increment();
        }
    }

    /** The log is asked only afterwards: what is measured is the way back while the store does not answer. */
    private static void fallBack(
            Report report, Governed governed, Deployment<Scorer> deployment, ModelRef first, ModelRef second)
            throws InterruptedException {
        long[] times = new long[3];
        for (int i = 0; i < times.length; i++) {
            governed.promote(i % 2 == 0 ? first : second);
            ModelRef before = deployment.apply(ROW, Scorer::score).version();
            AtomicLong seen = new AtomicLong();
            Thread caller = new Thread(() -> {
                while (deployment.apply(ROW, Scorer::score).version().equals(before)) {
                    Thread.onSpinWait();
                }
                seen.set(System.nanoTime());
            });
            caller.start();
            Thread.sleep(50);
            long begun = System.nanoTime();
            boolean done = deployment.fallBack("measured");
            caller.join();
            times[i] = seen.get() - begun;
            if (!done) {
                throw new IllegalStateException("the deployment did not fall back from " + before);
            }
            while (deployment.status().fallback().isPresent()) {
                Thread.sleep(5);
            }
            governed.approve(before);
        }
        report.add(
                "fall back in process to the version before, until a call of another thread gets it",
                "worst of " + times.length + ": " + millis(quantile(times, 1)),
                "",
                "",
                "under 1 ms",
                Report.verdict(quantile(times, 1) < 1_000_000));
    }

    /** Times the champion's calls with no experiment, and while a shadow hangs. */
    void shadow(Report report) throws InterruptedException {
        try (Governed governed = Governed.create(Storages.inMemory())) {
            ModelRef challenger = governed.registerNext();
            CountDownLatch released = new CountDownLatch(1);
            try (Deployment<Scorer> deployment = governed.service()
                    .serving()
                    .deploy(spec(artifact -> artifact.ref().equals(challenger) ? hanging(released) : load(artifact)))) {
                var unusedToo = latencies(deployment);
                long[] alone = latencies(deployment);
                var unused = governed.releaseManager()
                        .experiments()
                        .start(Experiment.Plan.of(
                                "hangs", challenger, PRODUCTION, "score", Experiment.Loss.SQUARED_ERROR));
                long[] beside = latencies(deployment);
                double ratio = (double) quantile(beside, 0.99) / quantile(alone, 0.99);
                report.add(
                        "p99 of a champion of 20 µs whose shadow hangs",
                        micros(quantile(beside, 0.99)) + " (p50 " + micros(quantile(beside, 0.5)) + ")",
                        "no experiment: " + micros(quantile(alone, 0.99)) + " (p50 " + micros(quantile(alone, 0.5))
                                + ")",
                        Report.format("%.2f times", ratio),
                        "nothing measurable",
                        "");
            } finally {
                released.countDown();
            }
        }
    }

    private static Scorer hanging(CountDownLatch released) {
        return row -> {
            boolean ends = false;
            while (!ends) {
                try {
                    released.await();
                    ends = true;
                } catch (InterruptedException e) {
                    // Whoever hangs does not listen either.
                    ends = false;
                }
            }
            return 0;
        };
    }

    private long[] latencies(Deployment<Scorer> deployment) {
        Trial<Scorer, double[], Double> slow = Trial.<Scorer, double[], Double>of((scorer, row) -> {
                    double score = scorer.score(row);
                    long until = System.nanoTime() + 20_000;
                    while (System.nanoTime() - until < 0) {
                        Thread.onSpinWait();
                    }
                    return score;
                })
                .copying(double[]::clone);
        long[] times = new long[rounds * 50];
        for (int i = 0; i < times.length; i++) {
            long begun = System.nanoTime();
            var unused = deployment.apply("case-" + (i & 1023), ROW, slow);
            times[i] = System.nanoTime() - begun;
        }
        return times;
    }

    /** Records from two threads as fast as the recorder takes it, and counts what is in segments at the end. */
    void predictions(Report report) throws InterruptedException {
        try (Governed governed = Governed.create(Storages.directory(folder.resolve("predictions")));
                Deployment<Scorer> deployment = governed.service().serving().deploy(spec(RunningModels::load))) {
            for (int numbers : new int[] {5, 20}) {
                Map<String, Object> input = new HashMap<>();
                for (int i = 0; i < numbers; i++) {
                    input.put("feature" + i, 1000.5 * i);
                }
                double best = 0;
                long heap = 0;
                for (int i = 0; i < 3; i++) {
                    Recorded recorded = record(governed, deployment, input);
                    best = Math.max(best, recorded.perSecond());
                    heap = Math.max(heap, recorded.heap());
                }
                report.add(
                        "record predictions of " + numbers + " inputs from 2 threads, in segments that are in the log",
                        Report.rate(best),
                        "",
                        (heap >> 20) + " MiB of heap after a collection meanwhile",
                        numbers == 5 ? "at least 100 k/s" : "",
                        numbers == 5 ? Report.verdict(best >= 100_000) : "");
            }
        }
    }

    private record Recorded(double perSecond, long heap) {}

    private Recorded record(Governed governed, Deployment<Scorer> deployment, Map<String, ?> input)
            throws InterruptedException {
        AtomicLong recorded = new AtomicLong();
        long heap;
        long begun = System.nanoTime();
        try (PredictionLog.Recorder recorder = governed.service()
                .predictions()
                .record(
                        Governed.MODEL.value(),
                        PRODUCTION,
                        PredictionLog.Rules.all().segments(50_000, Duration.ofSeconds(5)))) {
            Thread[] threads = new Thread[2];
            @Nullable RuntimeException[] thrown = new RuntimeException[threads.length];
            for (int i = 0; i < threads.length; i++) {
                int number = i;
                threads[i] = new Thread(() -> {
                    try {
                        while (System.nanoTime() - begun < turn.toNanos()) {
                            Served<Double> served = deployment.apply(ROW, Scorer::score);
                            if (recorder.record(
                                    Prediction.of(served).input(input).output(Map.of("score", served.value())))) {
                                recorded.incrementAndGet();
                            } else {
                                Thread.onSpinWait();
                            }
                        }
                    } catch (RuntimeException e) {
                        thrown[number] = e;
                    }
                });
                threads[i].start();
            }
            Thread.sleep(turn.toMillis() / 2);
            System.gc();
            heap = used();
            for (Thread thread : threads) {
                thread.join();
            }
            for (RuntimeException e : thrown) {
                if (e != null) {
                    throw e;
                }
            }
            var unused = recorder.flush();
        }
        return new Recorded(recorded.get() / ((System.nanoTime() - begun) / 1e9), heap);
    }

    /** Returns what the last collection left, and not what two threads have thrown away since. */
    private static long used() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getCollectionUsage)
                .filter(Objects::nonNull)
                .mapToLong(MemoryUsage::getUsed)
                .sum();
    }

    private static long quantile(long[] times, double share) {
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))];
    }

    private static String millis(long nanos) {
        return Report.format("%.3f ms", nanos / 1e6);
    }

    private static String micros(long nanos) {
        return Report.format("%.1f µs", nanos / 1e3);
    }
}
