package dev.modelops.samples.cli;

import dev.modelops.Bytes;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Signers;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Small files that people hand to the command: keys, certificates, checkpoints, statements, signatures. */
final class SmallFiles {
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_LIST_BYTES = 64 << 20;

    private SmallFiles() {}

    /** Returns a signer for a private key in PEM; without a password the key must be in clear. */
    static Signer signer(Path file, char @Nullable [] password) {
        try {
            return password == null ? Signers.pem(file) : Signers.pem(file, password);
        } catch (SigningException e) {
            throw unusable("key", file, e);
        }
    }

    static Signer signer(Path file) {
        return signer(file, null);
    }

    static PublicKey publicKey(Path file) {
        return parsed(file, "public key", Keys::publicKey);
    }

    static List<X509Certificate> certificates(Path file) {
        return parsed(file, "certificate file", Keys::certificates);
    }

    static List<X509CRL> revocations(Path file) {
        try {
            return Keys.revocations(Bytes.of(bytes("revocation list", file, MOST_LIST_BYTES)));
        } catch (SigningException e) {
            throw unusable("revocation list", file, e);
        }
    }

    static CliFailure unusable(String what, Path file, SigningException e) {
        return new CliFailure("the " + what + " " + file + " cannot be used: " + e.getMessage());
    }

    /** Returns the memory of a host, from its folder, or of one checkpoint, from a file. */
    static CheckpointMemory memory(Path place) {
        if (Files.isDirectory(place)) {
            return CheckpointMemories.folder(place);
        }
        try {
            return CheckpointMemories.fixed(text("checkpoint", place));
        } catch (IllegalArgumentException e) {
            throw new CliFailure(place + " holds no checkpoint: " + e.getMessage());
        }
    }

    static String text(String what, Path file) {
        return text(what, file, MOST_BYTES);
    }

    static String text(String what, Path file, int most) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(what, file, most)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CliFailure("the " + what + " " + file + " must be text, but is not; is it another file?");
        }
    }

    /** A pipe is read too, as shells make of what another command prints, and so the length is not asked for before. */
    static byte[] bytes(String what, Path file, int most) {
        if (Files.isDirectory(file)) {
            throw new CliFailure("the " + what + " " + file + " must be a file, but is a folder");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(most + 1);
            if (content.length > most) {
                throw new CliFailure("the " + what + " " + file + " must have at most " + most
                        + " bytes, but has more; is it another file?");
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new CliFailure("the " + what + " " + file + " does not exist");
        } catch (AccessDeniedException e) {
            throw new CliFailure("the " + what + " " + file + " may not be read by whoever runs this command");
        } catch (IOException e) {
            throw new CliFailure("the " + what + " " + file + " cannot be read: " + e.getMessage());
        }
    }

    /** Writes a file, and never over another. */
    static void writeNew(Path file, String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new CliFailure(file + " exists already; name a file to be made");
        } catch (NoSuchFileException e) {
            throw new CliFailure("there is no folder for " + file + "; make it, or name another place");
        } catch (IOException e) {
            throw new CliFailure(
                    "could not write " + file + ": " + reason(e) + "; name a place that can be written to");
        }
    }

    /** Says why a file could not be written, with no name of a class. */
    static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "there is no such folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "whoever runs this command may not write there";
        }
        String message = failure instanceof FileSystemException problem ? problem.getReason() : failure.getMessage();
        return message == null ? "the operating system gives no reason" : message;
    }

    private static <T> T parsed(Path file, String what, Function<String, T> parser) {
        String text = text(what, file);
        try {
            return parser.apply(text);
        } catch (SigningException e) {
            throw unusable(what, file, e);
        }
    }
}
