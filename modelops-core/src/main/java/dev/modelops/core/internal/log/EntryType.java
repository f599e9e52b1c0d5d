package dev.modelops.core.internal.log;

import java.util.HashMap;
import java.util.Map;

/** The types of entries that this version of the library knows. */
public enum EntryType {
    /** The first entry. */
    LOG_CREATED("log.created", "creation of the log"),
    /** The log went on under another key from where a restored store ended. */
    LOG_RECOVERED("log.recovered", "recovery of the log"),
    /** A version was registered. */
    VERSION_REGISTERED("version.registered", "registration"),
    /** A version of another log was imported. */
    VERSION_IMPORTED("version.imported", "import"),
    /** Evidence was attached to a version. */
    EVIDENCE_ATTACHED("evidence.attached", "attachment"),
    /** A version was commented on. */
    VERSION_COMMENTED("version.commented", "comment"),
    /** A version was approved for an environment. */
    VERSION_APPROVED("version.approved", "approval"),
    /** A version was rejected for an environment. */
    VERSION_REJECTED("version.rejected", "rejection"),
    /** An approval or rejection was withdrawn. */
    JUDGEMENT_WITHDRAWN("judgement.withdrawn", "withdrawal"),
    /** A version became champion. */
    CHAMPION_PROMOTED("champion.promoted", "promotion"),
    /** A former champion became champion again. */
    CHAMPION_ROLLED_BACK("champion.rolledback", "rollback"),
    /** A version was put into quarantine. */
    VERSION_QUARANTINED("version.quarantined", "quarantine"),
    /** A deployment fell back from a version, which is in quarantine since. */
    HANDLE_FELL_BACK("handle.fellback", "fallback of a deployment"),
    /** A model was suspended. */
    SERVING_SUSPENDED("serving.suspended", "suspension"),
    /** A model was resumed. */
    SERVING_RESUMED("serving.resumed", "end of a suspension"),
    /** An alias was set. */
    ALIAS_SET("alias.set", "alias"),
    /** An alias was removed. */
    ALIAS_REMOVED("alias.removed", "removal of an alias"),
    /** A tag was set. */
    TAG_SET("tag.set", "tag"),
    /** A tag was removed. */
    TAG_REMOVED("tag.removed", "removal of a tag"),
    /** A tag of a model was set. */
    MODEL_TAG_SET("model.tag.set", "tag of a model"),
    /** A tag of a model was removed. */
    MODEL_TAG_REMOVED("model.tag.removed", "removal of a tag of a model"),
    /** A role was granted. */
    ROLE_GRANTED("role.granted", "grant"),
    /** A role was revoked. */
    ROLE_REVOKED("role.revoked", "revocation of a role"),
    /** A version moved along its life cycle. */
    VERSION_TRANSITIONED("version.transitioned", "transition"),
    /** A policy set was proposed. */
    POLICIES_PROPOSED("policies.proposed", "proposal of a policy set"),
    /** A proposed policy set came into force. */
    POLICIES_INSTALLED("policies.installed", "installation of a policy set"),
    /** A trust policy came into force. */
    TRUST_INSTALLED("trust.installed", "installation of a trust policy"),
    /** A text that a person wrote was erased. */
    TEXT_ERASED("text.erased", "erasure of a text"),
    /** A legal hold was placed. */
    HOLD_PLACED("hold.placed", "legal hold"),
    /** A legal hold was lifted. */
    HOLD_LIFTED("hold.lifted", "lifting of a legal hold"),
    /** Records of what a model answered were gathered in a segment. */
    SEGMENT_RECORDED("segment.recorded", "segment of records"),
    /** Segments of a model are no longer needed. */
    RECORDS_EXPIRED("records.expired", "expiry of records"),
    /** An alert changed. */
    ALERT_CHANGED("alert.changed", "change of an alert"),
    /** An experiment, or a stage of it, began. */
    EXPERIMENT_STARTED("experiment.started", "start of an experiment"),
    /** An experiment was ended. */
    EXPERIMENT_ENDED("experiment.ended", "end of an experiment"),
    /** An experiment was judged. */
    EXPERIMENT_JUDGED("experiment.judged", "verdict on an experiment"),
    /** A model is to be trained anew. */
    RETRAINING_REQUESTED("retraining.requested", "request to train anew"),
    /** An act was refused. */
    ACCESS_REFUSED("access.refused", "refusal"),
    /** Repeated refusals were counted. */
    REFUSALS_COUNTED("access.refusals.counted", "count of refusals"),
    /** A snapshot of the state was stored. */
    STATE_SNAPSHOTTED("state.snapshotted", "snapshot of the state"),
    /** It was recorded how far a sink of notifications got. */
    NOTIFICATIONS_DELIVERED("notifications.delivered", "delivery of notifications"),
    /** Any type this version of the library does not know. */
    UNKNOWN("unknown", "entry of an unknown type");

    private static final String PREFIX = "dev.modelops.";
    private static final Map<String, EntryType> BY_NAME = byName();

    private final String typeName;
    private final String sentence;

    EntryType(String name, String sentence) {
        this.typeName = PREFIX + name + ".v1";
        this.sentence = sentence;
    }

    /** Returns the name in the log. */
    public String typeName() {
        return typeName;
    }

    /** Tells whether a release that does not know the type must not pass over it. */
    public boolean isCritical() {
        return this != STATE_SNAPSHOTTED && this != NOTIFICATIONS_DELIVERED;
    }

    /** Returns what it is, in words. */
    public String sentence() {
        return sentence;
    }

    /** Returns the type of a name, {@link #UNKNOWN} if there is none. */
    public static EntryType of(String name) {
        return BY_NAME.getOrDefault(name, UNKNOWN);
    }

    private static Map<String, EntryType> byName() {
        Map<String, EntryType> map = new HashMap<>();
        for (EntryType type : values()) {
            if (type != UNKNOWN) {
                map.put(type.typeName, type);
            }
        }
        return Map.copyOf(map);
    }
}
