package dev.modelops.core;

import com.sun.net.httpserver.HttpServer;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.core.internal.witness.FolderWitness;
import dev.modelops.core.internal.witness.HolderCosigner;
import dev.modelops.core.internal.witness.HttpWitness;
import dev.modelops.core.internal.witness.WitnessHandler;
import dev.modelops.signing.Signer;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes witnesses: clients of those that others run, and one to run for them. A witness is worth what keeps it apart from
 * the log: its own key, its own store, its own people.
 */
public final class Witnesses {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int SERVING_THREADS = 4;

    private Witnesses() {}

    /**
     * Returns a witness that is asked over HTTP (C2SP tlog-witness). An answer may take 5 seconds and 64 KiB. What it tells
     * of logs is asked at the same address.
     *
     * @param prefix the submission prefix, such as {@code https://witness.example.org/}
     * @param keys the keys of the witness in text form, of type 0x04 (Ed25519) or 0x06 (ML-DSA-44)
     * @return the witness
     * @throws IllegalArgumentException if the prefix is not one of HTTP, or a key not one of a witness
     */
    public static Witness http(URI prefix, String... keys) {
        return new HttpWitness(prefix, List.of(keys), TIMEOUT);
    }

    /**
     * Returns a witness that keeps, in a folder, the newest checkpoint it has cosigned of each log. Run it in a process,
     * with a key and on a disk that the operator of the logs does not control, and never restore the folder from a backup.
     * Any number of processes may share the folder.
     *
     * @param name the name it signs with: like a URL without its scheme, such as {@code witness.example.org}
     * @param key its own Ed25519 or ML-DSA-44 key, used for nothing else
     * @param folder the folder, made at the first use
     * @param logs the logs it watches, by their keys; a log that was recovered is another log, to be added by hand
     * @param clock the time it signs with
     * @return the witness
     * @throws IllegalArgumentException if the name holds spaces or {@code +}, the key is of another kind, or two keys are of
     *     one log
     */
    public static Witness folder(String name, Signer key, Path folder, Collection<LogKey> logs, Clock clock) {
        return folder(name, List.of(key), folder, logs, clock);
    }

    /**
     * Returns such a witness that cosigns with several keys, so that one that began with Ed25519 goes on with ML-DSA-44 beside
     * it: at least one of the keys must be one it had before.
     *
     * @param name the name it signs with
     * @param keys its own Ed25519 and ML-DSA-44 keys, used for nothing else
     * @param folder the folder, made at the first use
     * @param logs the logs it watches, by their keys
     * @param clock the time it signs with
     * @return the witness
     * @throws IllegalArgumentException if there is no key, the name holds spaces or {@code +}, a key is of another kind, or two
     *     keys are of one log
     */
    public static Witness folder(String name, List<Signer> keys, Path folder, Collection<LogKey> logs, Clock clock) {
        return new FolderWitness(name, keys, folder, logs, clock);
    }

    /**
     * Returns the holder of a log as a cosigner of its checkpoints, with a further key and under the log's name. It watches
     * nothing and adds no trust in the holder: it is for an ML-DSA-44 key (FIPS 204), whose signatures last where those of
     * Ed25519 may fall to quantum computers. Give it to {@link dev.modelops.Opening#witness} when the log is made or at any
     * time later, in every process that signs checkpoints. Who pins its key demands it with {@link WitnessPolicy#of}; all
     * others pass it over.
     *
     * @param log the log
     * @param key the further key, kept as the log's own
     * @param clock the time it signs with
     * @return the cosigner
     * @throws IllegalArgumentException if the key is neither Ed25519 nor ML-DSA-44
     */
    public static Witness holder(LogKey log, Signer key, Clock clock) {
        return new HolderCosigner(log, key, clock);
    }

    /**
     * Serves a witness over HTTP, at {@code /add-checkpoint} and {@code /<origin hash>/checkpoint}. There is no encryption
     * and no bound on how slowly a request may come: put a proxy before it where strangers can reach it.
     *
     * @param witness one made by {@link #folder}
     * @param address where to listen; port 0 for any that is free
     * @return the server, listening; closing it ends its threads
     * @throws IllegalArgumentException if the witness is another's
     * @throws StorageException if the address cannot be listened at
     */
    public static WitnessServer serve(Witness witness, InetSocketAddress address) {
        if (!(witness instanceof FolderWitness own)) {
            throw new IllegalArgumentException("only a witness made by Witnesses.folder can be served");
        }
        HttpServer server;
        try {
            server = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new StorageException("the witness cannot listen at " + address + ": " + e.getMessage(), e);
        }
        AtomicInteger count = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(SERVING_THREADS, task -> {
            Thread thread = new Thread(task, "modelops-witness-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", new WitnessHandler(own));
        server.start();
        return new WitnessServer(server, threads);
    }
}
