package dev.modelops.core.internal.transfer;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link PlainZipWriter} writes, from whoever it comes: no name twice, nothing compressed, and so nothing that
 * unpacks to more than it is. Nothing is ever unpacked to a path; names only find content.
 */
final class PlainZip implements AutoCloseable {
    /** How many files there may be: the directory of a zip file is held in memory. */
    static final int MOST_FILES = 2_000_000;

    private static final String BLOBS = "blobs/sha256/";
    private static final Pattern BLOB = Pattern.compile(BLOBS + "[0-9a-f]{64}");

    private final String name;
    private final ZipFile zip;
    private final Set<String> names = new TreeSet<>();

    private PlainZip(Path file, String kind, ZipFile zip, int mostFiles) throws IOException {
        this.name = "the " + kind + " '" + file + "'";
        this.zip = zip;
        if (zip.size() > mostFiles) {
            throw damaged("has " + zip.size() + " files, but may have " + mostFiles);
        }
        long fileSize = Files.size(file);
        long total = 0;
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
            ZipEntry entry = entries.nextElement();
            String each = entry.getName();
            if (!names.add(each)) {
                throw damaged("has two files '" + each + "'");
            }
            total += Math.max(0, entry.getSize());
            boolean isPlain = entry.getMethod() == ZipEntry.STORED
                    && entry.getSize() == entry.getCompressedSize()
                    && entry.getSize() >= 0;
            if (!isPlain || total > fileSize) {
                throw damaged("says that it unpacks to more than it is, at '" + each + "'");
            }
        }
    }

    /**
     * Opens a file.
     *
     * @param kind what it should be, for messages
     * @throws NotFoundException if there is no such file
     * @throws IntegrityException if it is not a whole zip file of this form
     * @throws StorageException if it cannot be read
     */
    static PlainZip open(Path file, String kind, int mostFiles) {
        if (!Files.isRegularFile(file)) {
            throw new NotFoundException("there is no " + kind + " '" + file + "'; check the path");
        }
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (ZipException e) {
            throw new IntegrityException(
                    "'" + file + "' is no " + kind + ", or not all of one (" + e.getMessage() + "); get it again", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new StorageException("the " + kind + " '" + file + "' could not be read: " + e.getMessage(), e);
        }
        try {
            return new PlainZip(file, kind, zip, mostFiles);
        } catch (IOException e) {
            StorageException failure =
                    new StorageException("the " + kind + " '" + file + "' could not be read: " + e.getMessage(), e);
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

    /** Returns the name under which a blob is filed. */
    static String blob(Digest digest) {
        return BLOBS + digest.toHex();
    }

    /** Tells whether a name is one of a blob. */
    static boolean isBlob(String file) {
        return BLOB.matcher(file).matches();
    }

    /** Returns the names of the files, sorted. */
    Set<String> names() {
        return Collections.unmodifiableSet(names);
    }

    /** Returns the content of a file, which must be there and not be larger than it may be. */
    byte[] content(String file, int most) {
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
        } catch (ZipException | EOFException e) {
            throw new IntegrityException(name + " is damaged at '" + file + "': " + e.getMessage(), e);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (IllegalStateException e) {
            throw closed(e);
        }
    }

    /** Opens a blob; what is read is for the caller to check. */
    InputStream open(Digest digest) {
        try {
            ZipEntry entry = entry(digest);
            if (entry == null) {
                throw new NotFoundException("there is no blob " + digest + " in " + name);
            }
            // Whether the content is where the directory says shows at the first byte.
            BufferedInputStream content = new BufferedInputStream(zip.getInputStream(entry), 128 * 1024);
            content.mark(1);
            var unused = content.read();
            content.reset();
            return content;
        } catch (ZipException | EOFException e) {
            throw new IntegrityException(name + " is damaged at blob " + digest + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Tells whether there is a blob. */
    boolean contains(Digest digest) {
        return entry(digest) != null;
    }

    /** Tells of every blob; when one was put there is not known. */
    void list(Consumer<? super StoredBlob> visitor) {
        for (String file : names) {
            if (isBlob(file)) {
                Digest digest = Digest.parse("sha256:" + file.substring(BLOBS.length()));
                ZipEntry entry = entry(digest);
                visitor.accept(new StoredBlob(digest, entry == null ? 0 : entry.getSize(), Duration.ZERO));
            }
        }
    }

    private @Nullable ZipEntry entry(Digest digest) {
        if (!digest.algorithm().equals("sha256")) {
            throw new IllegalArgumentException("blobs are kept by their sha256 digest, but was given " + digest);
        }
        try {
            return zip.getEntry(blob(digest));
        } catch (IllegalStateException e) {
            throw closed(e);
        }
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Returns what to throw where the file is not as it should be. */
    IntegrityException damaged(String how) {
        return new IntegrityException(name + " " + how + "; get it again");
    }

    private StorageException unreadable(IOException e) {
        return new StorageException(name + " could not be read: " + e.getMessage(), e);
    }

    private StorageException closed(IllegalStateException e) {
        return new StorageException(name + " is closed; open it again to use it", e);
    }

    @Override
    public String toString() {
        return name;
    }
}
