package dev.modelops.core.storage;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where blobs are in an object store that speaks S3, and how it is reached. Immutable: each method returns another
 * location.
 */
public final class S3Location {
    /** What a part may weigh at least: no S3 store takes less, but for the last part. */
    private static final int LEAST_PART = 5 << 20;

    private static final int MOST_PART = 512 << 20;

    private final String bucket;
    private final @Nullable URI endpoint;
    private final @Nullable String region;
    private final String prefix;
    private final boolean pathStyle;
    private final @Nullable Supplier<Credentials> credentials;
    private final Duration patience;
    private final int partLength;

    private S3Location(
            String bucket,
            @Nullable URI endpoint,
            @Nullable String region,
            String prefix,
            boolean pathStyle,
            @Nullable Supplier<Credentials> credentials,
            Duration patience,
            int partLength) {
        this.bucket = bucket;
        this.endpoint = endpoint;
        this.region = region;
        this.prefix = prefix;
        this.pathStyle = pathStyle;
        this.credentials = credentials;
        this.patience = patience;
        this.partLength = partLength;
    }

    /**
     * Names a bucket. Unless more is said, it is one of Amazon's, and region and credentials are found as its SDK finds
     * them: system properties, environment, profile, role of the container or machine.
     *
     * @param bucket the bucket, which must exist
     * @return the location
     * @throws IllegalArgumentException if it is no name of a bucket
     */
    public static S3Location bucket(String bucket) {
        if (!bucket.matches("[a-zA-Z0-9][a-zA-Z0-9._-]{1,61}[a-zA-Z0-9]")) {
            throw new IllegalArgumentException(
                    "expected the name of a bucket: 3 to 63 letters, digits, dots and dashes," + " found '" + bucket
                            + "'");
        }
        return new S3Location(bucket, null, null, "", false, null, Duration.ofSeconds(30), 16 << 20);
    }

    /**
     * Names the server of another provider or of one's own.
     *
     * @param server its address, with {@code http} or {@code https}
     * @return the location there
     * @throws IllegalArgumentException if it is no such address
     */
    public S3Location endpoint(URI server) {
        boolean isWeb = "http".equalsIgnoreCase(server.getScheme()) || "https".equalsIgnoreCase(server.getScheme());
        if (!isWeb || server.getHost() == null) {
            throw new IllegalArgumentException("expected an address like https://s3.example.com, found " + server);
        }
        return new S3Location(bucket, server, region, prefix, pathStyle, credentials, patience, partLength);
    }

    /**
     * Names the region.
     *
     * @param name for example {@code eu-central-1}
     * @return the location in it
     */
    public S3Location region(String name) {
        return new S3Location(bucket, endpoint, name, prefix, pathStyle, credentials, patience, partLength);
    }

    /**
     * Names what the keys of all blobs begin with, so that a bucket can be shared with others. Blobs of several logs may
     * be under one prefix, but then nobody may sweep it.
     *
     * @param keys for example {@code models/}
     * @return the location under it
     * @throws IllegalArgumentException if it is longer than 512 characters, or begins with a slash
     */
    public S3Location prefix(String keys) {
        if (keys.length() > 512 || keys.startsWith("/")) {
            throw new IllegalArgumentException(
                    "expected a prefix of at most 512 characters that does not begin with a slash, found '" + keys
                            + "'");
        }
        return new S3Location(bucket, endpoint, region, keys, pathStyle, credentials, patience, partLength);
    }

    /**
     * Puts the bucket into the path of each address instead of the name of the host, as most servers of one's own want it.
     *
     * @return the location
     */
    public S3Location pathStyle() {
        return new S3Location(bucket, endpoint, region, prefix, true, credentials, patience, partLength);
    }

    /**
     * Sets a key that does not change.
     *
     * @param accessKey the id of the key
     * @param secretKey the key
     * @return the location with it
     */
    public S3Location credentials(String accessKey, String secretKey) {
        Credentials fixed = new Credentials(accessKey, secretKey, null);
        return credentials(() -> fixed);
    }

