package dev.modelops.core.internal.signing;

import dev.modelops.Bytes;
import dev.modelops.core.internal.http.BoundedExchange;
import dev.modelops.signing.SigningException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;

/** Takes requests to a time-stamping authority over HTTP (RFC 3161, section 3.4). */
public final class HttpTimestamps {
    private static final int FOUND = 200;

    private final URI address;
    private final BoundedExchange exchange;

    /**
     * Creates a client.
     *
     * @throws IllegalArgumentException if the address is not one of HTTP
     */
    public HttpTimestamps(URI address, Duration timeout) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        if (!(scheme.equals("https") || scheme.equals("http"))
                || address.getHost() == null
                || address.getRawUserInfo() != null
                || address.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "a time-stamping authority must be an http or https URL without user name, but was '" + address
                            + "'");
        }
        this.address = address;
        this.exchange = new BoundedExchange(timeout, Rfc3161.MAX_BYTES);
    }

    /**
     * Returns the answer to a request.
     *
     * @throws SigningException if there is none
     */
    public Bytes exchange(Bytes request) {
        HttpResponse<byte[]> response;
        try {
            response = exchange.send(HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/timestamp-query")
                    .header("Accept", "application/timestamp-reply")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(request.toByteArray())));
        } catch (IOException e) {
            throw new SigningException(message(String.valueOf(e.getMessage())), e);
        }
        if (response.statusCode() != FOUND) {
            throw new SigningException(message("it answered with status " + response.statusCode()));
        }
        String type = response.headers().firstValue("Content-Type").orElse("none");
        if (!type.toLowerCase(Locale.ROOT).startsWith("application/timestamp-reply")) {
            throw new SigningException(message("it answered in type " + Names.quote(type)
                    + ", where an authority answers in application/timestamp-reply"));
        }
        return Bytes.of(response.body());
    }

    private String message(String why) {
        return "the time-stamping authority at " + address + " could not be asked: " + why;
    }

    /** Names the authority. */
    @Override
    public String toString() {
        return "time-stamping authority at " + address;
    }
}
