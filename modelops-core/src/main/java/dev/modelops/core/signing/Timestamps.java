package dev.modelops.core.signing;

import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.HttpTimestamps;
import dev.modelops.core.internal.signing.Rfc3161;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;

/**
 * Timestamps by time-stamping authorities (RFC 3161): they prove that something was there by a time, to whoever trusts the
 * authority. For model signatures see {@link SigningOptions#withTimestampAuthorities} and
 * {@link VerificationOptions#withTimestampAnchors}; for the checkpoint of a log, and any other small file, {@link #stamp(Path,
 * TimestampAuthority)}.
 */
public final class Timestamps {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int NONCE_BITS = 128;
    private static final int MAX_FILE_BYTES = 1024 * 1024;

    private Timestamps() {}

    /**
     * Returns an authority that is asked over HTTP. An answer may take 10 seconds and 64 KiB; an interrupt ends the exchange.
     *
     * @param address where it listens, such as {@code https://timestamp.example.org/tsr}
     * @return the authority
     * @throws IllegalArgumentException if the address is not one of HTTP
     */
    public static TimestampAuthority http(URI address) {
        return http(address, TIMEOUT);
    }

    /**
     * Returns an authority that is asked over HTTP, with another patience.
     *
     * @param address where it listens
     * @param timeout how long an answer may take, as a whole
     * @return the authority
     * @throws IllegalArgumentException if the address is not one of HTTP
     */
    public static TimestampAuthority http(URI address, Duration timeout) {
        HttpTimestamps client = new HttpTimestamps(address, timeout);
        return client::exchange;
    }

    /**
     * Asks for a timestamp of a content, by its SHA-256: the authority does not see the content. The answer is checked, but
     * whether the authority is to be trusted is for those who verify.
     *
     * @param content what to have stamped
     * @param authority whom to ask
     * @return the response in DER, as other tools keep it in {@code .tsr} files
     * @throws SigningException if there is no answer, or the authority refuses, or its answer is to another question, without
     *     its certificate, or wrongly signed
     */
    public static Bytes stamp(Bytes content, TimestampAuthority authority) {
        return Rfc3161.ask(content, new BigInteger(NONCE_BITS, new SecureRandom()), authority::exchange);
    }

    /**
     * Verifies a timestamp: it is of the content, and signed by an authority whose certificate is for nothing else, and led
     * to an anchor when it signed. Revocation is not looked up.
     *
     * @param timestamp the response in DER
     * @param content what it must be of
     * @param anchors the trusted certificates, of authorities or of those who issue theirs
     * @return what it says
     * @throws VerificationException with the reason {@code UNTRUSTED_TIMESTAMP} if it does not hold
     */
    public static Timestamp verify(Bytes timestamp, Bytes content, Collection<X509Certificate> anchors) {
        Rfc3161.Stamp stamp = Rfc3161.verify(timestamp, content, anchors);
        X509Certificate authority = stamp.authority();
        return new Timestamp(
                stamp.time(),
                stamp.accuracy(),
                authority.getSubjectX500Principal().getName(),
                Crypto.keyDigest(authority.getPublicKey()));
    }

    /**
     * Has a small file stamped, such as the {@code checkpoint} of an exported log or a receipt, and keeps the timestamp beside
     * it, under the file's name and {@code .tsr}; an older one there is replaced. Other tools verify it too:
     * {@code openssl ts -verify -data checkpoint -in checkpoint.tsr -CAfile anchors.pem}.
     *
     * @param file the file, of at most 1 MiB
     * @param authority whom to ask
     * @return the file with the timestamp
     * @throws SigningException as {@link #stamp(Bytes, TimestampAuthority)}
     * @throws StorageException if the file cannot be read, or the timestamp not be written
     */
    public static Path stamp(Path file, TimestampAuthority authority) {
        Bytes stamp = stamp(read(file, MAX_FILE_BYTES), authority);
        Path beside = beside(file);
        try {
            ModelSignatures.write(beside.toAbsolutePath(), stamp);
        } catch (IOException e) {
            throw new StorageException("timestamp " + beside + " could not be written: " + e.getMessage(), e);
        }
        return beside;
    }

    /**
     * Verifies the timestamp that is kept beside a file.
     *
     * @param file the file
     * @param anchors the trusted certificates, of authorities or of those who issue theirs
     * @return what it says
     * @throws VerificationException with the reason {@code UNTRUSTED_TIMESTAMP} if it does not hold, or there is none
     * @throws StorageException if a file cannot be read
     */
    public static Timestamp verify(Path file, Collection<X509Certificate> anchors) {
        Path beside = beside(file);
        if (!Files.isRegularFile(beside)) {
            throw new VerificationException(
                    Reason.UNTRUSTED_TIMESTAMP,
                    "timestamp of " + file + " must be beside it, but there is no file " + beside);
        }
        return verify(read(beside, Rfc3161.MAX_BYTES), read(file, MAX_FILE_BYTES), anchors);
    }

    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".tsr");
    }

    private static Bytes read(Path file, int most) {
        // A pipe would be waited for, and a device read for ever.
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new StorageException("what is stamped must be a file, but " + file + " is a folder, pipe or device");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(most + 1);
            if (content.length > most) {
                throw new StorageException(
                        "a file with a timestamp must have at most " + most + " bytes, but " + file + " has more");
            }
            return Bytes.of(content);
        } catch (NoSuchFileException e) {
            throw new StorageException("there is no file " + file, e);
        } catch (IOException e) {
            throw new StorageException("file " + file + " could not be read: " + e.getMessage(), e);
        }
    }
}
