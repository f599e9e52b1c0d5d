package dev.modelops.core.internal.signing;

/**
 * Which departures of other clients are accepted that could be mistaken for forgeries.
 *
 * @param oldStatements statements of the time before version 1.0, and the mistaken encoding for those alone
 * @param shardAlgorithms shards whose algorithm is written with their size
 * @param signingTimeUnknown certificates judged at the start of their validity
 */
public record Leniency(boolean oldStatements, boolean shardAlgorithms, boolean signingTimeUnknown) {
    /** Accepts none. */
    public static final Leniency NONE = new Leniency(false, false, false);
}
