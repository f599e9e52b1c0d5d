package dev.modelops.registry;

import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.VersionNumber;
import dev.modelops.audit.LogKey;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A registered version as it is at one position of the log. Everything but {@code tags} and {@code status} is fixed for
 * ever. Collections are copied in.
 *
 * @param ref the model and number
 * @param kind the kind of model
 * @param description the description for people
 * @param metrics measured values by name
 * @param parameters parameters of the making by name
 * @param tags labels by key
 * @param parent the version it was made from
 * @param dataSets the data sets it was made from
 * @param codeCommit the commit of the code that made it
 * @param artifact SHA-256 over the raw digests of its files, in the order of their names: the identity of the content
 * @param fileCount the number of files
 * @param byteCount the size of all files together, in bytes
 * @param bundle the digest of its signature bundle, kept as a blob
 * @param publisher the digest of the trusted publisher key or certificate key that signed it; empty if it came with a
 *     signature by a key that this log does not trust, and that was therefore not verified
 * @param status the state in its life cycle
 * @param author who registered it
 * @param registeredAt when it was registered, in log time
 * @param position the position its registration brought the log to
 * @param source where it was imported from; empty if it was registered here. Then author and time are those of the import
 * @param answers the position of the request to train anew that it answers
 */
public record ModelVersion(
        ModelRef ref,
        String kind,
        String description,
        Map<String, BigDecimal> metrics,
        Map<String, String> parameters,
        Map<String, String> tags,
        Optional<VersionNumber> parent,
        List<DataSet> dataSets,
        Optional<String> codeCommit,
        Digest artifact,
        int fileCount,
        long byteCount,
        Digest bundle,
        Optional<Digest> publisher,
        String status,
        Principal author,
        Instant registeredAt,
        LogPosition position,
        Optional<Source> source,
        Optional<LogPosition> answers) {
    /**
     * Creates a value.
     *
     * @param ref the model and number
     * @param kind the kind of model
     * @param description the description
     * @param metrics measured values
     * @param parameters parameters of the making
     * @param tags labels
     * @param parent the version it was made from
     * @param dataSets the data sets it was made from
     * @param codeCommit the commit of its code
     * @param artifact the identity of the content
     * @param fileCount the number of files
     * @param byteCount the size in bytes
     * @param bundle the digest of its signature bundle
     * @param publisher the trusted key that signed it
     * @param status the state in its life cycle
     * @param author who registered it
     * @param registeredAt when
     * @param position where in the log
     * @param source where it was imported from
     * @param answers the request that it answers
     */
    public ModelVersion {
        metrics = Map.copyOf(metrics);
        parameters = Map.copyOf(parameters);
        tags = Map.copyOf(tags);
        dataSets = List.copyOf(dataSets);
    }

    /**
     * Where a version was imported from: what another log says of it, proved by receipts under a checkpoint of that log.
     *
     * @param logKey the key of the other log that was pinned when the version was imported
     * @param version the version there
     * @param author who registered it there, in the first of the logs that it came through; approvals by the same principal
     *     do not count here
     * @param parent the version that it was made from there
     * @param checkpoint the size of that log under the checkpoint that proves it
     * @param root the root of that log under the checkpoint
     * @param registration the digest of the entry that registered it there: two packs are of the same version if it is the
     *     same
     * @param pack the digest of the pack that it came in
     * @param entries the digest of the document that holds the entries of the other log about it, and their receipts; it is
     *     attached as evidence of the type {@link #ENTRIES}
     */
    public record Source(
            LogKey logKey,
            ModelRef version,
            Principal author,
            Optional<VersionNumber> parent,
            LogPosition checkpoint,
            Digest root,
            Digest registration,
            Digest pack,
            Digest entries) {
        /** The type of the evidence that holds what the other log says: approvals there, too, which do not count here. */
        public static final String ENTRIES = "source-entries";

        /**
         * Returns the identity of the other log.
         *
         * @return its origin
         */
        public String origin() {
            return logKey.origin();
        }
    }
}
