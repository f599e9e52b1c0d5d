package dev.modelops.core.internal.storage;

import dev.modelops.Digest;
import dev.modelops.NotFoundException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Blobs as files in a folder, {@code sha256/ab/cdef…} by digest. Content is written to {@code tmp}, forced to the disk,
 * moved to its place in one step, and the folder is forced. Links are not followed below the folder. What a crash leaves
 * in {@code tmp} does no harm; it is removed when a store is opened a day later, by the file system's own clock.
 *
 * <p>Files are read and written through plain streams: a caller's interrupt would close a channel in mid-write.
 */
public final class DirectoryBlobStore implements BlobStore {
    private static final Duration LEFTOVER_AGE = Duration.ofDays(1);
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    private final Path root;
    private final Path contents;
    private final Path temporary;
    private final AtomicLong counter = new AtomicLong();
    private volatile boolean closed;
    private volatile @Nullable String failure;

    /**
     * Opens a store, and creates its folder where there is none.
     *
     * @param folder the folder
     */
    public DirectoryBlobStore(Path folder) {
        try {
            Directories.create(folder);
            root = folder.toRealPath();
            contents = root.resolve("sha256");
            temporary = root.resolve("tmp");
            createReal(contents);
            createReal(temporary);
            removeLeftovers();
        } catch (IOException e) {
            throw new StorageException(
                    "the blob folder " + folder + " cannot be used (" + reason(e)
                            + "); check that it is a folder, and that this process may write it",
                    e);
        }
    }

    @Override
    public void put(Digest digest, InputStream content) {
        digest.requireSha256();
        requireUsable();
        String failed = failure;
        if (failed != null) {
            throw new StorageException("the blob folder " + root + " failed before (" + failed
                    + ") and takes nothing more; check the disk, then close the store and open it again");
        }
        Path place = place(digest);
        try {
            if (isFile(place)) {
                BlobStore.copy(digest, content, OutputStream.nullOutputStream());
            } else {
                store(digest, content, place);
            }
        } catch (IOException e) {
            throw new StorageException(
                    "could not store " + digest + " in " + root + " (" + reason(e)
                            + "); nothing was stored, check space and access, and try again",
                    e);
        }
        forceEntries(place);
    }

    @Override
    public InputStream open(Digest digest) {
        digest.requireSha256();
        requireUsable();
        Path place = place(digest);
        try {
            if (isFile(place)) {
                return new FileInputStream(place.toFile());
            }
        } catch (IOException e) {
            boolean deletedMeanwhile =
                    e instanceof FileNotFoundException && !Files.exists(place, LinkOption.NOFOLLOW_LINKS);
            if (!deletedMeanwhile) {
                throw unreadable(digest, e);
            }
        }
        throw new NotFoundException("there is no blob " + digest + " in " + root + "; check the digest and the folder");
    }

    @Override
    public boolean contains(Digest digest) {
        digest.requireSha256();
        requireUsable();
        try {
            return isFile(place(digest));
        } catch (IOException e) {
            throw unreadable(digest, e);
        }
    }

