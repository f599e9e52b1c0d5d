package dev.modelops.core.internal.storage;

import dev.modelops.Digest;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** A blob being read. Where the connection breaks off, it is read on from there; it never ends before its length. */
final class S3Download extends InputStream {
    private static final int ATTEMPTS = 5;

    private final S3BlobStore store;
    private final Digest digest;
    private final long length;
    private ResponseInputStream<GetObjectResponse> current;
    private long position;
    private int failures;
    private boolean closed;

    private S3Download(S3BlobStore store, Digest digest, ResponseInputStream<GetObjectResponse> first, long length) {
        this.store = store;
        this.digest = digest;
        this.current = first;
        this.length = length;
    }

    static S3Download open(S3BlobStore store, Digest digest) {
        try {
            ResponseInputStream<GetObjectResponse> first = request(store, digest, 0);
            Long length = first.response().contentLength();
            if (length == null) {
                first.abort();
                throw new StorageException(
                        "could not read " + digest + " from " + store.settings().place()
                                + ": the server did not say how long it is, so its end cannot be told from a break; see to it"
                                + " that nothing on the way leaves Content-Length out");
            }
            return new S3Download(store, digest, first, length);
        } catch (SdkException e) {
            if (S3Calls.isCode(e, "NoSuchKey")) {
                throw store.missing(digest);
            }
            throw store.calls().failure("could not read " + digest, e);
        }
    }

    private static ResponseInputStream<GetObjectResponse> request(S3BlobStore store, Digest digest, long from) {
        return store.calls()
                .attempt(client -> client.getObject(request -> {
                    request.bucket(store.bucket()).key(store.key(digest));
                    if (from > 0) {
                        request.range("bytes=" + from + "-");
                    }
                }));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        if (closed) {
            throw new IOException("the stream of " + digest + " is closed");
        }
        if (count == 0) {
            return 0;
        }
        boolean interrupted = false;
        try {
            while (position < length) {
                interrupted |= Thread.interrupted();
                Exception broken;
                try {
                    int n = current.read(bytes, offset, (int) Math.min(count, length - position));
                    if (n > 0) {
                        position += n;
                        failures = 0;
                        return n;
                    }
                    broken = new IOException("it ended after " + position + " of " + length + " bytes");
                } catch (IOException | SdkException e) {
                    broken = e;
                }
                // An interrupt of the caller is no failure of the store.
                if (!(broken instanceof AbortedException)) {
                    readOn(broken);
                }
            }
            return -1;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            // Closing in order would read what is left of the answer.
            current.abort();
        }
    }

    private void readOn(Exception broken) throws IOException {
        if (++failures >= ATTEMPTS) {
            throw new IOException(
                    "the content of " + digest + " broke off " + ATTEMPTS + " times at byte " + position + " of "
                            + length + "; try again when the store answers",
                    broken);
        }
        current.abort();
        try {
            store.requireOpen();
            current = request(store, digest, position);
        } catch (SdkException | StorageException e) {
            broken.addSuppressed(e);
            throw new IOException("the rest of " + digest + " from byte " + position + " could not be read", broken);
        }
        GetObjectResponse response = current.response();
        String range = response.contentRange();
        boolean isRest = position == 0
                ? Objects.equals(response.contentLength(), length)
                : ("bytes " + position + "-" + (length - 1) + "/" + length).equals(range);
        if (!isRest) {
            current.abort();
            throw new IOException(
                    "the rest of " + digest + " from byte " + position + " of " + length + " was asked for, but "
                            + (range == null ? response.contentLength() + " bytes" : range) + " came",
                    broken);
        }
    }
}
