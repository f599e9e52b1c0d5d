package dev.modelops.core.internal.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ReadOnlyException;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.signing.Bundle;
import dev.modelops.core.internal.signing.PublisherTrust;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationException;
import dev.modelops.storage.BlobStore;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What entries name in the blob store. This is the only place that knows, for those who verify blobs, copy them, or remove
 * what nothing names.
 */
public final class BlobReferences {
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    private BlobReferences() {}

    /**
     * A blob that an entry needs.
     *
     * @param digest the blob
     * @param what what it is, for messages
     * @param mayBeGone whether a store may be without it: because the entries alone lead to it, so that nothing is lost, or
     *     because a later entry may say that it is no longer needed
     */
    public record Reference(Digest digest, String what, boolean mayBeGone) {
        Reference(Digest digest, String what) {
            this(digest, what, false);
        }

        /** Tells whether a store does without the blob. Another entry may need the same blob for something else. */
        public boolean isSparedIn(BlobStore blobs) {
            return mayBeGone && !blobs.contains(digest);
        }
    }

    /**
     * Returns what an entry names itself: for a registered version the bundle with its signature, which names more.
     *
     * <p>Of an entry that may be passed over, of a type that this release does not know, these are all digests that it
     * mentions; they need not be blobs, and may not be all.
     *
     * @throws ReadOnlyException if the entry is of a type that this release does not know and may not be passed over
     * @throws IllegalArgumentException if the entry is malformed
     */
    public static List<Reference> direct(Entry entry) {
        return switch (entry.type()) {
            case LOG_CREATED -> List.of(new Reference(Digest.parse(entry.get("policies")), "the first policy set"));
            case EVIDENCE_ATTACHED ->
                List.of(new Reference(Digest.parse(entry.get("digest")), "evidence of " + entry.subject()));
            case VERSION_REGISTERED ->
                List.of(new Reference(Digest.parse(entry.get("bundle")), "the signature of " + entry.subject()));
            case VERSION_IMPORTED -> {
                List<Reference> named = new ArrayList<>();
                named.add(new Reference(Digest.parse(entry.get("bundle")), "the signature of " + entry.subject()));
                SourceEntries.documents(entry)
                        .forEach(document ->
                                named.add(new Reference(document.digest(), "evidence of " + entry.subject())));
                named.add(new Reference(
                        Digest.parse(entry.get("entries")), "what another log says of " + entry.subject()));
                yield named;
            }
            case POLICIES_PROPOSED -> {
                List<Reference> named = new ArrayList<>();
                named.add(
                        new Reference(Digest.parse(String.valueOf(entry.subject())), "policy set " + entry.subject()));
                String bundle = entry.find("bundle");
                if (bundle != null) {
                    named.add(
                            new Reference(Digest.parse(bundle), "the signed bundle of policy set " + entry.subject()));
                }
                yield named;
            }
            case SEGMENT_RECORDED ->
                List.of(new Reference(
                        Digest.parse(entry.get("segment")), "a segment of records of " + entry.subject(), true));
            case STATE_SNAPSHOTTED ->
                List.of(new Reference(Digest.parse(String.valueOf(entry.subject())), "a snapshot of the state", true));
            case VERSION_COMMENTED,
                    VERSION_APPROVED,
                    VERSION_REJECTED,
                    JUDGEMENT_WITHDRAWN,
                    CHAMPION_PROMOTED,
                    CHAMPION_ROLLED_BACK,
                    VERSION_QUARANTINED,
                    HANDLE_FELL_BACK,
                    SERVING_SUSPENDED,
                    SERVING_RESUMED,
                    ALIAS_SET,
                    ALIAS_REMOVED,
                    TAG_SET,
                    TAG_REMOVED,
                    MODEL_TAG_SET,
                    MODEL_TAG_REMOVED,
                    ROLE_GRANTED,
                    ROLE_REVOKED,
                    VERSION_TRANSITIONED,
                    POLICIES_INSTALLED,
                    TRUST_INSTALLED,
                    TEXT_ERASED,
                    HOLD_PLACED,
                    HOLD_LIFTED,
                    RECORDS_EXPIRED,
                    ALERT_CHANGED,
                    EXPERIMENT_STARTED,
                    EXPERIMENT_ENDED,
                    EXPERIMENT_JUDGED,
                    RETRAINING_REQUESTED,
                    LOG_RECOVERED,
                    ACCESS_REFUSED,
                    REFUSALS_COUNTED,
                    NOTIFICATIONS_DELIVERED -> List.of();
            case UNKNOWN -> {
                if (entry.critical()) {
                    throw unknown(entry);
                }
                Set<Digest> mentioned = new LinkedHashSet<>();
                mention(entry.subject(), mentioned);
                mentioned(entry.data(), mentioned);
                yield mentioned.stream()
                        .map(digest -> new Reference(
                                digest, "what entry " + entry.index() + " of a later release mentions", true))
                        .toList();
            }
        };
    }

