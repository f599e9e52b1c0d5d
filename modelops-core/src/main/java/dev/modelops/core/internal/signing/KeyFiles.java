package dev.modelops.core.internal.signing;

import dev.modelops.signing.SigningException;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes keys into new files, secret ones so that only their owner can read them. */
public final class KeyFiles {
    private KeyFiles() {}

    /** Writes a private and a public key, both or none. */
    public static void createPair(Path privateFile, String privateText, Path publicFile, String publicText) {
        if (absolute(privateFile).equals(absolute(publicFile))) {
            throw new SigningException("private and public key must go into two files, but both are " + privateFile);
        }
        createSecret(privateFile, privateText);
        boolean complete = false;
        try {
            create(publicFile, publicText);
            complete = true;
        } finally {
            if (!complete) {
                delete(privateFile);
            }
        }
    }

    /** Writes a secret; from the moment the file exists only its owner may read it, where the file system has modes. */
    public static void createSecret(Path file, String text) {
        boolean modes = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (modes) {
            create(file, text, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            create(file, text);
        }
    }

    private static void create(Path file, String text, FileAttribute<?>... attributes) {
        boolean created = false;
        boolean complete = false;
        try (FileChannel channel =
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
            created = true;
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                var unused = channel.write(bytes);
            }
            channel.force(true);
            complete = true;
        } catch (FileAlreadyExistsException e) {
            throw new SigningException(
                    "key file must be a new one, but there is something at " + file
                            + ", which is never overwritten; name another file, or move that one away",
                    e);
        } catch (NoSuchFileException e) {
            throw new StorageException("key file must lie in a folder that exists, but there is none for " + file, e);
        } catch (IOException e) {
            throw new StorageException("key file " + file + " could not be written: " + e, e);
        } finally {
            if (created && !complete) {
                delete(file);
            }
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new StorageException("key file " + file + " is incomplete and could not be deleted: " + e, e);
        }
    }

    private static Path absolute(Path file) {
        return file.toAbsolutePath().normalize();
    }
}
