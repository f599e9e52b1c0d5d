package dev.modelops.core.internal.signing;

import dev.modelops.Digest;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file of a model, as it was found and hashed.
 *
 * @param name the path within the model, with {@code /} between its parts
 * @param digest SHA-256 over the content
 * @param size the length in bytes
 * @param path where it was read
 * @param format the format by which it can run code as it is loaded, if it has one
 */
public record FileEntry(
        String name,
        Digest digest,
        long size,
        Path path,
        @Nullable CodeFormat format) {}
