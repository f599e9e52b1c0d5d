package dev.modelops.core;

import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.core.internal.audit.FileCheckpointMemory;
import java.nio.file.Path;

/** Makes memories for checkpoints. */
public final class CheckpointMemories {
    private CheckpointMemories() {}

    /**
     * Returns a memory in a folder: one small file for each log, replaced whole and forced to disk. Keep the folder where
     * whoever can write the store cannot write it too, and never restore it from a backup. An older checkpoint never
     * replaces a newer one.
     *
     * @param folder the folder, made at the first use
     * @return the memory; its methods throw {@link dev.modelops.storage.StorageException} when the folder cannot be used
     * @see CheckpointMemory#remember(Checkpoint)
     */
    public static CheckpointMemory folder(Path folder) {
        return new FileCheckpointMemory(folder);
    }
}
