package dev.modelops.samples.benchmarks;

import dev.modelops.ModelRef;
import dev.modelops.core.storage.Storages;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.Recorded;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Acts on a log in SQLite, beside bare group commit on SQLite; the two take turns. */
final class DurableActs {
    private final Path folder;
    private final Duration turn;
    private final int turns;

    DurableActs(Path folder, Duration turn, int turns) {
        this.folder = folder;
        this.turn = turn;
        this.turns = turns;
    }

    void run(Report report) throws SQLException, InterruptedException {
        AtomicLong number = new AtomicLong();
        try (Governed governed = Governed.create(Storages.directory(folder.resolve("store")));
                BareLoop bare = new BareLoop("jdbc:sqlite:" + folder.resolve("bare.db"), 256)) {
            ModelRegistry registry = governed.author().registry();
            ModelRef version = governed.version();
            Runnable act = () -> {
                Recorded done = registry.setTag(version, "reviewed", Long.toString(number.getAndIncrement()));
                requireAllowed(done);
            };
            Runnable row = bare::append;
            // Enough for the compiler to have seen the whole path.
            var unused = Callers.rate(32, Duration.ofSeconds(6), act);
            var unusedToo = Callers.rate(32, turn, row);
            measure(report, 32, act, row);
            measure(report, 1, act, row);
        }
    }

    private void measure(Report report, int callers, Runnable act, Runnable row) throws InterruptedException {
        List<Double> acts = new ArrayList<>();
        List<Double> rows = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            rows.add(Callers.rate(callers, turn, row));
            acts.add(Callers.rate(callers, turn, act));
            ratios.add(acts.get(i) / rows.get(i));
        }
        double ratio = Report.median(ratios);
        report.add(
                "durable acts on SQLite, " + callers + (callers == 1 ? " caller" : " callers"),
                Report.rate(Report.median(acts)),
                "bare group commit, 256-byte rows: " + Report.rate(Report.median(rows)),
                Report.percent(ratio) + " (turns: " + Report.percents(ratios) + ")",
                callers == 1 ? "" : "at least 70 %",
                callers == 1 ? "" : Report.verdict(ratio >= 0.7));
    }

    private static void requireAllowed(Recorded done) {
        if (done.position().size() < 1) {
            throw new IllegalStateException("an act was not recorded");
        }
    }
}
