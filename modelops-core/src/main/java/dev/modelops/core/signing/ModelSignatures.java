package dev.modelops.core.signing;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Progress;
import dev.modelops.core.internal.signing.Bundle;
import dev.modelops.core.internal.signing.FileHash;
import dev.modelops.core.internal.signing.FileManifest;
import dev.modelops.core.internal.signing.Leniency;
import dev.modelops.core.internal.signing.ModelVerifier;
import dev.modelops.core.internal.signing.Serialization;
import dev.modelops.core.internal.signing.UnauthenticatedStatement;
import dev.modelops.core.signing.VerificationOptions.Compatibility;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.signing.Verifier;
import dev.modelops.storage.StorageException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Signs and verifies models where there is no registry, such as in the build that makes them. */
public final class ModelSignatures {
    private ModelSignatures() {}

    /**
     * Signs a model by OpenSSF Model Signing v1.0 with the default options.
     *
     * @param model a folder or a single file, without symbolic links
     * @param signatureFile where to write, usually {@code model.sig} in or beside the model
     * @param signer an EC key on P-256, P-384 or P-521
     * @param progress follows the hashing, in bytes
     * @return the identity of the signed content
     * @see #sign(Path, Path, Signer, SigningOptions, Progress)
     */
    public static Digest sign(Path model, Path signatureFile, Signer signer, Progress progress) {
        return sign(model, signatureFile, signer, SigningOptions.DEFAULT, progress);
    }

    /**
     * Signs a model by OpenSSF Model Signing v1.0 and writes the signature file, whole or not at all. Every regular file of
     * the folder is signed, but for the signature file itself and what the options leave out.
     *
     * @param model a folder or a single file
     * @param signatureFile where to write, usually {@code model.sig} in or beside the model; an older signature there is
     *     replaced, any other file is not
     * @param signer an EC key on P-256, P-384 or P-521; with certificates the certificate method is used, otherwise the key
     *     method
     * @param options how to hash, and what to leave out
     * @param progress follows the hashing, in bytes
     * @return the identity of the signed content
     * @throws dev.modelops.InvalidModelException if the path cannot be a model, or changed while it was read
     * @throws SigningException if the signer cannot sign models, a path to leave out cannot be recorded, something else
     *     stands where the signature should go, or a time-stamping authority gives no timestamp
     * @throws StorageException if the signature file cannot be written
     */
    public static Digest sign(
            Path model, Path signatureFile, Signer signer, SigningOptions options, Progress progress) {
        requireReplaceable(signatureFile);
        Set<Path> leaveOut = new HashSet<>(options.ignorePaths());
        leaveOut.add(signatureFile);
        FileManifest manifest = hash(model, leaveOut, options, progress);
        List<UnaryOperator<Bytes>> stamps = options.timestampAuthorities().stream()
                .<UnaryOperator<Bytes>>map(authority -> value -> Timestamps.stamp(value, authority))
                .toList();
        Bytes bundle = Bundle.sign(manifest, signer, stamps);
        try {
            write(signatureFile.toAbsolutePath(), bundle);
        } catch (NoSuchFileException e) {
            throw new StorageException(
                    "signature file must lie in a folder that exists, but there is none for " + signatureFile, e);
        } catch (IOException e) {
            throw new StorageException(
                    "signature file " + signatureFile + " could not be written: " + e.getMessage(), e);
        }
        return manifest.root();
    }

