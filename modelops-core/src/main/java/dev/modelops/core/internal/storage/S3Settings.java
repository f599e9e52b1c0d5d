package dev.modelops.core.internal.storage;

import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where a bucket is and how it is reached. */
public record S3Settings(
        String bucket,
        @Nullable URI endpoint,
        @Nullable String region,
        String prefix,
        boolean pathStyle,
        @Nullable Supplier<Key> key,
        Duration patience,
        int partLength) {

    /** Returns the place in words, without secrets. */
    String place() {
        return "bucket '" + bucket + "'" + (endpoint == null ? "" : " at " + endpoint);
    }

    /** A key as the host gives it. */
    public record Key(
            String accessKey, String secretKey, @Nullable String sessionToken) {
        @Override
        public String toString() {
            return "Key[" + accessKey + "]";
        }
    }
}
