package dev.modelops.core.signing;

import dev.modelops.Digest;
import java.time.Duration;
import java.time.Instant;

/**
 * What a timestamp says that was verified: what exists as an object was.
 *
 * @param time by when its content was there
 * @param accuracy how far that may be off, by the word of the authority; zero where it does not say
 * @param authority the name in the authority's certificate
 * @param key the authority's key: the SHA-256 over its SubjectPublicKeyInfo in DER
 */
public record Timestamp(Instant time, Duration accuracy, String authority, Digest key) {}