    /**
     * Verifies the signature of a model, and then that its files are exactly the signed ones, with what the options
     * tolerate. {@link Verifier#verify} does the same with {@link VerificationOptions#STRICT} and the signature in memory.
     *
     * @param model a folder or a single file
     * @param signatureFile the signature; not taken for a part of the model
     * @param verifier whom to believe, from {@link Verifiers}
     * @param options what to tolerate
     * @param progress follows the hashing, in bytes
     * @return the outcome; a signature file that is missing, too long or not a file is a rejection too
     * @throws dev.modelops.InvalidModelException if the files cannot be a model at all, or changed while they were read
     * @throws IllegalArgumentException if the verifier is not from {@link Verifiers}
     * @throws StorageException if the signature file is there but cannot be read
     */
    public static VerificationResult verify(
            Path model, Path signatureFile, Verifier verifier, VerificationOptions options, Progress progress) {
        if (!(verifier instanceof ModelVerifier known)) {
            throw new IllegalArgumentException("verifier must be made by Verifiers, but is a "
                    + verifier.getClass().getName());
        }
        Bytes bundle;
        // A pipe would be waited for, and a device read for ever.
        if (Files.exists(signatureFile) && !Files.isRegularFile(signatureFile)) {
            return new VerificationResult.Rejected(
                    Reason.MALFORMED_BUNDLE,
                    "signature must be a file, but " + signatureFile
                            + " is a folder, pipe or device; name the signature file");
        }
        try (InputStream in = Files.newInputStream(signatureFile)) {
            byte[] content = in.readNBytes(Bundle.MAX_BYTES + 1);
            if (content.length > Bundle.MAX_BYTES) {
                return new VerificationResult.Rejected(
                        Reason.MALFORMED_BUNDLE,
                        "signature file " + signatureFile + " must have at most " + Bundle.MAX_BYTES
                                + " bytes, but has more");
            }
            bundle = Bytes.of(content);
        } catch (NoSuchFileException e) {
            return new VerificationResult.Rejected(
                    Reason.MALFORMED_BUNDLE,
                    "model must have a signature, but there is no file " + signatureFile
                            + "; have the model signed, or name its signature file");
        } catch (IOException e) {
            throw new StorageException("signature file " + signatureFile + " could not be read: " + e.getMessage(), e);
        }
        Set<Path> leaveOut = new HashSet<>(options.ignorePaths());
        leaveOut.add(signatureFile);
        Set<Compatibility> accepted = options.compatibility();
        return known.verify(
                model,
                bundle,
                new ModelVerifier.Tolerance(
                        leaveOut,
                        options.ignoreGitPaths(),
                        options.allowSymlinks(),
                        options.ignoreUnsignedFiles(),
                        new Leniency(
                                accepted.contains(Compatibility.OLD_STATEMENTS),
                                accepted.contains(Compatibility.SHARD_ALGORITHMS),
                                accepted.contains(Compatibility.SIGNING_TIME_UNKNOWN)),
                        options.timestampAnchors()),
                progress);
    }

    /**
     * Computes the identity of a model's content, which signing it with the same options would return.
     *
     * @param model a folder or a single file
     * @param options how to hash, and what to leave out
     * @param progress follows the hashing, in bytes
     * @return SHA-256 over the raw digests of the files in the order of their names
     * @throws dev.modelops.InvalidModelException if the path cannot be a model, or changed while it was read
     */
    public static Digest digest(Path model, SigningOptions options, Progress progress) {
        return hash(model, options.ignorePaths(), options, progress).root();
    }

    /**
     * Returns what a signature says, without any check of who made it.
     *
     * @param bundle the content of the signature file
     * @return the claims
     * @throws VerificationException if it is not a well-formed signature of any version
     */
    public static SignatureClaims inspect(Bytes bundle) {
        Bundle parsed = Bundle.parse(bundle);
        UnauthenticatedStatement claimed = UnauthenticatedStatement.of(parsed);
        return new SignatureClaims(
                switch (parsed.method()) {
                    case KEY -> SignatureClaims.Method.KEY;
                    case CERTIFICATE -> SignatureClaims.Method.CERTIFICATE;
                    case SIGSTORE -> SignatureClaims.Method.SIGSTORE;
                },
                Optional.ofNullable(parsed.keyHint()),
                parsed.certificates(),
                parsed.predicateType(),
                claimed.subjectName(),
                claimed.subjectDigest(),
                claimed.serialization().hash().id(),
                claimed.serialization().shardSize(),
                claimed.allowSymlinks(),
                claimed.ignorePaths(),
                claimed.files(),
                claimed.notes());
    }

    private static FileManifest hash(Path model, Set<Path> leaveOut, SigningOptions options, Progress progress) {
        FileHash hash = switch (options.hash()) {
            case SHA256 -> FileHash.SHA256;
            case BLAKE2B -> FileHash.BLAKE2B;
            case BLAKE3 -> FileHash.BLAKE3;
        };
        return FileManifest.hash(
                model,
                FileManifest.Scan.toSign(
                        leaveOut,
                        options.ignoreGitPaths(),
                        options.allowSymlinks() ? FileManifest.Links.FOLLOWED : FileManifest.Links.REFUSED,
                        new Serialization(hash, options.shardSize())),
                progress,
                Runtime.getRuntime().availableProcessors());
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

    /** Writes a file beside which an older one of its name may stand, whole or not at all. */
    static void write(Path file, Bytes content) throws IOException {
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
