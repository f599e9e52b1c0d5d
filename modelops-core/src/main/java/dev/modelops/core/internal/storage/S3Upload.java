package dev.modelops.core.internal.storage;

import dev.modelops.Digest;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * One blob on its way: in one request if it fits into a part, else in parts. Nothing can be seen of it before
 * {@link #finish}, which is called once its digest was found right.
 */
final class S3Upload extends OutputStream {
    private static final int MOST_PARTS = 10_000;
    private static final int FIRST_BUFFER = 1 << 16;
    private static final int LEAST_BYTES_PER_SECOND = 1 << 16;
    private static final int CONFLICTS = 5;

    private final S3BlobStore store;
    private final S3Calls calls;
    private final Digest digest;
    private final int partLength;
    private final List<CompletedPart> parts = new ArrayList<>();
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int filled;
    private long length;
    private boolean there;
    private @Nullable String uploadId;

    S3Upload(S3BlobStore store, Digest digest) {
        this.store = store;
        this.calls = store.calls();
        this.digest = digest;
        this.partLength = store.settings().partLength();
    }

    @Override
    public void write(int each) {
        write(new byte[] {(byte) each}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        length += count;
        int from = offset;
        int end = offset + count;
        while (from < end && !there) {
            if (filled == partLength) {
                sendPart();
            } else {
                int n = Math.min(end - from, room(end - from));
                System.arraycopy(bytes, from, buffer, filled, n);
                filled += n;
                from += n;
            }
        }
    }

    /** Makes the blob visible. */
    void finish() {
        if (!there && uploadId == null) {
            there = !putWhole();
        } else if (!there) {
            if (filled > 0) {
                sendPart();
            }
            there = !complete();
        }
        if (there) {
            requireWhole();
        }
    }

    /** Gives up what was sent so far, and returns why. */
    RuntimeException abandon(RuntimeException reason) {
        String id = uploadId;
        if (id != null) {
            uploadId = null;
            try {
                var unused = calls.attempt(client -> client.abortMultipartUpload(request ->
                        request.bucket(store.bucket()).key(store.key(digest)).uploadId(id)));
            } catch (SdkException e) {
                reason.addSuppressed(e);
            }
        }
        return reason;
    }

    private int room(int wanted) {
        if (filled == buffer.length) {
            buffer = Arrays.copyOf(buffer, (int) Math.min(partLength, Math.max(buffer.length * 2L, FIRST_BUFFER)));
        }
        return Math.min(wanted, buffer.length - filled);
    }

    private void sendPart() {
        if (uploadId == null) {
            if (store.head(digest) != null) {
                there = true;
                return;
            }
            uploadId = calls.require(
                            failed(),
                            client -> client.createMultipartUpload(request -> request.bucket(store.bucket())
                                    .key(store.key(digest))
                                    .checksumAlgorithm(ChecksumAlgorithm.SHA256)))
                    .uploadId();
        }
        if (parts.size() == MOST_PARTS) {
            throw new StorageException(failed() + ": it has more than " + MOST_PARTS + " parts of " + partLength
                    + " bytes; open the store with longer parts");
        }
        int number = parts.size() + 1;
        MessageDigest sha256 = Crypto.sha256();
        sha256.update(buffer, 0, filled);
        String checksum = Base64.getEncoder().encodeToString(sha256.digest());
        String tag = calls.require(
                        failed(),
                        client -> client.uploadPart(
                                request -> request.bucket(store.bucket())
                                        .key(store.key(digest))
                                        .uploadId(uploadId)
                                        .partNumber(number)
                                        .contentLength((long) filled)
                                        .checksumSHA256(checksum)
                                        .overrideConfiguration(timeToSend()),
                                body()))
                .eTag();
        parts.add(CompletedPart.builder()
                .partNumber(number)
                .eTag(tag)
                .checksumSHA256(checksum)
                .build());
        filled = 0;
    }

    /** Sends it whole, and tells whether it was not there before. */
    private boolean putWhole() {
        String checksum = Base64.getEncoder().encodeToString(digest.value().toByteArray());
        return conditionally(condition -> calls.attempt(client -> client.putObject(
                request -> request.bucket(store.bucket())
                        .key(store.key(digest))
                        .contentLength((long) filled)
                        .checksumSHA256(checksum)
                        .ifNoneMatch(condition)
                        .overrideConfiguration(timeToSend()),
                body())));
    }

    /** Joins the parts, and tells whether it was not there before. */
    private boolean complete() {
        boolean isNew;
        try {
            isNew = conditionally(condition ->
                    calls.attempt(client -> client.completeMultipartUpload(request -> request.bucket(store.bucket())
                            .key(store.key(digest))
                            .uploadId(uploadId)
                            .ifNoneMatch(condition)
                            .multipartUpload(upload -> upload.parts(parts)))));
        } catch (StorageException e) {
            // A repeated request does not find the upload if the first one was carried out but its answer was lost.
            if (e.getCause() instanceof SdkException cause && S3Calls.isStatus(cause, 404) && isWhole()) {
                return true;
            }
            throw e;
        }
        if (isNew) {
            uploadId = null;
        } else {
            RuntimeException notNeeded = abandon(new StorageException("not needed"));
            if (notNeeded.getSuppressed().length > 0) {
                throw new StorageException(failed() + ": what was sent could not be removed again", notNeeded);
            }
        }
        return isNew;
    }

    private boolean conditionally(Sending sending) {
        int conflicts = 0;
        while (true) {
            String condition = store.takesConditions() ? "*" : null;
            try {
                sending.send(condition);
                return true;
            } catch (SdkException e) {
                if (condition != null && S3Calls.isStatus(e, 412)) {
                    return false;
                }
                boolean isConflict = S3Calls.isStatus(e, 409) && ++conflicts < CONFLICTS;
                if (!isConflict && condition != null && isUnknownCondition(e)) {
                    store.neverAgainWithCondition();
                } else if (!isConflict) {
                    throw calls.failure(failed(), e);
                }
            }
        }
    }

    private static boolean isUnknownCondition(SdkException e) {
        return S3Calls.isStatus(e, 501)
                || S3Calls.isCode(e, "NotImplemented")
                || S3Calls.isCode(e, "InvalidArgument")
                || S3Calls.isCode(e, "InvalidRequest");
    }

    private void requireWhole() {
        if (!isWhole()) {
            throw new StorageException(failed() + ": an object of another length, or none, is under its key; delete it,"
                    + " then store the blob again");
        }
    }

    private boolean isWhole() {
        HeadObjectResponse found = store.head(digest);
        return found != null && Objects.equals(found.contentLength(), length);
    }

    private RequestBody body() {
        byte[] part = buffer;
        int count = filled;
        return RequestBody.fromContentProvider(
                () -> new ByteArrayInputStream(part, 0, count), count, "application/octet-stream");
    }

    private AwsRequestOverrideConfiguration timeToSend() {
        Duration most = store.settings().patience().plusSeconds(filled / LEAST_BYTES_PER_SECOND);
        return AwsRequestOverrideConfiguration.builder()
                .apiCallAttemptTimeout(most)
                .build();
    }

    private String failed() {
        return "could not store " + digest;
    }

    @FunctionalInterface
    private interface Sending {
        void send(@Nullable String condition);
    }
}
