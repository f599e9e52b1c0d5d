package dev.modelops.core.internal.audit;

import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.core.internal.witness.NoteFolder;
import java.nio.file.Path;
import java.util.Optional;

/** Remembers checkpoints as files, one for each log. */
public final class FileCheckpointMemory implements CheckpointMemory {
    private final NoteFolder notes;

    /** Remembers in a folder. */
    public FileCheckpointMemory(Path folder) {
        this.notes = new NoteFolder(folder);
    }

    @Override
    public Optional<String> recall(String origin) {
        return notes.read(origin);
    }

    @Override
    public void remember(Checkpoint checkpoint) {
        notes.exclusively(() -> {
            Optional<String> known = notes.read(checkpoint.origin());
            if (known.isEmpty() || sizeOf(known.get()) < checkpoint.position().size()) {
                notes.write(checkpoint.origin(), checkpoint.note());
            }
            return known;
        });
    }

    private static long sizeOf(String note) {
        return CheckpointBody.parse(SignedNote.parse(note).text()).size();
    }
}
