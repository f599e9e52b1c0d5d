package dev.modelops.core.faults;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.InDoubtException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.OverloadedException;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.audit.LogKey;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.Models;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Another process that acts on a log as fast as it can, and tells each call with the times at which it began and ended,
 * which all processes of a machine take from one clock: {@code CALL id}, then {@code ACK id position called returned} for
 * what was done, {@code NOT id called returned [expected to]} for what came too late, {@code FAIL id why} for what did not happen,
 * {@code LOST id why} for what is in doubt; {@code READ version called returned} for the champion seen. It warms up, says
 * READY, and begins with the next line on its input, which names the round. Further lines are orders. When its input ends,
 * its threads end the call they are in, whatever becomes of that, and then it ends in order. With a limit they end by
 * themselves.
 */
final class Worker {
    static final int THREADS = 4;

    /** How long each thread rests after an act, so that several processes leave some of the machine to whoever watches. */
    private static final Duration PAUSE = Duration.ofMillis(Integer.getInteger("modelops.worker.pause", 0));

    private static final ModelName SHARED = ModelName.of("shared");

    private final ModelOps ops;
    private final Path files;
    private final String round;
    private final PrintStream out;
    private final ModelRegistry ada;
    private final ModelRegistry vera;
    private final ModelRegistry rita;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean isOver;

    private Worker(ModelOps ops, Path files, String round, PrintStream out) {
        this.ops = ops;
        this.files = files;
        this.round = round;
        this.out = out;
        this.ada = Site.registry(ops, Site.ADA);
        this.vera = Site.registry(ops, Site.VERA);
        this.rita = Site.registry(ops, Site.RITA);
    }

