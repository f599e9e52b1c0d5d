package dev.modelops.core.internal.governor;

import dev.modelops.Alias;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.log.ActionJson;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Explanation;
import dev.modelops.registry.ModelVersion;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Decides a recorded act again, on the state before it. */
public final class Redecision {
    private Redecision() {}

    /** Returns what the policy set in force says of the act that an entry records; null if the entry records none. */
    public static @Nullable Decision of(Tip before, Entry entry) {
        Action done = action(entry);
        if (done == null) {
            return null;
        }
        Decision decision = entry.decision();
        Explanation.Overriding overriding =
                decision == null ? null : decision.explanation().overriding();
        Action action = overriding == null ? done : done.overriding(overriding.reason());
        Identity identity = new Identity(entry.actor(), entry.assurance(), entry.actorRoles());
        Governor.Subject subject = Governor.subject(before, action);
        if (action.type() == Action.Type.ROLLBACK) {
            subject = new Governor.Subject(before.state().requireVersion(ref(entry)));
        }
        return Governor.decide(before, entry.time(), identity, action, subject, Outside.read(entry));
    }

    /**
     * What another policy set decides of what an entry records.
     *
     * @param decision the decision
     * @param missing facts that it asked for and that were not recorded; they counted as failed
     */
    public record Replay(Decision decision, Set<String> missing) {}

    /**
     * Decides what an entry records, an act or a refusal, by the policy set of a tip; null if the entry does not say what
     * was asked.
     *
     * @throws dev.modelops.NotFoundException if what it is about does not exist in the state
     */
    public static @Nullable Replay replay(Tip before, Entry entry, Decision recorded) {
        Action asked = entry.type() == EntryType.ACCESS_REFUSED ? ActionJson.read(entry.data()) : action(entry);
        if (asked == null) {
            return null;
        }
        Explanation.Overriding overriding = recorded.explanation().overriding();
        Action action =
                overriding == null || asked.overriding().isPresent() ? asked : asked.overriding(overriding.reason());
        Identity identity = new Identity(entry.actor(), entry.assurance(), entry.actorRoles());
        Set<String> missing = new TreeSet<>();
        Outside outside = Outside.read(entry).notingWhatIsMissing(missing);
        Governor.Subject subject = entry.type() == EntryType.CHAMPION_ROLLED_BACK
                ? new Governor.Subject(before.state().requireVersion(ref(entry)))
                : Governor.subject(before, entry.time(), identity, action, outside);
        return new Replay(Governor.decide(before, entry.time(), identity, action, subject, outside), missing);
    }

    /**
     * Returns the decision that an entry records, with who asked for what; null if it records none.
     *
     * @throws IllegalArgumentException if the entry does not say it in a form that can be read
     */
    public static @Nullable Decision recorded(Entry entry) {
        Decision decision = entry.decision();
        if (decision == null) {
            return null;
        }
        Action action = entry.type() == EntryType.ACCESS_REFUSED ? ActionJson.read(entry.data()) : action(entry);
        Explanation.Overriding overriding = decision.explanation().overriding();
        if (action != null) {
            action = (overriding == null ? action : action.overriding(overriding.reason())).as(entry.command());
        }
        Explanation explanation = decision.explanation().about(entry.actor(), action);
        return decision instanceof Decision.Deny deny
                ? new Decision.Deny(
                        deny.cause(), deny.rules(), deny.unmet(), explanation, deny.policy(), deny.asOf(), deny.at())
                : new Decision.Allow(
                        decision.rules(),
                        decision.unmet(),
                        explanation,
                        decision.policy(),
                        decision.asOf(),
                        decision.at());
    }

    /** Returns where the version comes from that an entry imported. */
    static Optional<Action.Source> source(Entry imported) {
        ModelVersion.Source source = SourceEntries.source(imported);
        return Optional.of(new Action.Source(source.logKey().text(), source.version()));
    }

