package dev.modelops.core.internal.statistics;

/** Watches a stream of numbers for a change, one after the other; not for use by several threads. */
public interface ChangeDetector {
    /** What a detector thinks after a number. */
    enum Level {
        /** No change was seen. */
        STABLE,
        /** Something may be changing. */
        WARNING,
        /** A change was seen; the detector starts anew with the next number. */
        DRIFT
    }

    /** Takes the next number and tells what it means. */
    Level add(double value);
}
