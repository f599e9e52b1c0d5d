package dev.modelops.core.internal.audit;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Remembers checkpoints as files, one for each log, named by the digest of its origin. */
public final class FileCheckpointMemory implements CheckpointMemory {
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
    public synchronized void remember(Checkpoint checkpoint) {
        Optional<String> known = recall(checkpoint.origin());
        if (known.isPresent() && sizeOf(known.get()) >= checkpoint.position().size()) {
            return;
        }
        Path file = file(checkpoint.origin());
        try {
            Files.createDirectories(folder);
            Path making = Files.createTempFile(folder, "checkpoint-", ".tmp");
            Files.writeString(making, checkpoint.note());
            try (FileChannel channel = FileChannel.open(making, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(making, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StorageException("the checkpoint could not be remembered in '" + file + "': " + e, e);
        }
    }

    private Path file(String origin) {
        return folder.resolve(Digest.sha256Of(Bytes.ofUtf8(origin)).toHex().substring(0, 32) + ".checkpoint");
    }

    private static long sizeOf(String note) {
        return CheckpointBody.parse(SignedNote.parse(note).text()).size();
    }
}
