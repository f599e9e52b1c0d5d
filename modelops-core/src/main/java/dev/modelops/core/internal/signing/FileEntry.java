package dev.modelops.core.internal.signing;

import dev.modelops.Digest;
import java.nio.file.Path;

/**
 * One file of a model, as it was found and hashed.
 *
 * @param name the path within the model, with {@code /} between its parts
 * @param digest SHA-256 over the content
 * @param size the length in bytes
 * @param path where it was read
 */
public record FileEntry(String name, Digest digest, long size, Path path) {}
