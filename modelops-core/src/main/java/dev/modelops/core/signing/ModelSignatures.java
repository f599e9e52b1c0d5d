package dev.modelops.core.signing;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Progress;
import dev.modelops.core.internal.signing.Bundle;
import dev.modelops.core.internal.signing.FileManifest;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.storage.StorageException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Signs models where there is no registry, such as in the build that makes them. */
public final class ModelSignatures {
    private ModelSignatures() {}

    /**
     * Signs a model by OpenSSF Model Signing v1.0 and writes the signature file, whole or not at all. Every regular file of
     * the folder is signed, but for {@code .git}, {@code .gitignore}, {@code .gitattributes} and {@code .github} at its top and
     * the signature file itself.
     *
     * @param model a folder or a single file, without symbolic links
     * @param signatureFile where to write, usually {@code model.sig} in or beside the model; an older signature there is
     *     replaced, any other file is not
     * @param signer an EC key on P-256, P-384 or P-521
     * @param progress follows the hashing, in bytes
     * @return the identity of the signed content
     * @throws dev.modelops.InvalidModelException if the path cannot be a model, or changed while it was read
     * @throws SigningException if the signer cannot sign models, or something else stands where the signature should go
     * @throws StorageException if the signature file cannot be written
     */
    public static Digest sign(Path model, Path signatureFile, Signer signer, Progress progress) {
        requireReplaceable(signatureFile);
        FileManifest manifest = FileManifest.hash(
                model, Set.of(signatureFile), progress, Runtime.getRuntime().availableProcessors());
        Bytes bundle = Bundle.sign(manifest, signer);
        try {
            write(signatureFile.toAbsolutePath(), bundle);
        } catch (IOException e) {
            throw new StorageException(
                    "signature file " + signatureFile + " could not be written: " + e.getMessage(), e);
        }
        return manifest.root();
    }

    private static void requireReplaceable(Path file) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) <= Bundle.MAX_BYTES) {
                var unused = Bundle.parse(Bytes.of(Files.readAllBytes(file)));
                return;
            }
        } catch (VerificationException e) {
            throw notASignature(file, e);
        } catch (IOException e) {
            throw new StorageException("signature file " + file + " could not be read: " + e.getMessage(), e);
        }
        throw notASignature(file, null);
    }

    private static SigningException notASignature(Path file, @Nullable Throwable cause) {
        String message = "signature must be written to a new file or replace an older signature, but at " + file
                + " is something else; choose another name or remove it";
        return cause == null ? new SigningException(message) : new SigningException(message, cause);
    }

    private static void write(Path file, Bytes content) throws IOException {
        Path folder = file.getParent();
        if (folder == null) {
            throw new IOException("it names no file");
        }
        FileAttribute<?>[] readable =
                folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-rw-r--"))
                        }
                        : new FileAttribute<?>[0];
        Path temporary = Files.createTempFile(folder, ".signature", ".tmp", readable);
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content.toByteArray());
                while (bytes.hasRemaining()) {
                    var unused = channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        if (File.separatorChar == '/') {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