    @Override
    public boolean delete(Digest digest) {
        digest.requireSha256();
        requireUsable();
        Path place = place(digest);
        try {
            if (isFile(place) && Files.deleteIfExists(place)) {
                Directories.force(folderOf(place));
                return true;
            }
            return false;
        } catch (IOException e) {
            throw new StorageException(
                    "could not delete " + digest + " in " + root + " (" + reason(e) + "); check access and try again",
                    e);
        }
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        requireUsable();
        try {
            FileTime now = fileSystemTime();
            for (Path folder : entries(contents)) {
                if (Directories.isReal(folder)) {
                    for (Path file : entries(folder)) {
                        StoredBlob blob = listed(folder, file, now);
                        if (blob != null) {
                            visitor.accept(blob);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new StorageException(
                    "could not list the blobs in " + root + " (" + reason(e) + "); check the folder and access", e);
        }
    }

    /** Makes a blob young again. */
    void touch(Digest digest) {
        requireUsable();
        try {
            Files.setLastModifiedTime(place(digest), fileSystemTime());
        } catch (IOException e) {
            throw unreadable(digest, e);
        }
    }

    /** Refuses later calls. Streams that were handed out stay open. */
    @Override
    public void close() {
        closed = true;
    }

    private void store(Digest digest, InputStream content, Path place) throws IOException {
        Path file = createTemporary();
        try {
            try (FileOutputStream out = new FileOutputStream(file.toFile())) {
                BlobStore.copy(digest, content, out);
                out.getFD().sync();
            }
            createReal(folderOf(place));
            Files.move(file, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException | Error e) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** Also done for a blob that was there: whoever moved it may not have come this far. */
    private void forceEntries(Path place) {
        try {
            Directories.force(folderOf(place));
        } catch (IOException e) {
            failure = reason(e);
            throw new StorageException(
                    "could not make a blob in " + root + " durable (" + reason(e)
                            + "); check the disk, then close the store and open it again",
                    e);
        }
    }

    /** Several stores of this process, and leftovers of earlier ones, may have the next name; then the one after it will do. */
    private Path createTemporary() throws IOException {
        Path file = null;
        while (file == null) {
            file = create(temporary.resolve(ProcessHandle.current().pid() + "-" + counter.getAndIncrement() + ".part"));
        }
        return file;
    }

    private static @Nullable Path create(Path file) throws IOException {
        try {
            return Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            return null;
        }
    }

    private void removeLeftovers() throws IOException {
        FileTime now = null;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary, "*.part")) {
            for (Path file : files) {
                if (now == null) {
                    now = fileSystemTime();
                }
                if (isOld(file, now)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Returns the time by the clock that files are dated with, which may be another host's. */
    private FileTime fileSystemTime() throws IOException {
        Path probe = createTemporary();
        FileTime now = Files.getLastModifiedTime(probe);
        Files.delete(probe);
        return now;
    }

    /** One folder holds a 256th of the blobs. */
    private static List<Path> entries(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entries::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return entries;
    }

    private static @Nullable StoredBlob listed(Path folder, Path file, FileTime now) throws IOException {
        String hex = String.valueOf(folder.getFileName()) + file.getFileName();
        if (!HEX.matcher(hex).matches()) {
            return null;
        }
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                return null;
            }
            Duration age = Duration.between(attributes.lastModifiedTime().toInstant(), now.toInstant());
            return new StoredBlob(
                    Digest.parse("sha256:" + hex), attributes.size(), age.isNegative() ? Duration.ZERO : age);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static boolean isOld(Path file, FileTime now) throws IOException {
        try {
            FileTime changed = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS);
            return changed.toInstant().isBefore(now.toInstant().minus(LEFTOVER_AGE));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void createReal(Path folder) throws IOException {
        if (Directories.isReal(folder)) {
            return;
        }
        Directories.create(folder);
        if (!Directories.isReal(folder)) {
            throw new IOException(folder + " is a link, and a folder was expected");
        }
    }

    private Path place(Digest digest) {
        String hex = digest.toHex();
        return contents.resolve(hex.substring(0, 2)).resolve(hex.substring(2));
    }

    private Path folderOf(Path place) {
        Path folder = place.getParent();
        return folder == null ? contents : folder;
    }

    private boolean isFile(Path place) throws IOException {
        try {
            if (!Directories.isReal(contents)) {
                throw new IOException(contents + " is no longer a folder");
            }
            Path folder = folderOf(place);
            if (Files.isSymbolicLink(folder)) {
                throw new IOException(folder + " is a link, and a folder was expected");
            }
            if (!Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isRegularFile()) {
                throw new IOException(place + " is not a regular file");
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private StorageException unreadable(Digest digest, IOException e) {
        return new StorageException(
                "could not look for " + digest + " in " + root + " (" + reason(e) + "); check the folder and access",
                e);
    }

    private void requireUsable() {
        if (closed) {
            throw new StorageException("the blob folder " + root + " is closed; open it again to use it");
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
