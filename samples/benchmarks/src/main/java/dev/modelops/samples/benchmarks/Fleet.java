package dev.modelops.samples.benchmarks;

import dev.modelops.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Acts of several processes on one log, 32 callers in all, beside the same processes inserting rows as long as the entries
 * into a bare table; and how long it takes until another process knows of an act.
 */
final class Fleet {
    private static final int CALLERS = 32;
    private static final int[] SIZES = {1, 2, 4};

    /** Enough for the compiler to have seen the whole path. */
    private static final Duration WARM_UP = Duration.ofSeconds(8);

    private static final Duration FOLLOWING = Duration.ofSeconds(4);

    private final Path folder;
    private final Duration turn;
    private final int turns;

    Fleet(Path folder, Duration turn, int turns) {
        this.folder = folder;
        this.turn = turn;
        this.turns = turns;
    }

    void run(Report report) throws IOException, SQLException, InterruptedException {
        for (int size : SIZES) {
            Path place = Files.createDirectories(folder.resolve("fleet-sqlite-" + size));
            run(report, "SQLite", size, place, "-", "jdbc:sqlite:" + place.resolve("bare.db"));
        }
        try (PostgresHost server = new PostgresHost()) {
            for (int size : SIZES) {
                Path place = Files.createDirectories(folder.resolve("fleet-postgres-" + size));
                String log = server.createDatabase("log" + size);
                run(report, "PostgreSQL", size, place, log, server.createDatabase("bare" + size));
            }
        }
    }

    /** Each on a log of its own: processes that prove a long one as they start would be measured instead. */
    private void run(Report report, String name, int size, Path place, String database, String bare)
            throws IOException, SQLException, InterruptedException {
        int length;
        try (Storage storage = FleetMember.storage(place, database);
                Governed governed = Governed.create(storage, place)) {
            var unused = governed.author().registry().setTag(governed.version(), "reviewed", "member 12345 123456");
            length = storage.log().read(governed.size() - 1, 1).get(0).body().length();
        }
        try (BareLoop prepared = new BareLoop(bare, length)) {
            var unused = prepared.append();
        }
        List<FleetMember.Handle> members = new ArrayList<>();
        try {
            for (int i = 0; i < size; i++) {
                List<String> args = List.of(place.toString(), database, bare, "" + length, "" + CALLERS / size);
                members.add(new FleetMember.Handle(args, place.resolve("results-" + i)));
            }
            for (FleetMember.Handle member : members) {
                member.await("ready");
            }
            measure(report, name, length, members);
            if (size == 2) {
                delay(report, name, members);
            }
        } finally {
            for (FleetMember.Handle member : members) {
                member.close();
            }
        }
    }

    /** What all processes did together in a turn. */
    private record Turn(double perSecond, double fairness, long[] sorted) {
        double percentile(int percent) {
            return sorted[(int) ((sorted.length - 1L) * percent / 100)] / 1e6;
        }
    }

    private Turn turn(String what, Duration time, List<FleetMember.Handle> members) throws IOException {
        for (FleetMember.Handle member : members) {
            member.order(what, time);
        }
        List<long[]> taken = new ArrayList<>();
        for (FleetMember.Handle member : members) {
            taken.add(member.results().stream().mapToLong(Long::parseLong).toArray());
        }
        long[] sorted = taken.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        LongStream.Builder counts = LongStream.builder();
        taken.forEach(each -> counts.add(each.length));
        long[] each = counts.build().sorted().toArray();
        return new Turn(sorted.length * 1e9 / time.toNanos(), (double) each[0] / each[each.length - 1], sorted);
    }

    private void measure(Report report, String name, int length, List<FleetMember.Handle> members) throws IOException {
        var unused = turn("rows", WARM_UP.dividedBy(8), members);
        var unusedToo = turn("acts", WARM_UP, members);
        List<Turn> rows = new ArrayList<>();
        List<Turn> acts = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            rows.add(turn("rows", turn, members));
            acts.add(turn("acts", turn, members));
            ratios.add(acts.get(i).perSecond() / rows.get(i).perSecond());
        }
        double ratio = Report.median(ratios);
        int size = members.size();
        report.add(
                "durable acts on " + name + ", 32 callers in " + size + (size == 1 ? " process" : " processes"),
                summary(acts),
                "bare group commit, " + length + "-byte rows: " + summary(rows),
                Report.percent(ratio) + " (turns: " + Report.percents(ratios) + ")",
                "at least 70 %",
                Report.verdict(ratio >= 0.7));
    }

    private static String summary(List<Turn> turns) {
        return Report.format(
                "%s, p50 %.1f ms, p99 %.1f ms, least process %s of the most",
                Report.rate(median(turns, Turn::perSecond)),
                median(turns, each -> each.percentile(50)),
                median(turns, each -> each.percentile(99)),
                Report.percent(median(turns, Turn::fairness)));
    }

    private static double median(List<Turn> turns, Function<Turn, Double> of) {
        return Report.median(turns.stream().map(of).toList());
    }

    private void delay(Report report, String name, List<FleetMember.Handle> members) throws IOException {
        members.get(1).order("follow", FOLLOWING.plusSeconds(1));
        members.get(0).order("pace", FOLLOWING);
        Map<Long, Long> acknowledged = moments(members.get(0).results());
        int acts = acknowledged.size();
        Map<Long, Long> seen = moments(members.get(1).results());
        acknowledged.keySet().retainAll(seen.keySet());
        double[] delays = acknowledged.entrySet().stream()
                .mapToDouble(each -> (seen.getOrDefault(each.getKey(), 0L) - each.getValue()) / 1e3)
                .sorted()
                .toArray();
        if (delays.length < acts * 0.9) {
            throw new IOException("of " + acts + " acts the follower saw " + delays.length);
        }
        report.add(
                "until another process knows of an act on " + name,
                Report.format(
                        "p50 %.1f ms, p99 %.1f ms of %d acts",
                        delays[(delays.length - 1) / 2], delays[(delays.length - 1) * 99 / 100], delays.length),
                "poll interval: 100 ms",
                "",
                "",
                "");
    }

    private static Map<Long, Long> moments(List<String> lines) {
        Map<Long, Long> moments = new HashMap<>();
        for (String line : lines) {
            String[] words = line.split(" ");
            moments.put(Long.valueOf(words[0]), Long.valueOf(words[1]));
        }
        return moments;
    }
}
