package dev.modelops.core.internal.tlog;

import dev.modelops.IntegrityException;
import dev.modelops.Progress;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A log as a folder of files that anybody can serve and verify (C2SP tlog-tiles): bundles of entries, tiles of hashes, and the
 * checkpoint they lead to. Memory stays flat whatever the size. One writer at a time for a folder.
 */
public final class TileTree {
    private static final int ENTRIES_PER_READ = 4 * TilePath.FULL;
    private static final String CHECKPOINT = "checkpoint";

    private TileTree() {}

    /** Reads the entries of a log in order. */
    @FunctionalInterface
    public interface EntrySource {
        /**
         * Returns entries, at least one and at most {@code limit}; they are in the log.
         *
         * @param from the index of the first
         * @param limit the most to return
         */
        List<byte[]> entries(long from, int limit);
    }

    /**
     * What was found to be right.
     *
     * @param checkpoint the checkpoint that everything leads to
     * @param files the number of bundles and tiles read
     */
    public record Report(CheckpointBody checkpoint, long files) {}

    /**
     * Writes a log of the given size. Files that are there already with the same bytes are kept; a partial tile of an earlier
     * export stays beside the one that replaces it. The checkpoint comes last, when all else is forced to disk, so that a
     * folder with a checkpoint is complete.
     *
     * @param folder where to, made if it does not exist
     * @param size the number of entries, that of the checkpoint
     * @param entries the entries, which are read once
     * @param checkpointNote the signed checkpoint; its signature is the caller's care
     * @param progress follows the work, in entries
     * @throws IntegrityException if the entries do not lead to the checkpoint, nor to one that is in the folder, or a file is
     *     there with other bytes; no checkpoint is written then
     * @throws CancellationException if the progress cancels; what was written is right and kept
     * @throws StorageException if the folder cannot be read or written
     */
    public static void write(Path folder, long size, EntrySource entries, String checkpointNote, Progress progress) {
        CheckpointBody checkpoint =
                CheckpointBody.parse(SignedNote.parse(checkpointNote).text());
        if (checkpoint.size() != size) {
            throw new IllegalArgumentException(
                    "size must be that of the checkpoint, " + checkpoint.size() + ", but was " + size);
        }
        try (TileFolder files = TileFolder.create(folder)) {
            CheckpointBody former = formerCheckpoint(folder, checkpoint);
            TreeHasher hasher = new TreeHasher();
            TileLevels levels = new TileLevels(hasher, files::put);
            List<byte[]> bundle = new ArrayList<>(TilePath.FULL);
            long done = 0;
            while (done < size) {
                requireNotCancelled(progress);
                for (byte[] entry : read(entries, done, (int) Math.min(ENTRIES_PER_READ, size - done))) {
                    requireSameHistory(folder, former, done, levels);
                    if (entry.length > EntryBundle.MAX_ENTRY) {
                        throw new IntegrityException("entry " + done + " must have at most " + EntryBundle.MAX_ENTRY
                                + " bytes to be exported, but has " + entry.length);
                    }
                    bundle.add(entry);
                    done++;
                    if (bundle.size() == TilePath.FULL) {
                        putBundle(files, done, bundle);
                    }
                    levels.add(hasher.leaf(entry));
                }
                progress.report(done, size);
            }
            requireSameHistory(folder, former, size, levels);
            if (!Arrays.equals(levels.root(), checkpoint.root())) {
                throw new IntegrityException("entries must lead to the root of the checkpoint, "
                        + NoteSyntax.base64(checkpoint.root()) + ", but lead to " + NoteSyntax.base64(levels.root())
                        + ": verify the store");
            }
            if (!bundle.isEmpty()) {
                putBundle(files, size, bundle);
            }
            levels.emitPartials();
            requireNotCancelled(progress);
            files.putCheckpoint(checkpointNote.getBytes(StandardCharsets.UTF_8));
        } catch (FileAlreadyExistsException e) {
            throw new StorageException(
                    "could not write the log to " + folder + ": a file is where a folder must be, " + e.getFile()
                            + "; name another folder",
                    e);
        } catch (IOException e) {
            throw new StorageException("could not write the log to " + folder + ": " + e, e);
        }
    }

    /**
     * Reads a folder back and verifies that its entries, its tiles and its checkpoint agree, and that the checkpoint is of
     * the log whose key this is. Partial tiles of earlier sizes are not looked at.
     *
     * @param folder the folder
     * @param key the key of the log, from a source other than the folder
     * @param progress follows the work, in entries
     * @throws IntegrityException naming the first file that is missing or wrong
     * @throws CancellationException if the progress cancels
     * @throws StorageException if the folder cannot be read
     */
    public static Report verify(Path folder, NoteVerifier key, Progress progress) {
        try {
            Path checkpointFile = folder.resolve(CHECKPOINT);
            SignedNote note = readCheckpoint(checkpointFile);
            if (note == null) {
                throw missing(checkpointFile);
            }
            CheckpointBody checkpoint = verified(checkpointFile, note, key);
            long size = checkpoint.size();
            long[] files = {0};
            TreeHasher hasher = new TreeHasher();
            TileLevels levels = new TileLevels(hasher, (path, expected) -> {
                requireTile(folder, path, expected);
                files[0]++;
            });
            for (long done = 0; done < size; ) {
                requireNotCancelled(progress);
                int width = (int) Math.min(TilePath.FULL, size - done);
                List<byte[]> bundle = readBundle(folder, new TilePath(TilePath.ENTRIES, done / TilePath.FULL, width));
                files[0]++;
                for (byte[] entry : bundle) {
                    levels.add(hasher.leaf(entry));
                }
                done += width;
                progress.report(done, size);
            }
            levels.emitPartials();
            if (!Arrays.equals(levels.root(), checkpoint.root())) {
                throw new IntegrityException("entries and tiles in " + folder + " lead to the root "
                        + NoteSyntax.base64(levels.root()) + ", but " + checkpointFile + " says "
                        + NoteSyntax.base64(checkpoint.root()) + ": they were changed together");
            }
            return new Report(checkpoint, files[0]);
        } catch (IOException e) {
            throw new StorageException("could not read the log from " + folder + ": " + e, e);
        }
    }

