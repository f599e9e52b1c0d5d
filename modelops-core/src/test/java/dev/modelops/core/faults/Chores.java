package dev.modelops.core.faults;

import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.BlobSweep;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.internal.Hurried;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.storage.Blobs;
import dev.modelops.policy.Action;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * Another process that does what is done beside acting, over and over: says READY, begins with the next line on its
 * input, which names the round, and tells {@code DID} of each time it was done, and {@code ACK id position} of acts.
 */
public final class Chores {
    /** What there is to do. */
    enum Chore {
        SNAPSHOTS,
        SWEEP,
        COPY,
        CACHE
    }

    private final Place place;
    private final LogKey key;
    private final Path scratch;
    private final PrintStream out;
    private final BufferedReader in;

    private Chores(Place place, LogKey key, Path scratch) {
        this.place = place;
        this.key = key;
        this.scratch = scratch;
        this.out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        this.in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }

    public static void main(String[] arguments) throws Exception {
        Chores chores = new Chores(new Place(arguments[1]), new LogKey(arguments[2]), Path.of(arguments[3]));
        switch (Chore.valueOf(arguments[0])) {
            case SNAPSHOTS -> chores.snapshots();
            case SWEEP -> chores.sweep();
            case COPY -> chores.copy();
            case CACHE -> chores.cache();
        }
    }

    private String begin() throws IOException {
        out.println("READY");
        return in.readLine();
    }

    /** Acts, and keeps a snapshot after every few acts: done once an entry names it. */
    private void snapshots() throws IOException {
        try (ModelOps ops = Hurried.start(Site.opening(place.existing(), key), Duration.ofSeconds(30), 10)) {
            String round = begin();
            var unused = ops.listen(entry -> {
                if (entry.type().equals(EntryType.STATE_SNAPSHOTTED.typeName())) {
                    out.println("DID " + entry.position());
                }
            });
            for (int i = 0; i < Integer.MAX_VALUE; i++) {
                String id = round + "-" + i;
                Action act = Action.comment(ModelRef.parse("risk@1"), id).as(CommandId.of(id));
                long position =
                        Site.registry(ops, Site.ADA).perform(act).position().size();
                out.println("ACK " + id + " " + position + " .");
            }
        }
    }

    /** Makes every blob look old and sweeps, while models are registered. */
    private void sweep() throws IOException {
        CheckpointMemory memory = memory(scratch);
        try (ModelOps ops = Site.opening(place.existing(), key).memory(memory).start()) {
            String round = begin();
            Thread registering = new Thread(() -> {
                for (int i = 0; i < Integer.MAX_VALUE; i++) {
                    String id = round + "-" + i;
                    var version = Site.registry(ops, Site.ADA).register(registration(scratch, id));
                    out.println("ACK " + id + " " + version.position().size() + " .");
                }
            });
            registering.setDaemon(true);
            registering.start();
            for (int i = 0; i < Integer.MAX_VALUE; i++) {
                orphan(round + i);
                makeOld();
                try (StoreInspection inspection = StoreInspection.open(place.existing(), key, memory)) {
                    out.println("DID "
                            + BlobSweep.run(inspection, Duration.ofHours(2), Progress.NONE)
                                    .orphanCount());
                }
            }
        }
    }

    static VersionSpec registration(Path scratch, String id) {
        return Site.spec(scratch, "risk", Math.abs(id.hashCode() % 1_000_000)).as(CommandId.of(id));
    }

    static CheckpointMemory memory(Path scratch) {
        return CheckpointMemories.folder(scratch.resolve("memory"));
    }

    private void orphan(String text) {
        Bytes content = Bytes.ofUtf8(text);
        try (BlobStore blobs = Blobs.directory(place.blobs())) {
            blobs.put(Digest.sha256Of(content), new ByteArrayInputStream(content.toByteArray()));
        }
    }

    private void makeOld() throws IOException {
        FileTime longAgo = FileTime.from(Instant.EPOCH.plus(Duration.ofDays(365)));
        try (Stream<Path> all = Files.walk(place.blobs().resolve("sha256"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                try {
                    Files.setLastModifiedTime(file, longAgo);
                } catch (NoSuchFileException e) {
                    out.println("GONE " + file);
                }
            }
        }
    }

    private void copy() throws IOException {
        begin();
        try (Storage from = place.existing();
                Storage to = copied(scratch).create()) {
            var report = StoreTransfer.copy(from, to, key, (done, total) -> out.println("AT " + done));
            out.println("DID " + report.entries());
        }
    }

    static Place copied(Path scratch) {
        return new Place(scratch.resolve("copy").toString());
    }

    /** Reads blobs in any order through a cache that has room for a few. */
    private void cache() throws IOException {
        try (BlobStore blobs = cached(place, scratch)) {
            List<Digest> all = new ArrayList<>();
            blobs.list(blob -> all.add(blob.digest()));
            begin();
            for (int i = 0; i < Integer.MAX_VALUE; i++) {
                Collections.shuffle(all);
                for (Digest digest : all) {
                    try (InputStream content = blobs.open(digest)) {
                        if (!Digest.sha256Of(Bytes.of(content.readAllBytes())).equals(digest)) {
                            out.println("BROKEN " + digest);
                        }
                    }
                }
                out.println("DID " + all.size());
            }
        }
    }

    static BlobStore cached(Place place, Path scratch) {
        return Blobs.cached(Blobs.directory(place.blobs()), scratch.resolve("cache"), 4_000);
    }
}
