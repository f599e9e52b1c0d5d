package dev.modelops.core.faults;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.VersionSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another process that acts on a log as fast as it can and says {@code ACK <command id> <position>} for each act it was
 * given an answer to. It warms up, says READY, and begins with the next line on its input, which names the round; with a
 * limit it ends by itself and tells the state it sees once asked to.
 */
final class Worker {
    private static final int THREADS = 4;

    private final ModelOps ops;
    private final Path files;
    private final String round;
    private final PrintStream out;
    private final ModelRegistry ada;
    private final ModelRegistry vera;
    private final ModelRegistry rita;

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
        Place place = new Place(arguments[0]);
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
        try (ModelOps ops = Site.open(place, key)) {
            Worker worker = new Worker(ops, files, round, out);
            worker.run(limit);
            if (limit < Integer.MAX_VALUE) {
                out.println("DONE");
                worker.tell(in);
            }
        }
    }

    private void run(int limit) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            Thread thread = new Thread(() -> work(number, limit), "worker-" + number);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Half of the threads of every process act on one model, the others on one of their own. */
    private void work(int thread, int limit) {
        String model = thread % 2 == 0 ? "shared" : "own-" + thread;
        for (int i = 0; i < limit; i++) {
            CommandId id = CommandId.of(round + "-" + thread + "-" + i);
            if (i == 0 || i % 8 == 0) {
                ModelRef ref = ada.register(VersionSpec.of(model, files).as(id)).ref();
                acknowledge(id, ops.outcome(id).orElseThrow().position().size());
                approve(ref, round + "-" + thread + "-" + i + "a");
                continue;
            }
            ModelRef ref = ModelRef.parse(model + "@"
                    + ada.model(ModelRef.parse(model + "@1").name())
                            .orElseThrow()
                            .latest());
            switch (i % 4) {
                case 1 -> act(rita, Action.promote(ref, Site.STAGING), id);
                case 2 -> act(ada, Action.setTag(ref, "tag-" + thread, id.value()), id);
                case 3 -> act(vera, Action.comment(ref, "seen in " + id), id);
                default -> act(rita, Action.setAlias(ref, Alias.of("latest")), id);
            }
        }
    }

    private void approve(ModelRef ref, String id) {
        act(vera, Action.approve(ref, Site.STAGING), CommandId.of(id));
    }

    private void act(ModelRegistry registry, Action action, CommandId id) {
        try {
            acknowledge(id, registry.perform(action.as(id)).position().size());
        } catch (VersionConflictException e) {
            // Another thread promoted or named it first.
            out.println("NOT " + id);
        }
    }

    private void acknowledge(CommandId id, long position) {
        out.println("ACK " + id + " " + position);
    }

    private void tell(BufferedReader in) throws IOException {
        if (in.readLine() != null) {
            out.println("POSITION " + ops.sync());
            String state = Site.fingerprint(Site.registry(ops, Site.AUDITOR).snapshot());
            out.println("STATE " + Digest.sha256Of(Bytes.ofUtf8(state)));
            out.println("ROOT " + ops.audit().checkpoint().root());
        }
    }
}
