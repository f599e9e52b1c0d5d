package dev.modelops.core.internal.audit;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.core.internal.storage.Directories;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.SignedNote;
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

/** Remembers checkpoints as files, one for each log, named by the digest of its origin. */
public final class FileCheckpointMemory implements CheckpointMemory {
    private static final String LOCK = "checkpoints.lock";
    private static final ReentrantLock WITHIN_PROCESS = new ReentrantLock();

    private final Path folder;

    /** Remembers in a folder. */
    public FileCheckpointMemory(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<String> recall(String origin) {
        Path file = file(origin);
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StorageException("the remembered checkpoint '" + file + "' could not be read: " + e, e);
        }
    }

    @Override
    public void remember(Checkpoint checkpoint) {
        Path file = file(checkpoint.origin());
        // A file lock keeps other processes away, but not other threads of this one.
        WITHIN_PROCESS.lock();
        try {
            Directories.create(folder);
            try (FileChannel locked = FileChannel.open(
                            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = locked.lock()) {
                Optional<String> known = recall(checkpoint.origin());
                if (lock.isValid()
                        && known.isPresent()
                        && sizeOf(known.get()) >= checkpoint.position().size()) {
                    return;
                }
                replace(file, checkpoint.note());
            }
        } catch (IOException | OverlappingFileLockException e) {
            throw new StorageException("the checkpoint could not be remembered in '" + file + "': " + e, e);
        } finally {
            WITHIN_PROCESS.unlock();
        }
    }

    private void replace(Path file, String note) throws IOException {
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
    }

    private Path file(String origin) {
        return folder.resolve(Digest.sha256Of(Bytes.ofUtf8(origin)).toHex().substring(0, 32) + ".checkpoint");
    }

    private static long sizeOf(String note) {
        return CheckpointBody.parse(SignedNote.parse(note).text()).size();
    }
}
