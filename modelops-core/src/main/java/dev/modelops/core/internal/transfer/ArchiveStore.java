package dev.modelops.core.internal.transfer;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.tlog.EntryBundle;
import dev.modelops.core.internal.tlog.TilePath;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An archive as a store that can only be read. Its form is checked when it is opened: which files there are, that none is
 * there twice, compressed, or larger than it may be. What is in them is for the reader to verify, as in any store.
 */
public final class ArchiveStore implements LogStore, BlobStore {
    private static final Pattern LIST = Pattern.compile("log/(seals|checkpoints)/([0-9]{20})");

    private final PlainZip zip;
    private final ArchiveForm.Header header;
    private final TreeMap<Long, String> seals = new TreeMap<>();
    private final TreeMap<Long, String> checkpoints = new TreeMap<>();
    private volatile @Nullable Bundle lastBundle;
    private volatile @Nullable NoteList lastList;

    private record Bundle(long index, List<byte[]> entries) {}

    private record NoteList(String name, List<ArchiveForm.Filed> notes) {}

    private ArchiveStore(PlainZip zip) {
        this.zip = zip;
        if (!zip.names().contains(ArchiveForm.HEADER)) {
            throw zip.damaged("has no file '" + ArchiveForm.HEADER + "'; it is not an archive of a log");
        }
        long bundles = zip.names().stream().filter(this::isBundle).count();
        this.header = ArchiveForm.Header.decode(zip.content(ArchiveForm.HEADER, ArchiveForm.MOST_HEADER_BYTES));
        long size = header.head().size();
        long expected = (size - 1) / TilePath.FULL + 1;
        if (bundles != expected) {
            throw zip.damaged("has " + bundles + " bundles of entries, but " + size + " entries fill " + expected);
        }
    }

    /**
     * Opens an archive.
     *
     * @throws NotFoundException if there is no such file
     * @throws IntegrityException if it is no whole archive
     * @throws StorageException if it cannot be read
     */
    public static Storage open(Path file) {
        ArchiveStore store = openFile(file);
        return new Storage(store, store);
    }

    /** Returns the log key that an archive names, which proves only that the archive agrees with itself. */
    public static LogKey keyIn(Path file) {
        try (ArchiveStore store = openFile(file)) {
            return store.header.logKey();
        }
    }

    private static ArchiveStore openFile(Path file) {
        PlainZip zip = PlainZip.open(file, "archive", PlainZip.MOST_FILES);
        boolean isGood = false;
        try {
            ArchiveStore store = new ArchiveStore(zip);
            isGood = true;
            return store;
        } finally {
            if (!isGood) {
                zip.close();
            }
        }
    }

    /** Files a list of notes, tells whether it is a bundle of entries, and refuses what belongs to no archive. */
    private boolean isBundle(String file) {
        var list = LIST.matcher(file);
        if (list.matches()) {
            try {
                long first = Long.parseLong(list.group(2));
                (list.group(1).equals("seals") ? seals : checkpoints).put(first, file);
                return false;
            } catch (NumberFormatException e) {
                throw zip.damaged("has a file '" + file + "', whose number is too large");
            }
        }
        if (file.equals(ArchiveForm.HEADER) || PlainZip.isBlob(file)) {
            return false;
        }
        try {
            if (file.startsWith(ArchiveForm.LOG)
                    && TilePath.parse(file.substring(ArchiveForm.LOG.length())).level() == TilePath.ENTRIES) {
                return true;
            }
        } catch (IllegalArgumentException e) {
            throw zip.damaged("has a file '" + file + "', which does not belong there: " + e.getMessage());
        }
        throw zip.damaged("has a file '" + file + "', which does not belong there");
    }

    @Override
    public LogHead head() {
        return header.head();
    }

    @Override
    public List<LogRecord> read(long from, int limit) {
        requireRange(from, limit);
        long size = header.head().size();
        if (from >= size) {
            return List.of();
        }
        Bundle bundle = bundle(from / TilePath.FULL);
        List<LogRecord> records = new ArrayList<>();
        for (int i = (int) (from % TilePath.FULL); i < bundle.entries().size() && records.size() < limit; i++) {
            byte[] body = bundle.entries().get(i);
            if (body.length == 0) {
                throw zip.damaged("holds an empty entry " + (from + records.size()));
            }
            records.add(new LogRecord(from + records.size(), Bytes.of(body)));
        }
        return records;
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        requireRange(from, limit);
        return notes(seals, from, limit, filed -> new LogSeal(filed.from(), filed.size(), filed.note()));
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        requireRange(fromSize, limit);
        return notes(
                checkpoints, Math.max(0, fromSize - 1), limit, filed -> new LogCheckpoint(filed.size(), filed.note()));
    }

    @Override
    public Optional<LogCheckpoint> latestCheckpoint() {
        if (checkpoints.isEmpty()) {
            return Optional.empty();
        }
        List<ArchiveForm.Filed> last = list(checkpoints.lastEntry().getValue());
        ArchiveForm.Filed filed = last.get(last.size() - 1);
        return Optional.of(new LogCheckpoint(filed.size(), filed.note()));
    }

    /** Returns notes whose range ends after an index, in order. */
    private <T> List<T> notes(TreeMap<Long, String> lists, long from, int limit, Function<ArchiveForm.Filed, T> form) {
        List<T> found = new ArrayList<>();
        Long start = lists.floorKey(from);
        for (Map.Entry<Long, String> file : (start == null ? lists : lists.tailMap(start, true)).entrySet()) {
            for (ArchiveForm.Filed filed : list(file.getValue())) {
                if (filed.size() > from && found.size() < limit) {
                    found.add(form.apply(filed));
                }
            }
            if (found.size() == limit) {
                break;
            }
        }
        return found;
    }

    private List<ArchiveForm.Filed> list(String file) {
        NoteList last = lastList;
        if (last == null || !last.name().equals(file)) {
            last = new NoteList(file, ArchiveForm.decode(file, zip.content(file, ArchiveForm.MOST_LIST_BYTES)));
            if (!file.endsWith(ArchiveForm.list("", last.notes().get(0).from()))) {
                throw zip.damaged("has a file '" + file + "' that begins elsewhere than its name says");
            }
            lastList = last;
        }
        return last.notes();
    }

    private Bundle bundle(long index) {
        Bundle last = lastBundle;
        if (last == null || last.index() != index) {
            int width = (int) Math.min(TilePath.FULL, header.head().size() - index * TilePath.FULL);
            byte[] content = zip.content(ArchiveForm.bundle(index, width), EntryBundle.MAX_LENGTH);
            last = new Bundle(index, EntryBundle.decode(content, width));
            lastBundle = last;
        }
        return last;
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
    public void list(Consumer<? super StoredBlob> visitor) {
        zip.list(visitor);
    }

    @Override
    public void put(Digest digest, InputStream content) {
        throw readOnly();
    }

    @Override
    public boolean delete(Digest digest) {
        throw readOnly();
    }

    @Override
    public <R> R append(Work<R> work) {
        throw readOnly();
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        throw readOnly();
    }

    @Override
    public void close() {
        zip.close();
    }

    private static void requireRange(long from, int limit) {
        if (from < 0 || limit < 1) {
            throw new IllegalArgumentException(
                    "reading must start at 0 or later and ask for at least 1, but was asked for " + limit + " from "
                            + from);
        }
    }

    private StorageException readOnly() {
        return new StorageException(zip + " can only be read; import it into a store to go on with its log");
    }
}
