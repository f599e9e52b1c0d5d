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
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * An archive as a store that can only be read. Its form is checked when it is opened: which files there are, that none is
 * there twice, compressed, or larger than it may be. What is in them is for the reader to verify, as in any store.
 */
public final class ArchiveStore implements LogStore, BlobStore {
    private static final Pattern BLOB = Pattern.compile(ArchiveForm.BLOBS + "[0-9a-f]{64}");
    private static final Pattern LIST = Pattern.compile("log/(seals|checkpoints)/([0-9]{20})");

    private final String name;
    private final ZipFile zip;
    private final ArchiveForm.Header header;
    private final TreeMap<Long, String> seals = new TreeMap<>();
    private final TreeMap<Long, String> checkpoints = new TreeMap<>();
    private volatile @Nullable Bundle lastBundle;
    private volatile @Nullable NoteList lastList;

    private record Bundle(long index, List<byte[]> entries) {}

    private record NoteList(String name, List<ArchiveForm.Filed> notes) {}

    private ArchiveStore(Path file, ZipFile zip) throws IOException {
        this.name = "the archive '" + file + "'";
        this.zip = zip;
        long bundles = index(Files.size(file));
        this.header = ArchiveForm.Header.decode(content(ArchiveForm.HEADER, ArchiveForm.MOST_HEADER_BYTES));
        long size = header.head().size();
        long expected = (size + TilePath.FULL - 1) / TilePath.FULL;
        if (bundles != expected) {
            throw damaged("has " + bundles + " bundles of entries, but " + size + " entries fill " + expected);
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
        if (!Files.isRegularFile(file)) {
            throw new NotFoundException("there is no archive '" + file + "'; check the path");
        }
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (ZipException e) {
            throw new IntegrityException(
                    "'" + file + "' is no archive, or not all of one (" + e.getMessage() + "); get it again", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new StorageException("the archive '" + file + "' could not be read: " + e.getMessage(), e);
        }
        try {
            return new ArchiveStore(file, zip);
        } catch (IOException e) {
            StorageException failure =
                    new StorageException("the archive '" + file + "' could not be read: " + e.getMessage(), e);
            close(zip, failure);
            throw failure;
        } catch (RuntimeException e) {
            close(zip, e);
            throw e;
        }
    }

    private static void close(ZipFile zip, Throwable cause) {
        try {
            zip.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Takes stock of the files, and returns how many bundles of entries there are. */
    private long index(long fileSize) {
        if (zip.size() > ArchiveForm.MOST_FILES) {
            throw damaged("has " + zip.size() + " files, but may have " + ArchiveForm.MOST_FILES);
        }
        Set<String> names = new HashSet<>();
        long bundles = 0;
        long total = 0;
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
            ZipEntry entry = entries.nextElement();
            String file = entry.getName();
            if (!names.add(file)) {
                throw damaged("has two files '" + file + "'");
            }
            total += Math.max(0, entry.getSize());
            boolean isPlain = entry.getMethod() == ZipEntry.STORED
                    && entry.getSize() == entry.getCompressedSize()
                    && entry.getSize() >= 0;
            if (!isPlain || total > fileSize) {
                throw damaged("says that it unpacks to more than it is, at '" + file + "'");
            }
            bundles += isBundle(file) ? 1 : 0;
        }
        if (!names.contains(ArchiveForm.HEADER)) {
            throw damaged("has no file '" + ArchiveForm.HEADER + "'; it is not an archive of a log");
        }
        return bundles;
    }

    private boolean isBundle(String file) {
        var list = LIST.matcher(file);
        if (list.matches()) {
            try {
                long first = Long.parseLong(list.group(2));
                (list.group(1).equals("seals") ? seals : checkpoints).put(first, file);
                return false;
            } catch (NumberFormatException e) {
                throw damaged("has a file '" + file + "', whose number is too large");
            }
        }
        if (file.equals(ArchiveForm.HEADER) || BLOB.matcher(file).matches()) {
            return false;
        }
        try {
            if (file.startsWith(ArchiveForm.LOG)
                    && TilePath.parse(file.substring(ArchiveForm.LOG.length())).level() == TilePath.ENTRIES) {
                return true;
            }
        } catch (IllegalArgumentException e) {
            throw damaged("has a file '" + file + "', which does not belong there: " + e.getMessage());
        }
        throw damaged("has a file '" + file + "', which does not belong there");
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
                throw damaged("holds an empty entry " + (from + records.size()));
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
            last = new NoteList(file, ArchiveForm.decode(file, content(file, ArchiveForm.MOST_LIST_BYTES)));
            if (!file.endsWith(ArchiveForm.list("", last.notes().get(0).from()))) {
                throw damaged("has a file '" + file + "' that begins elsewhere than its name says");
            }
            lastList = last;
        }
        return last.notes();
    }

    private Bundle bundle(long index) {
        Bundle last = lastBundle;
        if (last == null || last.index() != index) {
            int width = (int) Math.min(TilePath.FULL, header.head().size() - index * TilePath.FULL);
            byte[] content = content(ArchiveForm.bundle(index, width), EntryBundle.MAX_LENGTH);
            last = new Bundle(index, EntryBundle.decode(content, width));
            lastBundle = last;
        }
        return last;
    }

    private byte[] content(String file, int most) {
        try {
            ZipEntry entry = zip.getEntry(file);
            if (entry == null) {
                throw damaged("lacks '" + file + "'");
            }
            if (entry.getSize() > most) {
                throw damaged("has a file '" + file + "' of " + entry.getSize() + " bytes, but it may have " + most);
            }
            try (InputStream in = zip.getInputStream(entry)) {
                byte[] content = in.readNBytes(most);
                if (content.length != entry.getSize()) {
                    throw damaged("ends within '" + file + "'");
                }
                return content;
            }
        } catch (ZipException e) {
            throw new IntegrityException(name + " is damaged at '" + file + "': " + e.getMessage(), e);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (IllegalStateException e) {
            throw closed(e);
        }
    }

    @Override
    public InputStream open(Digest digest) {
        try {
            ZipEntry entry = entry(digest);
            if (entry == null) {
                throw new NotFoundException("there is no blob " + digest + " in " + name);
            }
            return new FilterInputStream(zip.getInputStream(entry)) {};
        } catch (ZipException e) {
            throw new IntegrityException(name + " is damaged at blob " + digest + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public boolean contains(Digest digest) {
        return entry(digest) != null;
    }

    private @Nullable ZipEntry entry(Digest digest) {
        if (!digest.algorithm().equals("sha256")) {
            throw new IllegalArgumentException("blobs are kept by their sha256 digest, but was given " + digest);
        }
        try {
            return zip.getEntry(ArchiveForm.blob(digest));
        } catch (IllegalStateException e) {
            throw closed(e);
        }
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
        try {
            zip.close();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static void requireRange(long from, int limit) {
        if (from < 0 || limit < 1) {
            throw new IllegalArgumentException(
                    "reading must start at 0 or later and ask for at least 1, but was asked for " + limit + " from "
                            + from);
        }
    }

    private StorageException readOnly() {
        return new StorageException(name + " can only be read; import it into a store to go on with its log");
    }

    private IntegrityException damaged(String how) {
        return new IntegrityException(name + " " + how + "; get it again");
    }

    private StorageException unreadable(IOException e) {
        return new StorageException(name + " could not be read: " + e.getMessage(), e);
    }

    private StorageException closed(IllegalStateException e) {
        return new StorageException(name + " is closed; open it again to use it", e);
    }
}
