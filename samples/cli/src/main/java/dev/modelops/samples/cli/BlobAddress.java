package dev.modelops.samples.cli;

import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.S3Location;
import dev.modelops.storage.BlobStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where blobs are, as the user names it: a folder, or a bucket of an object store.
 *
 * @param text what the user wrote
 * @param bucket the bucket, null for a folder
 */
record BlobAddress(String text, @Nullable S3Location bucket) {
    private static final String SCHEME = "s3://";
    private static final String EXAMPLE = SCHEME + "bucket/prefix?endpoint=https://host:port&region=name";

    static BlobAddress folder(Path folder) {
        return new BlobAddress(folder.toString(), null);
    }

    static BlobAddress parse(String text) {
        if (text.startsWith(SCHEME)) {
            return new BlobAddress(text, location(text.substring(SCHEME.length())));
        }
        if (text.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
            throw new IllegalArgumentException(
                    "expected a folder, or a bucket such as " + EXAMPLE + ", but was '" + text + "'");
        }
        try {
            return folder(Path.of(text));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("expected a folder: " + e.getMessage(), e);
        }
    }

    BlobStore open() {
        return bucket == null ? Blobs.directory(Path.of(text)) : Blobs.s3(bucket);
    }

    private static S3Location location(String rest) {
        String[] parts = rest.split("\\?", 2);
        String[] names = parts[0].split("/", 2);
        S3Location location = S3Location.bucket(names[0]);
        if (names.length == 2 && !names[1].isEmpty()) {
            location = location.prefix(names[1].endsWith("/") ? names[1] : names[1] + "/");
        }
        if (parts.length == 2) {
            for (String option : parts[1].split("&", -1)) {
                location = with(location, option);
            }
        }
        return location;
    }

    private static S3Location with(S3Location location, String option) {
        String[] pair = option.split("=", 2);
        if (pair.length == 2 && pair[0].equals("region") && !pair[1].isBlank()) {
            return location.region(pair[1]);
        }
        if (pair.length == 2 && pair[0].equals("endpoint")) {
            try {
                // Servers of one's own rarely have a host name for each bucket.
                return location.endpoint(new URI(pair[1])).pathStyle();
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException("the endpoint of a bucket is no address: " + e.getMessage(), e);
            }
        }
        throw new IllegalArgumentException("a bucket may be named with endpoint and region, such as " + EXAMPLE
                + ", but was with '" + option + "'");
    }

    @Override
    public String toString() {
        return text;
    }
}
