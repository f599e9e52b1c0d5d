package dev.modelops.core.internal.witness;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.storage.Directories;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One note for each log in a folder, in files named by the digest of the origin, replaced whole and forced to disk. Any
 * number of processes may use the folder.
 */
public final class NoteFolder {
    private static final String LOCK = "checkpoints.lock";
    private static final ReentrantLock WITHIN_PROCESS = new ReentrantLock();

    private final Path folder;

    /** Keeps notes in a folder, which is made when the first is written. */
    public NoteFolder(Path folder) {
        this.folder = folder;
    }

    /** Returns the note of a log. */
    public Optional<String> read(String origin) {
        Path file = file(origin);
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StorageException("the remembered checkpoint '" + file + "' could not be read: " + e, e);
        }
    }

    /** Runs something while no other thread or process does, such as reading a note and replacing it. */
    public <R> R exclusively(Supplier<R> work) {
        // A file lock keeps other processes away, but not other threads of this one.
        WITHIN_PROCESS.lock();
        try {
            Directories.create(folder);
            try (FileChannel locked = FileChannel.open(
                            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = locked.lock()) {
                if (!lock.isValid()) {
                    throw new StorageException("the lock on '" + folder + "' was lost");
                }
                return work.get();
            }
        } catch (IOException | OverlappingFileLockException e) {
            throw new StorageException("the folder of checkpoints '" + folder + "' could not be used: " + e, e);
        } finally {
            WITHIN_PROCESS.unlock();
        }
    }

    /** Replaces the note of a log. Durable when it returns. */
    public void write(String origin, String note) {
        Path file = file(origin);
        try {
            Path making = Files.createTempFile(folder, "checkpoint-", ".tmp");
            try {
                Files.writeString(making, note);
                try (FileChannel channel = FileChannel.open(making, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                Files.move(making, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(making);
            }
            Directories.force(folder);
        } catch (IOException e) {
            throw new StorageException("the checkpoint could not be remembered in '" + file + "': " + e, e);
        }
    }

    private Path file(String origin) {
        return folder.resolve(Digest.sha256Of(Bytes.ofUtf8(origin)).toHex().substring(0, 32) + ".checkpoint");
    }

    /** Returns where the notes are. */
    @Override
    public String toString() {
        return folder.toString();
    }
}
