package dev.modelops.samples.cli;

import dev.modelops.core.signing.Keys;
import dev.modelops.signing.SigningException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;

/** Reads what is public from PEM files. */
final class Pems {
    private static final long MOST_BYTES = 1024 * 1024;

    private Pems() {}

    static PublicKey publicKey(Path file) {
        return read(file, "public key", Keys::publicKey);
    }

    static List<X509Certificate> certificates(Path file) {
        return read(file, "certificate file", Keys::certificates);
    }

    private static <T> T read(Path file, String what, Function<String, T> parser) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new CliFailure("expected PEM text in " + file + ", but it has " + Files.size(file) + " bytes");
            }
            return parser.apply(Files.readString(file));
        } catch (SigningException e) {
            throw new CliFailure("the " + what + " " + file + " cannot be used: " + e.getMessage());
        } catch (NoSuchFileException e) {
            throw new CliFailure("the " + what + " " + file + " does not exist");
        } catch (CharacterCodingException e) {
            throw new CliFailure("the " + what + " " + file + " must be PEM text, but is not; is it DER?");
        } catch (IOException e) {
            throw new CliFailure("the " + what + " " + file + " cannot be read: " + e);
        }
    }
}
