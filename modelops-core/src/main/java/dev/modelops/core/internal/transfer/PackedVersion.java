package dev.modelops.core.internal.transfer;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.audit.BlobReferences;
import dev.modelops.core.internal.audit.Checkpointer;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Recovery;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
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
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One version of a log in a file: the entries about it, a receipt for each under one checkpoint, and the blobs they name.
 * Every byte of the file follows from these: it is compared with what would be written anew.
 *
 * @param source the key of the log that it comes from
 * @param version the version there
 * @param checkpoint the checkpoint that all receipts lead to
 * @param entries the entries, oldest first; the first one registers the version
 */
public record PackedVersion(LogKey source, ModelRef version, Checkpoint checkpoint, List<PackedEntry> entries) {
    private static final String KIND = "version pack";
    private static final String HEADER = "pack.txt";
    private static final String FIRST_LINE = "modelops.dev/pack@v1";
    private static final Pattern ENTRY = Pattern.compile("entries/([0-9]{20})\\.json");
    private static final Pattern RECEIPT = Pattern.compile("receipts/([0-9]{20})\\.tlog-proof");
    private static final int MOST_FILES = 200_000;
    private static final int MOST_HEADER_BYTES = 4096;
    private static final int MOST_RECEIPT_BYTES = 64 * 1024;
    private static final int MOST_PROOF_BYTES = 64 * 1024 * 1024;

    private static final Set<EntryType> PACKED = EnumSet.of(
            EntryType.VERSION_REGISTERED,
            EntryType.EVIDENCE_ATTACHED,
            EntryType.VERSION_APPROVED,
            EntryType.VERSION_REJECTED,
            EntryType.JUDGEMENT_WITHDRAWN,
            EntryType.CHAMPION_PROMOTED,
            EntryType.CHAMPION_ROLLED_BACK,
            EntryType.VERSION_TRANSITIONED);

    /** An entry with its bytes and its receipt. */
    public record PackedEntry(Entry entry, Bytes body, String receipt) {}

    /** Copies the list in. */
    public PackedVersion {
        entries = List.copyOf(entries);
    }

    /**
     * Writes a version of a stored log into a file.
     *
     * @throws NotFoundException if there is no such version under a checkpoint
     * @throws IntegrityException if the log cannot be believed
     * @throws StorageException if there is such a file already, or it cannot be written
     */
    public static PackedVersion write(Storage from, LogKey key, ModelRef ref, Path file, Progress progress) {
        Ledger ledger = Ledger.open(from, key, null);
        ModelVersion version = ledger.tip().state().requireVersion(ref).version();
        Checkpoint checkpoint = new Checkpointer(ledger, from.log(), null, null, null).current();
        long size = checkpoint.position().size();
        List<PackedEntry> entries = new ArrayList<>();
        if (version.position().index() < size) {
            ledger.scan(version.position().index(), size, (entry, body) -> {
                if (progress.isCancelled()) {
                    throw new CancellationException("packing " + ref + " was cancelled; nothing is left of the file");
                }
                if (ref.toString().equals(entry.subject()) && PACKED.contains(entry.type())) {
                    entries.add(new PackedEntry(
                            entry,
                            body,
                            TlogProof.format(
                                    entry.index(),
                                    ledger.tree().inclusionProof(entry.index(), size),
                                    checkpoint.note())));
                }
                progress.report(entry.index() + 1, size);
                return true;
            });
        }
        if (entries.isEmpty()) {
            throw new NotFoundException(ref + " is not under a checkpoint yet; whoever holds the log key signs one");
        }
        PackedVersion packed = new PackedVersion(key, ref, checkpoint, entries);
        return PlainZipWriter.write(file, progress, zip -> packed.writeTo(zip, from.blobs()));
    }

