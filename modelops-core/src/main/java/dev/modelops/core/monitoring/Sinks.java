package dev.modelops.core.monitoring;

import dev.modelops.core.internal.notification.LoggingSink;
import dev.modelops.core.internal.notification.WebhookSink;
import dev.modelops.monitoring.NotificationSink;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;

/**
 * Where notifications go. Whatever takes them in this process is a lambda:
 *
 * <pre>{@code
 * ops.notifications().deliver("risk-office", EnumSet.allOf(Notification.Kind.class),
 *         Sinks.webhook(URI.create("https://risk.example.com/hooks/models"), secret));
 * }</pre>
 */
public final class Sinks {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private Sinks() {}

    /**
     * Returns a sink that writes a line for each notification to a logger of SLF4J: as a warning what somebody should look
     * at, as information what went as planned.
     *
     * @param logger the name of the logger
     * @return the sink
     */
    public static NotificationSink slf4j(String logger) {
        return new LoggingSink(logger);
    }

    /**
     * Returns a sink that posts each notification to an address, within ten seconds.
     *
     * @param address an http or https URL
     * @param secret shared with the receiver: {@code whsec_} and the base64 of 24 to 64 random bytes
     * @return the sink
     * @throws IllegalArgumentException if one has another form
     */
    public static NotificationSink webhook(URI address, String secret) {
        return webhook(address, secret, TIMEOUT, Clock.systemUTC());
    }

    /**
     * Returns a sink that posts each notification to an address: the entry of the log, byte for byte, as a CloudEvents 1.0
     * JSON object, under the signature of Standard Webhooks 1.0 (an HMAC-SHA256 over {@code webhook-id}, {@code
     * webhook-timestamp} and the body, in {@code webhook-signature}). A status of 2xx and at most 64 KiB is taken as
     * delivered; anything else, such as a redirection, which is not followed, or an answer that breaks off, comes again.
     *
     * @param address an http or https URL, without user name and fragment
     * @param secret shared with the receiver: {@code whsec_} and the base64 of 24 to 64 random bytes
     * @param timeout how long the whole exchange may take
     * @param clock tells the time of each attempt, by which the receiver knows old ones that somebody repeats
     * @return the sink
     * @throws IllegalArgumentException if one has another form
     */
    public static NotificationSink webhook(URI address, String secret, Duration timeout, Clock clock) {
        return new WebhookSink(address, secret, timeout, clock);
    }
}
