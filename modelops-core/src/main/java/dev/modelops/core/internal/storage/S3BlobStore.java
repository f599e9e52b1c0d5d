package dev.modelops.core.internal.storage;

import dev.modelops.Digest;
import dev.modelops.NotFoundException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Blobs as objects of a bucket, {@code sha256/<64 hex>} under the prefix. An object appears only after its content was
 * found to have its digest. What a crash leaves of an upload in parts is never visible as an object; a rule of the bucket
 * should remove it.
 */
public final class S3BlobStore implements BlobStore {
    private static final String FOLDER = "sha256/";
    private static final int HEX = 64;

    private final S3Settings settings;
    private final S3Calls calls;
    private final String folder;
    private volatile boolean takesConditions = true;
    private volatile boolean bucketFound;
    private volatile boolean closed;

    /** Makes a store. No request is sent before it is used. */
    public S3BlobStore(S3Settings settings) {
        this.settings = settings;
        this.calls = new S3Calls(settings);
        this.folder = settings.prefix() + FOLDER;
    }

    @Override
    public void put(Digest digest, InputStream content) {
        digest.requireSha256();
        requireOpen();
        S3Upload upload = new S3Upload(this, digest);
        try {
            BlobStore.copy(digest, content, upload);
            upload.finish();
        } catch (IOException e) {
            throw upload.abandon(new StorageException("could not store " + digest + " in " + settings.place(), e));
        } catch (RuntimeException e) {
            throw upload.abandon(e);
        }
    }

    @Override
    public InputStream open(Digest digest) {
        digest.requireSha256();
        requireOpen();
        return S3Download.open(this, digest);
    }

    @Override
    public boolean contains(Digest digest) {
        digest.requireSha256();
        requireOpen();
        return head(digest) != null;
    }

    @Override
    public boolean delete(Digest digest) {
        digest.requireSha256();
        requireOpen();
        if (head(digest) == null) {
            return false;
        }
        var unused = calls.require(
                "could not delete " + digest,
                client ->
                        client.deleteObject(request -> request.bucket(bucket()).key(key(digest))));
        return true;
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        requireOpen();
        String next = null;
        do {
            String token = next;
            ListObjectsV2Response page = calls.require(
                    "could not list the blobs",
                    client -> client.listObjectsV2(
                            request -> request.bucket(bucket()).prefix(folder).continuationToken(token)));
            Instant now = serverTime(page);
            for (S3Object object : page.contents()) {
                Digest digest = digestOf(object.key());
                if (digest != null) {
                    Duration age = Duration.between(object.lastModified(), now);
                    visitor.accept(new StoredBlob(digest, object.size(), age.isNegative() ? Duration.ZERO : age));
                }
            }
            next = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
            requireOpen();
        } while (next != null);
    }

    /** Streams that were handed out may break. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            calls.close();
        }
    }

    S3Calls calls() {
        return calls;
    }

    S3Settings settings() {
        return settings;
    }

    String bucket() {
        return settings.bucket();
    }

    String key(Digest digest) {
        return folder + digest.toHex();
    }

    boolean takesConditions() {
        return takesConditions;
    }

    /** Some servers know no conditions for a put. Without them the same bytes may be written twice, which does no harm. */
    void neverAgainWithCondition() {
        takesConditions = false;
    }

    /** Returns what the server says of a blob, null if it is not there. */
    @Nullable HeadObjectResponse head(Digest digest) {
        try {
            HeadObjectResponse response = calls.attempt(client ->
                    client.headObject(request -> request.bucket(bucket()).key(key(digest))));
            bucketFound = true;
            return response;
        } catch (SdkException e) {
            if (!S3Calls.isStatus(e, 404)) {
                throw calls.failure("could not look for " + digest, e);
            }
            requireBucket();
            return null;
        }
    }

    NotFoundException missing(Digest digest) {
        return new NotFoundException("there is no blob " + digest + " in " + settings.place() + " under '" + folder
                + "'; check the digest, the bucket and the prefix");
    }

    /** An answer without a body does not tell a missing object from a missing bucket. */
    private void requireBucket() {
        if (!bucketFound) {
            try {
                var unused = calls.attempt(client -> client.headBucket(request -> request.bucket(bucket())));
            } catch (SdkException e) {
                if (S3Calls.isStatus(e, 404)) {
                    throw new StorageException(
                            "there is no " + settings.place() + "; create it, or correct its name", e);
                }
                throw calls.failure("could not look for the bucket", e);
            }
            bucketFound = true;
        }
    }

    void requireOpen() {
        if (closed) {
            throw new StorageException("the blob store in " + settings.place() + " is closed; open it again to use it");
        }
    }

    private @Nullable Digest digestOf(String key) {
        String hex = key.substring(folder.length());
        if (hex.length() != HEX) {
            return null;
        }
        try {
            return Digest.parse("sha256:" + hex);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private Instant serverTime(ListObjectsV2Response page) {
        String date = page.sdkHttpResponse().firstMatchingHeader("Date").orElse("");
        try {
            return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeParseException e) {
            throw new StorageException(
                    "could not list the blobs in " + settings.place() + ": its answer has no date, so their age is not"
                            + " known; check what stands between",
                    e);
        }
    }
}
