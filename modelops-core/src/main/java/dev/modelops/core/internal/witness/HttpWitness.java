package dev.modelops.core.internal.witness;

import dev.modelops.Digest;
import dev.modelops.audit.Witness;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.storage.StorageException;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks a witness over HTTP (C2SP tlog-witness). Answers are bounded in size and in time as a whole. */
public final class HttpWitness implements Witness {
    private static final int MAX_ANSWER = 64 * 1024;

    private final URI prefix;
    private final List<String> keys;
    private final Duration timeout;
    private final HttpClient client;

    /**
     * Creates a client.
     *
     * @throws IllegalArgumentException if the prefix is not one of HTTP, or a key not one of a witness
     */
    public HttpWitness(URI prefix, List<String> keys, Duration timeout) {
        String scheme = String.valueOf(prefix.getScheme());
        if (!(scheme.equals("https") || scheme.equals("http"))
                || prefix.getHost() == null
                || prefix.getRawQuery() != null
                || prefix.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "a witness must be an http or https URL without query, but was '" + prefix + "'");
        }
        keys.forEach(CosignatureKey::parse);
        this.prefix = prefix.toString().endsWith("/") ? prefix : URI.create(prefix + "/");
        this.keys = List.copyOf(keys);
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .connectTimeout(timeout)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    @Override
    public List<String> keys() {
        return keys;
    }

    @Override
    public Answer cosign(String checkpoint, long oldSize, List<Digest> proof) {
        HttpResponse<byte[]> response = send(HttpRequest.newBuilder(prefix.resolve("add-checkpoint"))
                .POST(HttpRequest.BodyPublishers.ofString(
                        new AddCheckpoint(oldSize, proof, checkpoint).body(), StandardCharsets.UTF_8)));
        String text = text(response);
        return switch (response.statusCode()) {
            case 200 -> new Answer.Cosigned(text);
            case 409 -> new Answer.Holds(size(response, text));
            case 404 -> new Answer.Refused(Answer.Reason.UNKNOWN_LOG, text.strip());
            case 403 -> new Answer.Refused(Answer.Reason.BAD_SIGNATURE, text.strip());
            case 422 -> new Answer.Refused(Answer.Reason.INCONSISTENT, text.strip());
            case 400 -> new Answer.Refused(Answer.Reason.MALFORMED, text.strip());
            default -> throw failed("it answered with status " + response.statusCode());
        };
    }

    @Override
    public Optional<String> newest(String origin) {
        HttpResponse<byte[]> response =
                send(HttpRequest.newBuilder(prefix.resolve(AddCheckpoint.originHash(origin) + "/checkpoint"))
                        .GET());
        return switch (response.statusCode()) {
            case 200 -> Optional.of(text(response));
            case 404 -> Optional.empty();
            default -> throw failed("it answered with status " + response.statusCode());
        };
    }

    private long size(HttpResponse<byte[]> response, String text) {
        String type = response.headers().firstValue("Content-Type").orElse("none");
        if (!type.startsWith("text/x.tlog.size") || !text.endsWith("\n")) {
            throw failed("it answered 409 without a size, in type " + type);
        }
        try {
            return AddCheckpoint.size(text.substring(0, text.length() - 1));
        } catch (IllegalArgumentException e) {
            throw failed("it answered 409 without a size", e);
        }
    }

    private String text(HttpResponse<byte[]> response) {
        try {
            return AddCheckpoint.utf8(response.body());
        } catch (IllegalArgumentException e) {
            throw failed("its answer is not text in UTF-8", e);
        }
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        CompletableFuture<HttpResponse<byte[]>> sent =
                client.sendAsync(request.timeout(timeout).build(), unused -> new BoundedBody());
        try {
            return sent.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw failed("no whole answer came within " + timeout, e);
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw failed("the asking was interrupted", e);
        } catch (ExecutionException e) {
            throw failed(String.valueOf(e.getCause()), e);
        }
    }

    private StorageException failed(String why) {
        return new StorageException(message(why));
    }

    private StorageException failed(String why, Throwable cause) {
        return new StorageException(message(why), cause);
    }

    private String message(String why) {
        return "the witness at " + prefix + " could not be asked: " + why;
    }

    /** Names the witness. */
    @Override
    public String toString() {
        return "witness at " + prefix;
    }

    /** Takes an answer up to a bound and ends the exchange where more comes. */
    private static final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {
        private final CompletableFuture<byte[]> body = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Flow.@Nullable Subscription subscription;

        @Override
        public CompletionStage<byte[]> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                if (bytes.size() + buffer.remaining() > MAX_ANSWER) {
                    body.completeExceptionally(
                            new StorageException("the answer has more than " + MAX_ANSWER + " bytes"));
                    if (subscription != null) {
                        subscription.cancel();
                    }
                    return;
                }
                byte[] part = new byte[buffer.remaining()];
                buffer.get(part);
                bytes.writeBytes(part);
            }
        }

        @Override
        public void onError(Throwable e) {
            body.completeExceptionally(e);
        }

        @Override
        public void onComplete() {
            body.complete(bytes.toByteArray());
        }
    }
}
