package dev.modelops.core.internal.notification;

import dev.modelops.core.internal.http.BoundedExchange;
import dev.modelops.monitoring.Notification;
import dev.modelops.monitoring.NotificationSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Posts notifications as CloudEvents over HTTP, signed as Standard Webhooks 1.0 does. */
public final class WebhookSink implements NotificationSink {
    private static final int MOST_ANSWER = 64 * 1024;
    private static final int LEAST_SECRET = 24;
    private static final int MOST_SECRET = 64;
    private static final String SECRET = "whsec_";
    private static final String MAC = "HmacSHA256";

    private final URI address;
    private final SecretKeySpec key;
    private final Clock clock;
    private final BoundedExchange exchange;

    /**
     * Creates a sink.
     *
     * @throws IllegalArgumentException if the address is not one of HTTP, or the secret has another form
     */
    public WebhookSink(URI address, String secret, Duration timeout, Clock clock) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        if (!(scheme.equals("https") || scheme.equals("http"))
                || address.getHost() == null
                || address.getRawUserInfo() != null
                || address.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "a webhook must be an http or https URL without user name and fragment, but was " + shown(address));
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a webhook needs some time to answer, but was given " + timeout);
        }
        this.address = address;
        this.key = key(secret);
        this.clock = clock;
        this.exchange = new BoundedExchange(timeout, MOST_ANSWER);
    }

    private static SecretKeySpec key(String secret) {
        byte[] bytes = {};
        if (secret.startsWith(SECRET)) {
            try {
                bytes = Base64.getDecoder().decode(secret.substring(SECRET.length()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("the secret of a webhook is not base64 after '" + SECRET + "'", e);
            }
        }
        if (bytes.length < LEAST_SECRET || bytes.length > MOST_SECRET) {
            throw new IllegalArgumentException("the secret of a webhook must be '" + SECRET + "' and the base64 of "
                    + LEAST_SECRET + " to " + MOST_SECRET + " random bytes");
        }
        return new SecretKeySpec(bytes, MAC);
    }

    /** Without the query, which may hold what only the receiver is to know. */
    private static String shown(URI address) {
        return "'" + address.getScheme() + "://" + address.getHost()
                + (address.getPort() < 0 ? "" : ":" + address.getPort()) + "'";
    }

    @Override
    public void deliver(Notification notification) throws IOException {
        String timestamp = String.valueOf(clock.instant().getEpochSecond());
        byte[] body = notification.event().toByteArray();
        HttpResponse<byte[]> response;
        try {
            response = exchange.send(HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/cloudevents+json; charset=UTF-8")
                    .header("webhook-id", notification.id())
                    .header("webhook-timestamp", timestamp)
                    .header("webhook-signature", "v1," + signature(notification.id(), timestamp, body))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
        } catch (IOException e) {
            throw new IOException(this + " could not be asked: " + e.getMessage(), e);
        }
        if (response.statusCode() / 100 != 2) {
            throw new IOException(this + " answered with status " + response.statusCode() + ", expected was 2xx");
        }
    }

    private String signature(String id, String timestamp, byte[] body) {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(body);
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            return Base64.getEncoder().encodeToString(mac.doFinal(signed.toByteArray()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + MAC, e);
        }
    }

    /** Names the receiver. */
    @Override
    public String toString() {
        return "the webhook at " + shown(address);
    }
}
