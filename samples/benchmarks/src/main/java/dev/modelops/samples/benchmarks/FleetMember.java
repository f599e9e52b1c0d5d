package dev.modelops.samples.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.Storages;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.storage.Storage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A process of those that share a log. It opens log and bare table, says {@code ready}, and then does what it is told, a
 * line each: {@code acts}, {@code rows}, {@code pace} or {@code follow}, with milliseconds and a file for the results.
 */
final class FleetMember implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(70);

    private final Governed governed;
    private final BareLoop bare;
    private final int callers;
    private final AtomicLong number = new AtomicLong();
    private final String name = "member " + ProcessHandle.current().pid() + " ";

    private FleetMember(Governed governed, BareLoop bare, int callers) {
        this.governed = governed;
        this.bare = bare;
        this.callers = callers;
    }

    /**
     * Runs the process until its input ends.
     *
     * @param args the folder with keys and files, the database of the log or "-" for SQLite in that folder, the database
     *     of the bare table, the length of its rows, and how many callers there are
     */
    public static void main(String[] args) throws IOException, SQLException, InterruptedException {
        Path folder = Path.of(args[0]);
        try (FleetMember member = new FleetMember(
                        Governed.open(storage(folder, args[1]), folder),
                        new BareLoop(args[2], Integer.parseInt(args[3])),
                        Integer.parseInt(args[4]));
                BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("ready");
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                String[] words = order.split(" ", 3);
                Stream<String> found = member.obey(words[0], Duration.ofMillis(Long.parseLong(words[1])));
                Files.write(Path.of(words[2]), (Iterable<String>) found::iterator);
                System.out.println("done");
            }
        }
    }

    /** Opens the storage that a place names: a folder for SQLite and blobs, or a folder for blobs and a database. */
    static Storage storage(Path folder, String database) {
        if (database.equals("-")) {
            return Storages.directory(folder.resolve("store"));
        }
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(database);
        pool.setMaximumPoolSize(6);
        return Storages.jdbc(pool, Blobs.directory(folder.resolve("blobs")));
    }

    private Stream<String> obey(String order, Duration time) throws InterruptedException {
        return switch (order) {
            case "acts" -> numbers(Callers.times(callers, time, this::act));
            case "rows" -> numbers(Callers.times(callers, time, bare::append));
            case "pace" -> pace(time);
            case "follow" -> follow(time);
            default -> throw new IllegalArgumentException("expected an order, found " + order);
        };
    }

    private long act() {
        ModelRegistry registry = governed.author().registry();
        return registry.setTag(governed.version(), "reviewed", name + number.getAndIncrement())
                .position()
                .size();
    }

    /** Acts now and then, and tells when each act was acknowledged: the log's size after it, and microseconds. */
    private Stream<String> pace(Duration time) throws InterruptedException {
        Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
        for (long start = System.nanoTime(); System.nanoTime() - start < time.toNanos(); ) {
            long size = act();
            acknowledged.put(size, micros());
            Thread.sleep(PAUSE.toMillis() + number.get() % 7 * 9);
        }
        return acknowledged.entrySet().stream().map(each -> each.getKey() + " " + each.getValue());
    }

    /** Looks all the time, and tells when it saw each size first. */
    private Stream<String> follow(Duration time) throws InterruptedException {
        Map<Long, Long> seen = new ConcurrentHashMap<>();
        long last = governed.size();
        for (long start = System.nanoTime(); System.nanoTime() - start < time.toNanos(); Thread.sleep(0, 200_000)) {
            long size = governed.size();
            long now = micros();
            for (; last < size; last++) {
                seen.put(last + 1, now);
            }
        }
        return seen.entrySet().stream().map(each -> each.getKey() + " " + each.getValue());
    }

    private static Stream<String> numbers(long[] nanos) {
        return Arrays.stream(nanos).mapToObj(Long::toString);
    }

    private static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    @Override
    public void close() throws SQLException, InterruptedException {
        try (governed) {
            bare.close();
        }
    }

    /** A process that was started, as the one that started it sees it. */
    static final class Handle implements AutoCloseable {
        private final Process process;
        private final BufferedReader answers;
        private final Path results;

        Handle(List<String> args, Path results) throws IOException {
            Stream<String> command = Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx1g",
                    "-cp",
                    System.getProperty("java.class.path"),
                    FleetMember.class.getName());
            process = new ProcessBuilder(Stream.concat(command, args.stream()).toList())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            answers = process.inputReader(StandardCharsets.UTF_8);
            this.results = results;
        }

        void await(String answer) throws IOException {
            String found = answers.readLine();
            if (!answer.equals(found)) {
                throw new IOException("expected '" + answer + "' of a member of the fleet, found " + found);
            }
        }

        void order(String what, Duration time) throws IOException {
            String line = what + " " + time.toMillis() + " " + results + "\n";
            process.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        }

        List<String> results() throws IOException {
            await("done");
            return Files.readAllLines(results);
        }

        @Override
        public void close() throws IOException {
            process.getOutputStream().close();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