    /**
     * Refuses an entry of a type that this release does not know: which blobs it needs is not known either.
     *
     * @throws ReadOnlyException if the entry is one
     */
    static void requireKnown(Entry entry) {
        if (entry.type() == EntryType.UNKNOWN) {
            throw unknown(entry);
        }
    }

    private static ReadOnlyException unknown(Entry entry) {
        return new ReadOnlyException("entry " + entry.index() + " has type '" + entry.typeName()
                + "', which this version of the library does not know, so the blobs it needs are not known"
                + " either; upgrade modelops-core");
    }

    private static void mentioned(JsonNode node, Set<Digest> found) {
        if (node.isTextual()) {
            mention(node.textValue(), found);
        }
        node.forEach(child -> mentioned(child, found));
    }

    private static void mention(@Nullable String text, Set<Digest> found) {
        if (text != null && DIGEST.matcher(text).matches()) {
            found.add(Digest.parse(text));
        }
    }

    /** Returns the digest of the bundle that lists the files of a version, or null if the entry brings in none. */
    public static @Nullable Digest bundle(Entry entry) {
        return entry.type() == EntryType.VERSION_REGISTERED || entry.type() == EntryType.VERSION_IMPORTED
                ? Digest.parse(entry.get("bundle"))
                : null;
    }

    /** Returns the files of a version that its bundle lists. */
    public static List<Reference> files(Entry entry, List<SignedFile> listed) {
        return listed.stream()
                .map(file -> new Reference(file.digest(), "file '" + file.name() + "' of " + entry.subject()))
                .toList();
    }

    /**
     * Returns everything that an entry names, directly and through a bundle, which is read from the store and must list
     * what was registered.
     *
     * @throws ReadOnlyException as {@link #direct} does
     * @throws IllegalArgumentException as {@link #direct} does
     * @throws dev.modelops.NotFoundException if the bundle is missing from the store
     * @throws IntegrityException if the bundle was altered, cannot be read, or lists other files than were registered
     */
    public static List<Reference> all(Entry entry, BlobStore blobs) {
        List<Reference> all = new ArrayList<>(direct(entry));
        Digest bundle = bundle(entry);
        if (bundle != null) {
            try {
                var statement = PublisherTrust.readUnauthenticated(Bundle.parse(Ledger.readBlob(blobs, bundle)));
                if (!statement.root().equals(Digest.parse(entry.get("artifact")))) {
                    throw new IntegrityException("the bundle of " + entry.subject() + " is over " + statement.root()
                            + ", but registered was " + entry.get("artifact") + "; verify the log");
                }
                all.addAll(files(entry, statement.files()));
            } catch (VerificationException e) {
                throw new IntegrityException(
                        "the bundle of " + entry.subject() + " cannot be read: " + e.getMessage() + "; verify the log",
                        e);
            }
        }
        return all;
    }
}