    private static @Nullable CheckpointBody formerCheckpoint(Path folder, CheckpointBody next) throws IOException {
        Path file = folder.resolve(CHECKPOINT);
        SignedNote note = readCheckpoint(file);
        if (note == null) {
            return null;
        }
        CheckpointBody former = body(file, note);
        if (!former.origin().equals(next.origin())) {
            throw new IntegrityException(file + " is of the log '" + NoteSyntax.cut(former.origin()) + "', not of "
                    + next.origin() + ": export to another folder");
        }
        if (former.size() > next.size()) {
            throw new IntegrityException(file + " is of size " + former.size() + ", but the log to export has "
                    + next.size() + ": it lost entries, or the checkpoint to export is an old one");
        }
        return former;
    }

    private static void requireSameHistory(Path folder, @Nullable CheckpointBody former, long size, TileLevels levels) {
        if (former != null && former.size() == size && !Arrays.equals(former.root(), levels.root())) {
            throw new IntegrityException(folder.resolve(CHECKPOINT) + " says that the first " + size
                    + " entries lead to the root " + NoteSyntax.base64(former.root()) + ", but they now lead to "
                    + NoteSyntax.base64(levels.root()) + ": the log was rewritten; keep the folder as evidence");
        }
    }

    private static List<byte[]> read(EntrySource source, long from, int limit) {
        List<byte[]> entries = source.entries(from, limit);
        if (entries.isEmpty() || entries.size() > limit) {
            throw new IntegrityException("expected 1 to " + limit + " entries from " + from + ", but read "
                    + entries.size() + ": verify the store");
        }
        return entries;
    }

    private static void putBundle(TileFolder files, long end, List<byte[]> bundle) throws IOException {
        files.put(new TilePath(TilePath.ENTRIES, (end - 1) / TilePath.FULL, bundle.size()), EntryBundle.encode(bundle));
        bundle.clear();
    }

    private static void requireTile(Path folder, TilePath path, byte[] expected) throws IOException {
        Path file = folder.resolve(path.toString());
        int maxLength = TilePath.FULL * TreeHasher.LENGTH;
        byte[] found = TileFolder.read(file, maxLength);
        if (found == null && path.width() < TilePath.FULL) {
            file = folder.resolve(path.full().toString());
            byte[] full = TileFolder.read(file, maxLength);
            found = full != null && full.length == maxLength ? Arrays.copyOf(full, expected.length) : full;
        }
        if (found == null) {
            throw missing(file);
        }
        if (!Arrays.equals(found, expected)) {
            throw new IntegrityException(
                    file + " does not hold the hashes that the entries lead to: it or they were changed");
        }
    }

    private static List<byte[]> readBundle(Path folder, TilePath path) throws IOException {
        Path file = folder.resolve(path.toString());
        byte[] found = TileFolder.read(file, EntryBundle.MAX_LENGTH);
        int width = path.width();
        if (found == null && width < TilePath.FULL) {
            file = folder.resolve(path.full().toString());
            found = TileFolder.read(file, EntryBundle.MAX_LENGTH);
            width = TilePath.FULL;
        }
        if (found == null) {
            throw missing(file);
        }
        try {
            return EntryBundle.decode(found, width).subList(0, path.width());
        } catch (IntegrityException e) {
            throw new IntegrityException(file + " is not a bundle of entries: " + e.getMessage(), e);
        }
    }

    private static @Nullable SignedNote readCheckpoint(Path file) throws IOException {
        byte[] bytes = TileFolder.read(file, NoteSyntax.MAX_LENGTH);
        if (bytes == null) {
            return null;
        }
        try {
            return SignedNote.parse(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException | NoteException e) {
            throw new IntegrityException(file + " is not a signed note: " + e.getMessage(), e);
        }
    }

    private static CheckpointBody body(Path file, SignedNote note) {
        try {
            return CheckpointBody.parse(note.text());
        } catch (NoteException e) {
            throw new IntegrityException(file + " is not a checkpoint: " + e.getMessage(), e);
        }
    }

    private static CheckpointBody verified(Path file, SignedNote note, NoteVerifier key) {
        try {
            if (note.verifiedBy(Set.of(key)).isEmpty()) {
                throw new IntegrityException(
                        file + " must be signed by " + key.name() + " with key id " + key.keyIdHex() + ", but is not");
            }
        } catch (NoteException e) {
            throw new IntegrityException(file + " does not verify: " + e.getMessage(), e);
        }
        CheckpointBody checkpoint = body(file, note);
        if (!checkpoint.origin().equals(key.name())) {
            throw new IntegrityException(file + " must be of the log " + key.name() + ", but is of '"
                    + NoteSyntax.cut(checkpoint.origin()) + "'");
        }
        return checkpoint;
    }

    private static IntegrityException missing(Path file) {
        return new IntegrityException(file + " is missing: export the log again, or fetch the file from its source");
    }

    private static void requireNotCancelled(Progress progress) {
        if (progress.isCancelled()) {
            throw new CancellationException("the work on the tile tree was cancelled");
        }
    }
}
