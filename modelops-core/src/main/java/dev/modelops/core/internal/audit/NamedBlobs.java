package dev.modelops.core.internal.audit;

import dev.modelops.Digest;
import dev.modelops.core.internal.log.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * Which blobs an entry names. The one enumeration of them: what is verified and what is never swept follow from it. A new
 * type of entry does not compile before it says here what it names.
 */
final class NamedBlobs {
    private NamedBlobs() {}

    /** Returns what an entry names itself; a signature names further blobs, the files that it lists. */
    static List<Named> of(Entry entry) {
        return switch (entry.type()) {
            case LOG_CREATED ->
                List.of(new Named(Digest.parse(entry.get("policies")), "the first policy set", Role.FIRST));
            case VERSION_REGISTERED ->
                List.of(new Named(
                        Digest.parse(entry.get("bundle")), "the signature of " + entry.subject(), Role.SIGNATURE));
            case EVIDENCE_ATTACHED ->
                List.of(new Named(Digest.parse(entry.get("digest")), "evidence of " + entry.subject(), Role.CONTENT));
            case POLICIES_PROPOSED -> proposed(entry);
            case VERSION_COMMENTED,
                    VERSION_APPROVED,
                    VERSION_REJECTED,
                    JUDGEMENT_WITHDRAWN,
                    CHAMPION_PROMOTED,
                    CHAMPION_ROLLED_BACK,
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
                    ACCESS_REFUSED,
                    REFUSALS_COUNTED,
                    UNKNOWN -> List.of();
        };
    }

    private static List<Named> proposed(Entry entry) {
        List<Named> named = new ArrayList<>();
        named.add(new Named(
                Digest.parse(String.valueOf(entry.subject())), "policy set " + entry.subject(), Role.CONTENT));
        String bundle = entry.find("bundle");
        if (bundle != null) {
            named.add(new Named(
                    Digest.parse(bundle), "the signed bundle of policy set " + entry.subject(), Role.CONTENT));
        }
        return named;
    }

    /** A blob, what it is in words, and how it is read. */
    record Named(Digest digest, String what, Role role) {}

    /** How a blob is read. */
    enum Role {
        /** Only by its digest. */
        CONTENT,
        /** As the policy set that a log begins with. */
        FIRST,
        /** As the signature of a version, which lists the version's files. */
        SIGNATURE
    }
}
