package dev.modelops.samples.ignite;

import dev.modelops.CommandId;
import dev.modelops.Genesis;
import dev.modelops.InDoubtException;
import dev.modelops.LogPosition;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Opening;
import dev.modelops.OverloadedException;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.core.storage.Blobs;
import dev.modelops.policy.Action;
import dev.modelops.registry.Comment;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.RegistryView;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that acts on a log as fast as it can, and tells each answer with the times, by the clock that all processes
 * of a host share, at which the call began and ended: {@code ACK id position called returned}, {@code FAIL id} for what
 * did not happen, {@code LOST id} for what is in doubt. A line on its input makes it say what it sees at that position.
 */
final class Worker {
    static final Principal ADA = Principal.of("example.org", "ada");
    static final ModelRef MODEL = ModelRef.parse("risk@1");
    static final TestKeys KEYS = TestKeys.seeded(3);

    private static final int THREADS = 4;

    private Worker() {}

    static Genesis genesis() {
        return Genesis.of("example.org/ignite", KEYS.ed25519("log"), KEYS.ed25519("writer"))
                .publisher(KEYS.ecdsa("publisher").publicKey())
                .grant(ADA, Role.ADMIN)
                .grant(ADA, Role.DATA_SCIENTIST)
                .grant(ADA, Role.AUDITOR);
    }

    static Storage storage(String log, Path blobs, String addresses) {
        return new Storage(IgniteLogStore.open(log, addresses.split(",", -1)), Blobs.directory(blobs));
    }

    static Opening opening(Storage storage, LogKey key) {
        return ModelOps.open(storage, key)
                .writer(KEYS.ed25519("writer"))
                .logSigner(KEYS.ed25519("log"))
                .publisher(KEYS.ecdsa("publisher"));
    }

    /** Arguments: log, folder for blobs, addresses, key of the log, name of this worker. */
    public static void main(String[] args) throws IOException {
        try (ModelOps ops = opening(storage(args[0], Path.of(args[1]), args[2]), new LogKey(args[3]))
                .start()) {
            for (int i = 0; i < THREADS; i++) {
                String prefix = args[4] + "-" + i + "-";
                Thread thread = new Thread(() -> work(ops.as(ADA).registry(), prefix), prefix);
                thread.setDaemon(true);
                thread.start();
            }
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                say("SEES " + line + " " + seen(ops, Long.parseLong(line)));
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void work(ModelRegistry registry, String prefix) {
        for (int i = 0; ; i++) {
            String id = prefix + i;
            long called = System.nanoTime();
            try {
                Action act = i % 2 == 0 ? Action.comment(MODEL, "by " + id) : Action.setTag(MODEL, "last", id);
                LogPosition position =
                        registry.perform(act.as(CommandId.of(id))).position();
                say("ACK " + id + " " + position.size() + " " + called + " " + System.nanoTime());
            } catch (InDoubtException e) {
                say("LOST " + id);
            } catch (StorageException | OverloadedException e) {
                say((e instanceof StorageException s && s.isInDoubt() ? "LOST " : "FAIL ") + id);
            }
        }
    }

    /** What the state at a position says, in a number. */
    static int seen(ModelOps ops, long size) {
        while (ops.position().size() < size) {
            try {
                var unused = ops.sync();
            } catch (StorageException e) {
                Thread.onSpinWait();
            }
        }
        RegistryView view = ops.as(ADA).registry().asOf(LogPosition.of(size));
        List<Comment> comments = view.comments(MODEL);
        return (comments + " " + view.find(MODEL).orElseThrow().tags()).hashCode();
    }

    private static synchronized void say(String line) {
        System.out.println(line + " .");
        System.out.flush();
    }
}
