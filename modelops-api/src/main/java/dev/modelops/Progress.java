package dev.modelops;

/**
 * Follows long work, such as hashing or verifying, and may cancel it. Called on the working threads, possibly several at
 * once; it must be quick and safe for that.
 */
@FunctionalInterface
public interface Progress {
    /** Follows nothing and never cancels. */
    Progress NONE = (done, total) -> {};

    /**
     * Takes note of how far the work is.
     *
     * @param done units done so far: bytes for files, entries for logs
     * @param total units in all, or -1 where that is not known
     */
    void report(long done, long total);

    /**
     * Tells whether the work should stop. Work that stops ends with
     * {@link java.util.concurrent.CancellationException} and leaves nothing half-written.
     *
     * @return true to cancel
     */
    default boolean isCancelled() {
        return false;
    }
}