    public static void main(String[] arguments) throws Exception {
        String place = arguments[0];
        Path files = Path.of(arguments[1]);
        LogKey key = new LogKey(arguments[2]);
        int limit = Integer.parseInt(arguments[3]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (ModelOps warm = Site.inMemory()) {
            new Worker(
                            warm,
                            files,
                            "warm",
                            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .work(0, 3);
        }
        out.println("READY");
        String round = in.readLine();
        if (round == null) {
            return;
        }
        WrongClock clock = new WrongClock();
        try (ModelOps ops = Site.opening(Site.storage(place, Worker::pooled), key)
                .clock(clock)
                .start()) {
            Worker worker = new Worker(ops, files, round, out);
            worker.begin(limit);
            if (limit < Integer.MAX_VALUE) {
                worker.join();
                out.println("DONE");
            }
            for (String order = in.readLine(); order != null; order = in.readLine()) {
                worker.obey(order.split(" ", -1), clock);
            }
            worker.isOver = true;
            worker.join();
        }
    }

    /** A clock that can be set wrong while it runs. */
    private static final class WrongClock extends Clock {
        private volatile Duration wrong = Duration.ZERO;

        @Override
        public Instant instant() {
            return Clock.systemUTC().instant().plus(wrong);
        }

        @Override
        public ZoneId getZone() {
            return ZoneId.of("UTC");
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("one zone will do");
        }
    }

    private static DataSource pooled(DataSource source) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(THREADS);
        return new HikariDataSource(config);
    }

    private void begin(int limit) {
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            Thread thread = new Thread(() -> work(number, limit), "worker-" + number);
            // Whoever started this process may end first.
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void obey(String[] order, WrongClock clock) throws IOException {
        switch (order[0]) {
            case "clock" -> clock.wrong = Duration.ofSeconds(Long.parseLong(order[1]));
            case "interrupt" -> threads.forEach(Thread::interrupt);
            case "tell" ->
                tell(order.length > 1 ? Long.parseLong(order[1]) : ops.sync().size());
            default -> throw new IOException("no such order: " + order[0]);
        }
    }

    private void tell(long size) {
        LogPosition position = LogPosition.of(size);
        while (ops.position().size() < size) {
            try {
                ops.sync();
            } catch (StorageException e) {
                pause();
            }
        }
        String state = Site.fingerprint(Site.registry(ops, Site.AUDITOR).asOf(position));
        out.println("POSITION " + position);
        out.println("STATE " + Digest.sha256Of(Bytes.ofUtf8(state)));
        out.println("ROOT " + ops.audit().checkpoint().root());
        out.println("TOLD " + size);
    }

    /** Half of the threads of every process act on one model, the others on one of their own. */
    private void work(int thread, int limit) {
        String model = thread % 2 == 0 ? "shared" : "own-" + thread;
        for (int i = 0; i < limit && !isOver; i++) {
            // An interrupt ends one wait and not the thread.
            var unused = Thread.interrupted();
            LockSupport.parkNanos(PAUSE.toNanos());
            String id = round + "-" + thread + "-" + i;
            if (i % 8 == 0) {
                register(model, id, i % 16 == 8);
                continue;
            }
            ModelRef ref = newest(model);
            if (ref == null) {
                register(model, id, false);
                continue;
            }
            switch (i % 4) {
                case 1 -> promote(ref, id);
                case 2 -> act(ada, Action.setTag(ref, "tag-" + thread, id), id, "");
                case 3 -> act(vera, Action.comment(ref, "seen in " + id), id, "");
                default -> act(rita, Action.setAlias(ref, Alias.of("latest")), id, "");
            }
        }
    }

    private @Nullable ModelRef newest(String model) {
        ModelName name = ModelName.of(model);
        return ada.model(name).map(found -> new ModelRef(name, found.latest())).orElse(null);
    }

    /** Registers the files that were given, or other ones, whose blobs are not there yet. */
    private void register(String model, String id, boolean others) {
        CommandId command = CommandId.of(id);
        Path registered = others ? Models.small(files.resolveSibling("model-" + id), id.hashCode()) : files;
        ModelRef[] ref = new ModelRef[1];
        tell(id, "", () -> {
            ModelVersion version =
                    ada.register(VersionSpec.of(model, registered).as(command));
            ref[0] = version.ref();
            return version.position().size();
        });
        if (ref[0] != null) {
            act(vera, Action.approve(ref[0], Site.STAGING), id + "a", "");
        }
    }

    /** Moves the champion from where an up-to-date reader saw it. */
    private void promote(ModelRef ref, String id) {
        VersionNumber champion = null;
        if (ref.name().equals(SHARED)) {
            long called = System.nanoTime();
            try {
                ops.sync();
            } catch (StorageException e) {
                pause();
                return;
            }
            champion = rita.champion(SHARED, Site.STAGING)
                    .map(found -> found.ref().version())
                    .orElse(null);
            say("READ " + number(champion) + " " + called + " " + System.nanoTime());
            act(
                    rita,
                    Action.promote(ref, Site.STAGING).expectChampion(champion),
                    id,
                    number(champion) + " " + number(ref.version()));
        } else {
            act(rita, Action.promote(ref, Site.STAGING), id, "");
        }
    }

    private static int number(@Nullable VersionNumber version) {
        return version == null ? 0 : version.value();
    }

    private void act(ModelRegistry registry, Action action, String id, String move) {
        tell(
                id,
                move,
                () -> registry.perform(action.as(CommandId.of(id))).position().size());
    }

    private static String reason(RuntimeException e) {
        return String.valueOf(e.getMessage()).replace('\n', ' ');
    }

    /** A store that is away fails at once. */
    private static void pause() {
        LockSupport.parkNanos(5_000_000);
    }

    /** Ends a line so that one cut off by a kill is known. */
    private void say(String line) {
        out.println(line + History.END);
    }

    /** Tells what became of a call. */
    private void tell(String id, String move, LongSupplier call) {
        say("CALL " + id);
        long called = System.nanoTime();
        try {
            long position = call.getAsLong();
            say("ACK " + id + " " + position + " " + called + " " + System.nanoTime());
        } catch (VersionConflictException e) {
            say("NOT " + id + " " + called + " " + System.nanoTime() + " " + move);
        } catch (InDoubtException e) {
            say("LOST " + id + " " + reason(e));
            pause();
        } catch (StorageException | OverloadedException | ClosedException | CancellationException e) {
            say((e instanceof StorageException s && s.isInDoubt() ? "LOST " : "FAIL ") + id + " " + reason(e));
            pause();
        } catch (RuntimeException e) {
            say("BROKEN " + id + " " + e);
            throw e;
        }
    }
}
