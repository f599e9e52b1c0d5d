package dev.modelops.core.internal.witness;

import dev.modelops.Digest;
import dev.modelops.audit.Witness;
import dev.modelops.core.internal.http.BoundedExchange;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Asks a witness over HTTP (C2SP tlog-witness). Answers are bounded in size and in time as a whole. */
public final class HttpWitness implements Witness {
    private static final int MAX_ANSWER = 64 * 1024;

    private final URI prefix;
    private final List<String> keys;
    private final BoundedExchange exchange;

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
        this.exchange = new BoundedExchange(timeout, MAX_ANSWER);
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
        try {
            return exchange.send(request);
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()), e);
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
}