    /**
     * Opens a file, and verifies every byte of it: every entry by its receipt under the key of the log it is said to come
     * from, every blob by its digest.
     *
     * @param source the key of that log, from elsewhere than the file
     * @throws NotFoundException if there is no such file
     * @throws IntegrityException if it is not what that log would have packed
     */
    public static Opened open(Path file, LogKey source, Progress progress) {
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
            return new Opened(packed, blobs, found);
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

    /** A pack that was verified, with the blobs in it, open until it is closed. */
    public record Opened(PackedVersion packed, BlobStore blobs, Digest digest) implements AutoCloseable {
        @Override
        public void close() {
            blobs.close();
        }
    }

    /** Returns the entry that registered the version. */
    public Entry registration() {
        return entries.get(0).entry();
    }

    private PackedVersion writeTo(PlainZipWriter zip, BlobStore blobs) throws IOException {
        zip.add(HEADER, header().getBytes(StandardCharsets.UTF_8));
        long proofBytes = 0;
        for (PackedEntry packed : entries) {
            String number = String.format(Locale.ROOT, "%020d", packed.entry().index());
            byte[] receipt = packed.receipt().getBytes(StandardCharsets.UTF_8);
            proofBytes += receipt.length + packed.body().length();
            if (proofBytes > MOST_PROOF_BYTES || receipt.length > MOST_RECEIPT_BYTES) {
                throw new StorageException("the entries about " + version
                        + " and their receipts are more than a pack may" + " hold, " + MOST_PROOF_BYTES + " bytes");
            }
            for (BlobReferences.Reference reference : BlobReferences.all(packed.entry(), blobs)) {
                zip.addBlob(blobs, reference.digest());
            }
            zip.add("entries/" + number + ".json", packed.body().toByteArray());
            zip.add("receipts/" + number + ".tlog-proof", receipt);
        }
        return this;
    }

    private String header() {
        return FIRST_LINE + "\n" + source.text() + "\n" + version + "\n";
    }

    private static PackedVersion read(PlainZip zip, LogKey source) {
        NoteVerifier key = NoteVerifier.parse(source.text());
        ModelRef version = version(zip, source);
        List<PackedEntry> entries = new ArrayList<>();
        Checkpoint checkpoint = null;
        long proofBytes = 0;
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
            proofBytes += body.length + receipt.length;
            if (proofBytes > MOST_PROOF_BYTES) {
                throw zip.damaged("holds more entries and receipts than a pack may, " + MOST_PROOF_BYTES + " bytes");
            }
            String text = new String(receipt, StandardCharsets.UTF_8);
            try {
                TlogProof proof = TlogProof.parse(text);
                CheckpointBody signed = proof.verify(body, key);
                String note = proof.checkpoint().toString();
                if (checkpoint == null) {
                    checkpoint = new Checkpoint(
                            signed.origin(), LogPosition.of(signed.size()), Digest.sha256(signed.root()), note);
                } else if (!checkpoint.note().equals(note)) {
                    throw zip.damaged("has receipts under two checkpoints");
                }
                Entry entry = Entry.decode(proof.index(), body);
                requireAbout(zip, entry, key.name(), version, entries.isEmpty());
                entries.add(new PackedEntry(entry, Bytes.of(body), text));
            } catch (NoteException | IllegalArgumentException e) {
                throw zip.damaged("has an entry '" + name + "' that is not proved: " + e.getMessage());
            }
        }
        if (checkpoint == null) {
            throw zip.damaged("holds no entries");
        }
        return new PackedVersion(source, version, checkpoint, entries);
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

    private static void requireAbout(PlainZip zip, Entry entry, String origin, ModelRef version, boolean isFirst) {
        boolean registers = entry.type() == EntryType.VERSION_REGISTERED;
        if (!Recovery.isOrBefore(entry.source(), origin)
                || !version.toString().equals(entry.subject())
                || !PACKED.contains(entry.type())
                || registers != isFirst) {
            throw zip.damaged("has an entry " + entry.index() + ", '" + entry.typeName() + "' about " + entry.subject()
                    + ", that does not belong to " + version + " of " + origin);
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