    /**
     * Sets what gives the key. It is asked before every request, on many threads, so it should keep what it gives.
     *
     * @param source what gives the key
     * @return the location with it
     */
    public S3Location credentials(Supplier<Credentials> source) {
        return new S3Location(bucket, endpoint, region, prefix, pathStyle, source, patience, partLength);
    }

    /**
     * Sets how long one request may stay without a sign of life; 30 seconds unless set. A request that fails for a reason
     * that may pass is repeated up to four times.
     *
     * @param most the longest silence
     * @return the location
     * @throws IllegalArgumentException if it is under a millisecond or over an hour
     */
    public S3Location patience(Duration most) {
        if (most.compareTo(Duration.ofMillis(1)) < 0 || most.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("expected a patience of 1 ms to 1 h, found " + most);
        }
        return new S3Location(bucket, endpoint, region, prefix, pathStyle, credentials, most, partLength);
    }

    /**
     * Sets how much of a blob is sent at once, which is also what a put holds in memory; 16 MiB unless set. A blob has at
     * most 10,000 parts.
     *
     * @param bytes 5 MiB to 512 MiB
     * @return the location
     * @throws IllegalArgumentException if it is less or more
     */
    public S3Location partLength(int bytes) {
        if (bytes < LEAST_PART || bytes > MOST_PART) {
            throw new IllegalArgumentException(
                    "expected parts of " + LEAST_PART + " to " + MOST_PART + " bytes, found " + bytes);
        }
        return new S3Location(bucket, endpoint, region, prefix, pathStyle, credentials, patience, bytes);
    }

    /**
     * Returns the bucket.
     *
     * @return its name
     */
    public String bucket() {
        return bucket;
    }

    /**
     * Returns the server.
     *
     * @return its address; empty for Amazon's
     */
    public Optional<URI> endpoint() {
        return Optional.ofNullable(endpoint);
    }

    /**
     * Returns the region.
     *
     * @return its name; empty if it is to be found
     */
    public Optional<String> region() {
        return Optional.ofNullable(region);
    }

    /**
     * Returns what the keys begin with.
     *
     * @return the prefix, empty if there is none
     */
    public String prefix() {
        return prefix;
    }

    /**
     * Tells where the bucket is named.
     *
     * @return true if it is in the path
     */
    public boolean isPathStyle() {
        return pathStyle;
    }

    /**
     * Returns what gives the key.
     *
     * @return the source; empty if the key is to be found
     */
    public Optional<Supplier<Credentials>> credentials() {
        return Optional.ofNullable(credentials);
    }

    /**
     * Returns how long one request may stay without a sign of life.
     *
     * @return the longest silence
     */
    public Duration patience() {
        return patience;
    }

    /**
     * Returns how much of a blob is sent at once.
     *
     * @return bytes
     */
    public int partLength() {
        return partLength;
    }

    /** Returns the location without its credentials, for messages. */
    @Override
    public String toString() {
        return "s3://" + bucket + "/" + prefix + (endpoint == null ? "" : " at " + endpoint);
    }

    /**
     * A key for an object store. Its text never tells the secret.
     *
     * @param accessKey the id of the key
     * @param secretKey the key
     * @param sessionToken what goes with a key that was given for a time, null for any other
     */
    public record Credentials(
            String accessKey, String secretKey, @Nullable String sessionToken) {
        /**
         * Creates it.
         *
         * @param accessKey the id of the key
         * @param secretKey the secret that belongs to it
         * @param sessionToken the token of a session, or null
         * @throws IllegalArgumentException if a key is blank
         */
        public Credentials {
            if (accessKey.isBlank() || secretKey.isBlank()) {
                throw new IllegalArgumentException(
                        "expected an access key and a secret key, but one of them is blank; check"
                                + " where the credentials come from");
            }
        }

        @Override
        public String toString() {
            return "Credentials[" + accessKey + "]";
        }
    }
}
