package dev.modelops.core.internal.signing;

/**
 * How the files of a model become the resources of a statement.
 *
 * @param hash how they are hashed
 * @param shardSize into ranges of how many bytes they are cut, or 0 for one resource per file
 */
public record Serialization(FileHash hash, long shardSize) {
    /** One SHA-256 per file: what the registry keeps, as its blobs are named by that. */
    public static final Serialization FILES = new Serialization(FileHash.SHA256, 0);

    /** Tells whether files are cut. */
    public boolean isSharded() {
        return shardSize > 0;
    }
}