    private static @Nullable Action action(Entry entry) {
        return switch (entry.type()) {
            case VERSION_REGISTERED -> Action.register(ref(entry).name());
            case VERSION_IMPORTED -> {
                ModelVersion.Source source = SourceEntries.source(entry);
                yield Action.importVersion(ref(entry).name(), source.logKey().text(), source.version());
            }
            case EVIDENCE_ATTACHED -> Action.attachEvidence(ref(entry));
            case VERSION_COMMENTED -> Action.comment(ref(entry), ActionJson.NOT_RECORDED);
            case VERSION_APPROVED -> Action.approve(ref(entry), environment(entry));
            case VERSION_REJECTED -> Action.reject(ref(entry), environment(entry));
            case JUDGEMENT_WITHDRAWN -> Action.withdraw(ref(entry), environment(entry));
            case CHAMPION_PROMOTED -> Action.promote(ref(entry), environment(entry));
            case CHAMPION_ROLLED_BACK -> Action.rollback(ref(entry).name(), environment(entry));
            case VERSION_QUARANTINED -> Action.quarantine(ref(entry), environment(entry));
            case HANDLE_FELL_BACK ->
                Action.fallBack(
                        ref(entry),
                        environment(entry),
                        VersionNumber.of(Math.toIntExact(Entry.number(entry.data(), "to"))),
                        entry.get("cause"));
            case SERVING_SUSPENDED -> Action.suspend(model(entry), environment(entry));
            case SERVING_RESUMED -> Action.resume(model(entry), environment(entry));
            case ALIAS_SET -> Action.setAlias(ref(entry), Alias.of(entry.get("alias")));
            case ALIAS_REMOVED -> Action.removeAlias(ref(entry).name(), Alias.of(entry.get("alias")));
            case TAG_SET -> Action.setTag(ref(entry), entry.get("key"), entry.get("value"));
            case TAG_REMOVED -> Action.removeTag(ref(entry), entry.get("key"));
            case MODEL_TAG_SET -> Action.setTag(model(entry), entry.get("key"), entry.get("value"));
            case MODEL_TAG_REMOVED -> Action.removeTag(model(entry), entry.get("key"));
            case ROLE_GRANTED -> Action.grantRole(grantee(entry), Role.of(entry.get("role")));
            case ROLE_REVOKED -> Action.revokeRole(grantee(entry), Role.of(entry.get("role")));
            case VERSION_TRANSITIONED -> Action.transition(ref(entry), entry.get("transition"));
            case POLICIES_PROPOSED -> Action.proposePolicies(policies(entry));
            case POLICIES_INSTALLED -> Action.installPolicies(policies(entry));
            case TRUST_INSTALLED -> Action.installTrust((int) Entry.number(entry.data(), "version"));
            case TEXT_ERASED ->
                Action.erase(LogPosition.after(Entry.number(entry.data(), "entry")), entry.get("ground"));
            case HOLD_PLACED ->
                entry.subject() == null ? Action.hold(entry.get("hold")) : Action.hold(entry.get("hold"), model(entry));
            case HOLD_LIFTED -> Action.liftHold(entry.get("hold"));
            case SEGMENT_RECORDED -> Action.record(model(entry), environment(entry));
            case RECORDS_EXPIRED ->
                Action.expireRecords(
                        model(entry), LogPosition.of(Entry.number(entry.data(), "until")), entry.get("ground"));
            case ALERT_CHANGED ->
                entry.get("to").equals("ACKNOWLEDGED")
                        ? Action.acknowledge(ref(entry), environment(entry), entry.get("check"))
                        : Action.alert(ref(entry), environment(entry));
            case EXPERIMENT_STARTED -> Action.startExperiment(ref(entry), environment(entry));
            case EXPERIMENT_ENDED -> Action.endExperiment(ref(entry), environment(entry), entry.get("cause"));
            case EXPERIMENT_JUDGED -> Action.judge(ref(entry), environment(entry));
            case RETRAINING_REQUESTED -> Action.requestRetraining(ref(entry), environment(entry), entry.get("cause"));
            case LOG_CREATED,
                    LOG_RECOVERED,
                    ACCESS_REFUSED,
                    REFUSALS_COUNTED,
                    STATE_SNAPSHOTTED,
                    NOTIFICATIONS_DELIVERED,
                    UNKNOWN -> null;
        };
    }

    private static ModelRef ref(Entry entry) {
        return ModelRef.parse(String.valueOf(entry.subject()));
    }

    private static ModelName model(Entry entry) {
        return ModelName.of(String.valueOf(entry.subject()));
    }

    private static Principal grantee(Entry entry) {
        return Principal.parse(String.valueOf(entry.subject()));
    }

    private static Digest policies(Entry entry) {
        return Digest.parse(String.valueOf(entry.subject()));
    }

    private static Environment environment(Entry entry) {
        return Environment.of(entry.get("environment"));
    }
}
