package dev.modelops.core.internal.transfer;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.artifact.Pack;
import dev.modelops.core.internal.audit.BlobReferences;
import dev.modelops.core.internal.audit.Checkpointer;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.registry.ModelVersion;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One version of a log in a file: the entries about it, a receipt for each under one checkpoint, and the blobs they name.
 * Every byte of the file follows from these: it is compared with what would be written anew.
 *
 * @param contents the entries and receipts
 */
public record PackedVersion(SourceEntries contents) {
    private static final String KIND = "version pack";
    private static final String HEADER = "pack.txt";
    private static final String FIRST_LINE = "modelops.dev/pack@v1";
    private static final Pattern ENTRY = Pattern.compile("entries/([0-9]{20})\\.json");
    private static final Pattern RECEIPT = Pattern.compile("receipts/([0-9]{20})\\.tlog-proof");
    private static final int MOST_FILES = 200_000;
    private static final int MOST_HEADER_BYTES = 4096;
    private static final int MOST_RECEIPT_BYTES = 64 * 1024;

    /**
     * Writes a version of a stored log into a file.
     *
     * @throws NotFoundException if there is no such version under a checkpoint
     * @throws IntegrityException if the log cannot be believed
     * @throws StorageException if there is such a file already, or it cannot be written
     */
    public static PackedVersion write(Storage from, LogKey key, ModelRef ref, Path file, Progress progress) {
        PackedVersion packed = new PackedVersion(collect(from, key, ref, progress));
        return PlainZipWriter.write(file, progress, zip -> packed.writeTo(zip, from.blobs()));
    }

    /** Returns what a stored log says of a version, with receipts under its newest checkpoint. */
    static SourceEntries collect(Storage from, LogKey key, ModelRef ref, Progress progress) {
        Ledger ledger = Ledger.open(from, key, null);
        ModelVersion version = ledger.tip().state().requireVersion(ref).version();
        Checkpoint checkpoint = new Checkpointer(ledger, from.log(), null, null, null).current();
        long size = checkpoint.position().size();
        SourceEntries.Collector collector = new SourceEntries.Collector(key, ref);
        boolean[] isEmpty = {true};
        if (version.position().index() < size) {
            ledger.scan(version.position().index(), size, (entry, body) -> {
                if (progress.isCancelled()) {
                    throw new CancellationException("packing " + ref + " was cancelled; nothing is left of the file");
                }
                if (SourceEntries.isAbout(entry, ref)) {
                    isEmpty[0] = false;
                    String receipt = TlogProof.format(
                            entry.index(), ledger.tree().inclusionProof(entry.index(), size), checkpoint.note());
                    add(collector, body, receipt);
                }
                progress.report(entry.index() + 1, size);
                return true;
            });
        }
        if (isEmpty[0]) {
            throw new NotFoundException(ref + " is not under a checkpoint yet; whoever holds the log key signs one");
        }
        return collector.done();
    }

    /**
     * Opens a file, and verifies every byte of it: every entry by its receipt under the key of the log it is said to come
     * from, every blob by its digest.
     *
     * @param source the key of that log, from elsewhere than the file
     * @throws NotFoundException if there is no such file
     * @throws IntegrityException if it is not what that log would have packed
     */
    public static Pack open(Path file, LogKey source, Progress progress) {
        PlainZip zip = PlainZip.open(file, KIND, MOST_FILES);
        boolean isGood = false;
        try {
            PackedVersion packed = read(zip, source);
            PackBlobs blobs = new PackBlobs(zip);
            Digest canonical = canonical(packed, zip, blobs, progress);
            Digest found = digest(file, progress);
            if (!canonical.equals(found)) {
                throw zip.damaged("has bytes that belong to no such pack");
            }
            isGood = true;
            return new Pack(packed.contents(), blobs, found);
        } finally {
            if (!isGood) {
                zip.close();
            }
        }
    }

    private static Digest canonical(PackedVersion packed, PlainZip zip, BlobStore blobs, Progress progress) {
        try {
            return PlainZipWriter.digest(progress, again -> packed.writeTo(again, blobs));
        } catch (NotFoundException e) {
            throw zip.damaged("lacks what it speaks of: " + e.getMessage());
        } catch (IntegrityException e) {
            throw zip.damaged("holds other content than it speaks of: " + e.getMessage());
        }
    }

