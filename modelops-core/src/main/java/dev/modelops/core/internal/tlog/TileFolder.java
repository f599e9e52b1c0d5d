package dev.modelops.core.internal.tlog;

import dev.modelops.IntegrityException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of a tile tree. A new file is written aside, forced to disk, and moved to its place at once, so that a name never
 * stands for part of a content.
 */
final class TileFolder implements AutoCloseable {
    private static final boolean CAN_FORCE_FOLDERS = File.separatorChar == '/';

    private final Path root;
    private final Path aside;
    private final Set<Path> unforced = new LinkedHashSet<>();

    private TileFolder(Path root, Path aside) {
        this.root = root;
        this.aside = aside;
    }

    /** Opens a folder to write to, and makes it if it does not exist. */
    static TileFolder create(Path root) throws IOException {
        // Java 17 refuses to create what is a link to a folder already.
        if (!Files.isDirectory(root)) {
            Files.createDirectories(root);
        }
        return new TileFolder(root, Files.createTempDirectory(root, ".export-"));
    }

    /** Returns a file's content, or null if there is no such file. */
    static byte @Nullable [] read(Path file, int maxLength) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maxLength + 1);
            if (bytes.length > maxLength) {
                throw new IntegrityException(
                        file + " must have at most " + maxLength + " bytes, but has more: it was changed");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Writes a tile or bundle, or keeps the one that is there already with the same bytes. */
    void put(TilePath path, byte[] content) throws IOException {
        Path file = root.resolve(path.toString());
        byte[] present = read(file, EntryBundle.MAX_LENGTH);
        if (present != null && !Arrays.equals(present, content)) {
            throw new IntegrityException(
                    file + " is already there with other bytes than the log calls for, and a tile never"
                            + " changes: keep the folder as evidence and export to a new one");
        }
        Path folder = file.getParent();
        if (present == null && folder != null) {
            Files.createDirectories(folder);
            move(file, content);
        }
        while (folder != null && !folder.equals(root) && unforced.add(folder)) {
            folder = folder.getParent();
        }
    }

    /** Replaces the checkpoint once every tile is sure to stay. */
    void putCheckpoint(byte[] content) throws IOException {
        for (Path folder : unforced) {
            force(folder);
        }
        unforced.clear();
        force(root);
        move(root.resolve("checkpoint"), content);
        force(root);
    }

    private void move(Path file, byte[] content) throws IOException {
        Path temporary = aside.resolve("file");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void force(Path folder) throws IOException {
        if (CAN_FORCE_FOLDERS) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(aside.resolve("file"));
        Files.deleteIfExists(aside);
    }
}
