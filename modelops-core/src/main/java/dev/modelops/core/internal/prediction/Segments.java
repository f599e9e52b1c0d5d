package dev.modelops.core.internal.prediction;

import dev.modelops.Environment;
import dev.modelops.IntegrityException;
import dev.modelops.ModelName;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.serving.PredictionRecord;
import dev.modelops.storage.BlobStore;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Reads what segments of the log hold, in the order of the log, each held against what its entry says. */
public final class Segments {
    private final Ledger ledger;
    private final BlobStore blobs;

    /** Reads the segments of a log. */
    public Segments(Ledger ledger, BlobStore blobs) {
        this.ledger = ledger;
        this.blobs = blobs;
    }

    /** Is told what was read, in the order of the log, and within a segment in the order in which it was recorded. */
    public interface Reader {
        /** Told of a prediction. */
        default void prediction(Entry segment, PredictionRecord record) {}

        /** Told of an outcome; the same may come again. */
        default void outcome(Entry segment, Outcome outcome) {}

        /** Told of a window. */
        default void window(Entry segment, CountedWindow window) {}

        /** Told of a segment whose records have expired. */
        default void expired(Entry segment, Segment.Kind kind) {}
    }

    /**
     * Reads.
     *
     * @param model the model
     * @param environment where it serves
     * @param kinds which records are read
     * @param from the index of the first entry that is looked at
     * @param to that after the last
     * @param reader who is told
     * @throws NotFoundException if a segment is missing that has not expired
     * @throws IntegrityException if a segment is other than was recorded
     */
    public void read(
            ModelName model, Environment environment, Set<Segment.Kind> kinds, long from, long to, Reader reader) {
        if (from >= to) {
            return;
        }
        ledger.scan(from, to, (entry, body) -> {
            if (entry.type() == EntryType.SEGMENT_RECORDED
                    && model.value().equals(entry.subject())
                    && environment.value().equals(entry.find("environment"))) {
                Segment.Kind kind = Segment.Kind.of(entry);
                if (kind != null && kinds.contains(kind)) {
                    if (ledger.tip().state().texts().isExpired(model, entry.index())) {
                        reader.expired(entry, kind);
                    } else {
                        read(entry, model, kind, reader);
                    }
                }
            }
            return true;
        });
    }

    private void read(Entry entry, ModelName model, Segment.Kind kind, Reader reader) {
        List<byte[]> lines;
        try {
            lines = lines(entry, segment(entry), blobs);
        } catch (NotFoundException e) {
            if (ledger.tip().state().texts().isExpired(model, entry.index())) {
                // Meanwhile.
                reader.expired(entry, kind);
                return;
            }
            throw e;
        }
        give(entry, kind, lines, reader);
    }

    /**
     * Reads the segment that an entry names, where there is no ledger to ask whether it expired.
     *
     * @throws NotFoundException if it is missing
     * @throws IntegrityException if it is other than was recorded
     */
    public static void read(Entry entry, Segment.Kind kind, BlobStore blobs, Reader reader) {
        give(entry, kind, lines(entry, segment(entry), blobs), reader);
    }

    private static void give(Entry entry, Segment.Kind kind, List<byte[]> lines, Reader reader) {
        for (byte[] line : lines) {
            switch (kind) {
                case PREDICTIONS -> reader.prediction(entry, prediction(entry, line));
                case OUTCOMES -> reader.outcome(entry, read(entry, line, Outcome::read));
                case WINDOWS -> reader.window(entry, read(entry, line, CountedWindow::read));
            }
        }
    }

    /** Reads a prediction of a segment. */
    static PredictionRecord prediction(Entry entry, byte[] line) {
        return read(entry, line, Records::read);
    }

    private static <T> T read(Entry entry, byte[] line, Function<byte[], T> read) {
        try {
            return read.apply(line);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException(
                    "the segment that entry " + entry.index() + " names has a record that is none: " + e.getMessage(),
                    e);
        }
    }

    /** Returns what an entry says of its segment. */
    static Segment segment(Entry entry) {
        try {
            return Segment.read(entry);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException(
                    "entry " + entry.index() + " names a segment that cannot be read: " + e.getMessage(), e);
        }
    }

    /** Returns the lines of a segment that has not expired. */
    static List<byte[]> lines(Entry entry, Segment segment, BlobStore blobs) {
        try {
            return segment.lines(blobs);
        } catch (NotFoundException e) {
            throw new NotFoundException("the segment that entry " + entry.index()
                    + " names is missing from the store, though its records have not expired; restore the blob from a"
                    + " backup: " + e.getMessage());
        }
    }
}
