package dev.modelops;

/**
 * How firmly an identity was established, from weakest to strongest, as the host says. Recorded with every act; policy
 * may demand one.
 */
public enum Assurance {
    /** The host says so. */
    ASSERTED,
    /** The host verified a token that is bound to the session. */
    TOKEN_BOUND,
    /** The person signed the act with a key of their own. */
    SIGNED
}
