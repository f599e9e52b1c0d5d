package dev.modelops.core.signing;

import dev.modelops.Bytes;

/**
 * Reaches a time-stamping authority, which signs that something was there at a time (RFC 3161). {@link Timestamps#http} does so
 * over HTTP; implemented by hosts that reach one in another way. It only carries: requests are made, and responses judged,
 * by {@link Timestamps}. Must be safe for use by many threads.
 */
@FunctionalInterface
public interface TimestampAuthority {
    /**
     * Takes a request to the authority and returns its response, whatever that says. Should end in a bounded time, and when
     * its thread is interrupted.
     *
     * @param request a {@code TimeStampReq} in DER
     * @return a {@code TimeStampResp} in DER; one of more than 64 KiB is refused
     * @throws dev.modelops.signing.SigningException if there is no response
     */
    Bytes exchange(Bytes request);
}
