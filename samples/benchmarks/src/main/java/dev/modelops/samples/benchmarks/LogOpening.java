package dev.modelops.samples.benchmarks;

import dev.modelops.ModelOps;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.storage.Storages;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.RegistryView;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One log in SQLite at several lengths: acts appended to it, beside bare group commit in the same turns; and opening it from
 * the newest snapshot of its state, beside folding it from its first entry.
 */
final class LogOpening {
    private static final double MOST_SECONDS = 2;
    private static final int CALLERS = 32;

    private final Path folder;
    private final List<Long> sizes;
    private final Duration turn;
    private final int turns;
    private final AtomicLong number = new AtomicLong();

    LogOpening(Path folder, List<Long> sizes, Duration turn, int turns) {
        this.folder = folder;
        this.sizes = sizes;
        this.turn = turn;
        this.turns = turns;
    }

    void run(Report report) throws IOException, SQLException, InterruptedException {
        Path store = folder.resolve("opening");
        Path keys = folder.resolve("opening-keys");
        Governed.create(Storages.directory(store), keys).close();
        double shortest = 0;
        try (BareLoop bare = new BareLoop("jdbc:sqlite:" + folder.resolve("opening-bare.db"), 600)) {
            for (long size : sizes) {
                LogKey key;
                try (Governed governed = Governed.open(Storages.directory(store), keys)) {
                    key = governed.logKey();
                    double ratio = append(report, governed, bare, size, shortest);
                    shortest = shortest == 0 ? ratio : shortest;
                    fill(governed, size);
                }
                open(report, store, key);
            }
        }
    }

    /** Returns what part of the bare loop's rate the acts reach, at about this size. */
    private double append(Report report, Governed governed, BareLoop bare, long size, double shortest)
            throws InterruptedException {
        var unused = Callers.rate(CALLERS, turn, () -> act(governed));
        var unusedToo = Callers.rate(CALLERS, turn, bare::append);
        fill(governed, size * 9 / 10);
        List<Double> acts = new ArrayList<>();
        List<Double> rows = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            rows.add(Callers.rate(CALLERS, turn, bare::append));
            acts.add(Callers.rate(CALLERS, turn, () -> act(governed)));
            ratios.add(acts.get(i) / rows.get(i));
        }
        double ratio = Report.median(ratios);
        report.add(
                "durable acts on SQLite, 32 callers, at " + governed.size() + " entries",
                Report.rate(Report.median(acts)),
                "bare group commit, 600-byte rows: " + Report.rate(Report.median(rows)),
                Report.percent(ratio) + " (turns: " + Report.percents(ratios) + ")",
                shortest == 0 ? "" : "no less than at the first size",
                shortest == 0 ? "" : Report.format("%.2f of it", ratio / shortest));
        return ratio;
    }

    private void fill(Governed governed, long size) throws InterruptedException {
        while (governed.size() < size) {
            var unused = Callers.rate(CALLERS, Duration.ofMillis(500), () -> act(governed));
        }
    }

    private void act(Governed governed) {
        ModelRegistry registry = governed.author().registry();
        var unused = registry.setTag(governed.version(), "reviewed", Long.toString(number.getAndIncrement()));
    }

    private void open(Report report, Path store, LogKey key) throws InterruptedException {
        List<Double> opened = new ArrayList<>();
        List<Double> folded = new ArrayList<>();
        List<Double> bytes = new ArrayList<>();
        long length = 0;
        for (int i = 0; i < turns; i++) {
            long before = used();
            long start = System.nanoTime();
            try (ModelOps ops = ModelOps.open(Storages.directory(store), key).start()) {
                opened.add((System.nanoTime() - start) / 1e9);
                length = ops.position().size();
                bytes.add(used() - before + 0.0);
            }
            start = System.nanoTime();
            try (StoreInspection inspection = StoreInspection.open(Storages.directory(store), key)) {
                RegistryView view = inspection.registry();
                long size = view.position().size();
                folded.add((System.nanoTime() - start) / 1e9);
                if (size != length || view.position().size() != length) {
                    throw new IllegalStateException("the log grew while it was measured");
                }
            }
        }
        double seconds = Report.median(opened);
        double beside = Report.median(folded);
        report.add(
                "open a log of " + length + " entries in SQLite from a snapshot",
                Report.format("%.3f s, %.0f MB of heap", seconds, Report.median(bytes) / 1e6),
                Report.format("from its first entry: %.3f s", beside),
                Report.format("%.1f times faster", beside / seconds),
                length >= 1_000_000 ? "under 2 s" : "",
                length >= 1_000_000 ? Report.verdict(seconds < MOST_SECONDS) : "");
    }

    private static long used() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(50);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
