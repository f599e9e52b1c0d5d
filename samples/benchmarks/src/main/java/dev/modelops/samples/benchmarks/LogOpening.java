package dev.modelops.samples.benchmarks;

import dev.modelops.ModelOps;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.storage.Storages;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.storage.Storage;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Opening logs of several lengths from the newest snapshot of their state, beside folding them from their first entry. */
final class LogOpening {
    private static final double MOST_SECONDS = 2;

    private final List<Long> sizes;
    private final int turns;

    LogOpening(List<Long> sizes, int turns) {
        this.sizes = sizes;
        this.turns = turns;
    }

    void run(Report report) throws InterruptedException {
        for (long size : sizes) {
            Storage storage = Storages.inMemory();
            LogKey key = fill(storage, size);
            measure(report, storage, key);
        }
    }

    private void measure(Report report, Storage storage, LogKey key) throws InterruptedException {
        List<Double> opened = new ArrayList<>();
        List<Double> folded = new ArrayList<>();
        long length = 0;
        long bytes = 0;
        for (int i = 0; i < turns; i++) {
            long before = used();
            long start = cpuNanos();
            try (ModelOps ops = ModelOps.open(storage, key).start()) {
                opened.add((cpuNanos() - start) / 1e9);
                length = ops.position().size();
                bytes = used() - before;
            }
            try (StoreInspection inspection = StoreInspection.open(storage, key)) {
                start = cpuNanos();
                if (inspection.registry().position().size() != length) {
                    throw new IllegalStateException("the log grew while it was measured");
                }
                folded.add((cpuNanos() - start) / 1e9);
            }
        }
        double seconds = Report.median(opened);
        double beside = Report.median(folded);
        report.add(
                "open a log of " + length + " entries from a snapshot, in memory, by CPU time of one thread",
                Report.format("%.3f s, %.1f MB", seconds, bytes / 1e6),
                Report.format("from its first entry: %.3f s", beside),
                Report.format("%.0f times faster", beside / seconds),
                length >= 1_000_000 ? "under 2 s" : "",
                length >= 1_000_000 ? Report.verdict(seconds < MOST_SECONDS) : "");
    }

    private static LogKey fill(Storage storage, long size) throws InterruptedException {
        AtomicLong number = new AtomicLong();
        try (Governed governed = Governed.create(storage)) {
            ModelRegistry registry = governed.author().registry();
            while (governed.size() < size) {
                var unused = Callers.rate(
                        32,
                        Duration.ofMillis(500),
                        () -> registry.setTag(governed.version(), "reviewed", Long.toString(number.getAndIncrement())));
            }
            return governed.logKey();
        }
    }

    private static long used() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(50);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
