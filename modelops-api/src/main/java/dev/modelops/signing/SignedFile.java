package dev.modelops.signing;

import dev.modelops.Digest;

/**
 * One file of a signed model.
 *
 * @param name the path within the model, with {@code /} between its parts
 * @param digest the digest of its content
 */
public record SignedFile(String name, Digest digest) {}