    private static void add(SourceEntries.Collector collector, Bytes body, String receipt) {
        try {
            collector.add(body.toByteArray(), receipt);
        } catch (IllegalArgumentException e) {
            throw new StorageException("the version cannot be packed: " + e.getMessage(), e);
        }
    }

    private PackedVersion writeTo(PlainZipWriter zip, BlobStore blobs) throws IOException {
        zip.add(HEADER, header().getBytes(StandardCharsets.UTF_8));
        for (SourceEntries.Item packed : contents.items()) {
            String number = String.format(Locale.ROOT, "%020d", packed.entry().index());
            for (BlobReferences.Reference reference : BlobReferences.all(packed.entry(), blobs)) {
                zip.addBlob(blobs, reference.digest());
            }
            zip.add("entries/" + number + ".json", packed.body().toByteArray());
            zip.add("receipts/" + number + ".tlog-proof", packed.receipt().getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    private String header() {
        return FIRST_LINE + "\n" + contents.source().text() + "\n" + contents.version() + "\n";
    }

    private static PackedVersion read(PlainZip zip, LogKey source) {
        SourceEntries.Collector collector = new SourceEntries.Collector(source, version(zip, source));
        for (String name : zip.names()) {
            Matcher matcher = ENTRY.matcher(name);
            if (!matcher.matches()) {
                if (!name.equals(HEADER)
                        && !PlainZip.isBlob(name)
                        && !RECEIPT.matcher(name).matches()) {
                    throw zip.damaged("has a file '" + name + "', which does not belong there");
                }
                continue;
            }
            byte[] body = zip.content(name, Entry.MAX_BYTES);
            byte[] receipt = zip.content("receipts/" + matcher.group(1) + ".tlog-proof", MOST_RECEIPT_BYTES);
            try {
                collector.add(body, new String(receipt, StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw zip.damaged("has an entry '" + name + "' that it should not have: " + e.getMessage());
            }
        }
        try {
            return new PackedVersion(collector.done());
        } catch (IllegalArgumentException e) {
            throw zip.damaged(String.valueOf(e.getMessage()));
        }
    }

    private static ModelRef version(PlainZip zip, LogKey source) {
        List<String> lines = new String(zip.content(HEADER, MOST_HEADER_BYTES), StandardCharsets.UTF_8)
                .lines()
                .toList();
        if (lines.size() != 3 || !lines.get(0).equals(FIRST_LINE)) {
            throw zip.damaged("does not begin as a version pack, or is one of a later release");
        }
        if (!lines.get(1).equals(source.text())) {
            throw zip.damaged(
                    "says that it comes from the log " + lines.get(1) + ", but trusted is the log " + source.text());
        }
        try {
            return ModelRef.parse(lines.get(2));
        } catch (IllegalArgumentException e) {
            throw zip.damaged("names no version: " + e.getMessage());
        }
    }

    private static Digest digest(Path file, Progress progress) {
        MessageDigest sha256 = Crypto.sha256();
        byte[] buffer = new byte[128 * 1024];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (progress.isCancelled()) {
                    throw new CancellationException("verifying '" + file + "' was cancelled");
                }
                sha256.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new StorageException("'" + file + "' could not be read: " + e.getMessage(), e);
        }
        return Digest.sha256(sha256.digest());
    }

    /** The blobs of a pack, only read. */
    private record PackBlobs(PlainZip zip) implements BlobStore {
        @Override
        public void put(Digest digest, InputStream content) {
            throw new StorageException(zip + " can only be read");
        }

        @Override
        public InputStream open(Digest digest) {
            return zip.open(digest);
        }

        @Override
        public boolean contains(Digest digest) {
            return zip.contains(digest);
        }

        @Override
        public boolean delete(Digest digest) {
            throw new StorageException(zip + " can only be read");
        }

        @Override
        public void list(Consumer<? super StoredBlob> visitor) {
            zip.list(visitor);
        }

        @Override
        public void close() {
            zip.close();
        }
    }
}
