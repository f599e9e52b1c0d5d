package dev.modelops.core;

import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.Witness;
import dev.modelops.core.internal.audit.FileCheckpointMemory;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.SignedNote;
import java.nio.file.Path;
import java.util.Optional;

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

    /**
     * Returns a memory of one checkpoint that is given: from the environment, from a configuration that is deployed, from a
     * receipt. It remembers nothing more, so it notices only a store that is older than, or different from, that one.
     *
     * @param checkpoint the signed note
     * @return the memory
     * @throws IllegalArgumentException if the text is no note of a checkpoint; who signed it is checked where it is used
     */
    public static CheckpointMemory fixed(String checkpoint) {
        String origin;
        try {
            origin = CheckpointBody.parse(SignedNote.parse(checkpoint).text()).origin();
        } catch (NoteException e) {
            throw new IllegalArgumentException("expected a signed checkpoint: " + e.getMessage(), e);
        }
        return new CheckpointMemory() {
            @Override
            public Optional<String> recall(String of) {
                return of.equals(origin) ? Optional.of(checkpoint) : Optional.empty();
            }

            @Override
            public void remember(Checkpoint newer) {
                // What is fixed stays.
            }
        };
    }

    /**
     * Returns what a witness has cosigned last as a memory, to verify or inspect a store by: whoever holds the store cannot
     * have made the witness forget. Asks the witness at every recall; to open a log with a witness, use
     * {@link dev.modelops.Opening#witness} instead.
     *
     * @param witness the witness
     * @return the memory, which remembers nothing itself; it throws {@link dev.modelops.storage.StorageException} when the
     *     witness cannot be asked
     */
    public static CheckpointMemory of(Witness witness) {
        return new CheckpointMemory() {
            @Override
            public Optional<String> recall(String origin) {
                return witness.newest(origin);
            }

            @Override
            public void remember(Checkpoint newer) {
                // The witness remembers what it cosigns.
            }
        };
    }
}
