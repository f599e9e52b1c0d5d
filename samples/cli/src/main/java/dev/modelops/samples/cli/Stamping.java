package dev.modelops.samples.cli;

import dev.modelops.core.signing.TimestampAuthority;
import dev.modelops.core.signing.Timestamps;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Who is asked for timestamps. */
final class Stamping {
    @Option(
            names = "--timestamp-url",
            paramLabel = "URL",
            description = "Have it stamped by this time-stamping authority (RFC 3161). May be repeated.")
    private List<URI> addresses = List.of();

    List<TimestampAuthority> authorities(Verb verb) {
        List<TimestampAuthority> authorities = new ArrayList<>();
        for (URI address : addresses) {
            try {
                authorities.add(Timestamps.http(address));
            } catch (IllegalArgumentException e) {
                verb.requireUsage(false, "--timestamp-url: " + e.getMessage());
            }
        }
        return authorities;
    }
}
