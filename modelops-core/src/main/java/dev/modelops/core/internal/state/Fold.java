package dev.modelops.core.internal.state;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.DataSet;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.VerificationException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Applies entries to a state. It records effects and never decides again, but it refuses an entry that does not follow:
 * out of place, earlier than the one before, or about something that does not exist.
 */
public final class Fold {
    private Fold() {}

    /** An entry that this version of the library cannot apply, though it must. */
    public static final class UnknownEntryException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        UnknownEntryException(Entry entry) {
            super("entry " + entry.index() + " has type '" + entry.typeName()
                    + "', which this version of the library does not know; upgrade modelops-core");
        }
    }

    /**
     * Returns the state after an entry; {@link IllegalArgumentException} if the entry does not follow, {@link
     * UnknownEntryException} if it is critical and its type is not known.
     */
    public static RegistryState apply(RegistryState state, Entry entry) {
        if (entry.index() != state.size()) {
            throw new IllegalArgumentException("expected entry " + state.size() + ", found entry " + entry.index());
        }
        if (entry.time().isBefore(state.time())) {
            throw new IllegalArgumentException("entry " + entry.index() + " is of " + entry.time()
                    + ", before the entry before it, of " + state.time());
        }
        if (state.size() == 0 != (entry.type() == EntryType.LOG_CREATED)) {
            throw new IllegalArgumentException(
                    state.size() == 0
                            ? "expected the first entry to create the log, found '" + entry.typeName() + "'"
                            : "entry " + entry.index() + " creates the log a second time");
        }
        if (state.size() > 0 && !entry.source().equals(state.founding().origin())) {
            throw new IllegalArgumentException("entry " + entry.index() + " is of log '" + entry.source()
                    + "', this log is '" + state.founding().origin() + "'");
        }
        RegistryState changed = change(state, entry);
        boolean isAct = entry.type() != EntryType.LOG_CREATED
                && entry.type() != EntryType.ACCESS_REFUSED
                && entry.type() != EntryType.REFUSALS_COUNTED
                && entry.type() != EntryType.STATE_SNAPSHOTTED
                && entry.type() != EntryType.NOTIFICATIONS_DELIVERED
                && entry.type() != EntryType.UNKNOWN;
        if (isAct) {
            CommandId command = entry.command();
            changed = changed.done(command, entry.index());
            if (changed.commands().size() == state.commands().size()) {
                throw new IllegalArgumentException("entry " + entry.index() + " repeats the act " + command);
            }
        }
        return changed.advanced(entry.time());
    }

    private static RegistryState change(RegistryState state, Entry entry) {
        return switch (entry.type()) {
            case LOG_CREATED -> founded(state, entry, Founding.read(entry));
            case LOG_RECOVERED -> state.founded(state.founding().recovered(entry));
            case VERSION_REGISTERED -> registered(state, entry);
            case VERSION_IMPORTED -> imported(state, entry);
            case EVIDENCE_ATTACHED ->
                onVersion(
                        state,
                        entry,
                        version -> version.attached(
                                evidence(entry),
                                Optional.ofNullable(entry.find("statement"))
                                        .map(Digest::parse)
                                        .orElse(null)));
            case VERSION_COMMENTED ->
                onVersion(
                        state,
                        entry,
                        version -> version.commented(
                                new Comment(ref(entry), comment(entry), entry.actor(), entry.time(), position(entry))));
            case VERSION_APPROVED -> judged(state, entry, Approval.Verdict.APPROVED);
            case VERSION_REJECTED -> judged(state, entry, Approval.Verdict.REJECTED);
            case JUDGEMENT_WITHDRAWN ->
                onVersion(state, entry, version -> version.withdrawn(entry.actor(), environment(state, entry)));
            case CHAMPION_PROMOTED, CHAMPION_ROLLED_BACK -> {
                ModelRef ref = ref(entry);
                state.requireVersion(ref);
                Environment environment = environment(state, entry);
                ModelState model = state.requireModel(ref.name());
                yield state.with(model.championed(environment, ref.version(), entry.time())
                        .with(model.operations().withoutTrial(environment)));
            }
            case VERSION_QUARANTINED, HANDLE_FELL_BACK -> {
                ModelRef ref = ref(entry);
                state.requireVersion(ref);
                ModelState model = state.requireModel(ref.name());
                yield state.with(model.with(
                        model.halts().quarantined(environment(state, entry), ref.version(), position(entry))));
            }
            case SERVING_SUSPENDED -> {
                ModelState model = state.requireModel(ModelName.of(subject(entry)));
                yield state.with(model.with(model.halts().suspended(environment(state, entry), position(entry))));
            }
            case SERVING_RESUMED -> {
                ModelState model = state.requireModel(ModelName.of(subject(entry)));
                yield state.with(model.with(model.halts().resumed(environment(state, entry))));
            }
            case ALIAS_SET -> {
                ModelRef ref = ref(entry);
                state.requireVersion(ref);
                yield state.with(state.requireModel(ref.name()).aliased(Alias.of(entry.get("alias")), ref.version()));
            }
            case ALIAS_REMOVED ->
                state.with(state.requireModel(ref(entry).name()).aliased(Alias.of(entry.get("alias")), null));
            case TAG_SET -> tagged(state, entry, entry.get("value"));
            case TAG_REMOVED -> tagged(state, entry, null);
            case MODEL_TAG_SET -> modelTagged(state, entry, entry.get("value"));
            case MODEL_TAG_REMOVED -> modelTagged(state, entry, null);
            case ROLE_GRANTED -> {
                Principal grantee = Principal.parse(subject(entry));
                Set<Role> roles = new HashSet<>(state.rolesOf(grantee));
                roles.add(Role.of(entry.get("role")));
                yield state.granted(grantee, roles);
            }
            case ROLE_REVOKED -> {
                Principal grantee = Principal.parse(subject(entry));
                Set<Role> roles = new HashSet<>(state.rolesOf(grantee));
                roles.remove(Role.of(entry.get("role")));
                yield state.granted(grantee, roles);
            }
            case VERSION_TRANSITIONED ->
                onVersion(
                        state,
                        entry,
                        version -> version.changed(version.version().tags(), known(state, entry.get("to"))));
            case POLICIES_PROPOSED -> state.proposed(proposal(entry));
            case POLICIES_INSTALLED -> installed(state, entry);
            case TRUST_INSTALLED -> state.founded(state.founding().trusted(entry));
            case TEXT_ERASED -> {
                long about = Entry.number(entry.data(), "entry");
                if (about < 0 || about >= entry.index()) {
                    throw new IllegalArgumentException("entry " + entry.index() + " erases the text of entry " + about
                            + ", which is not before it");
                }
                yield state.with(state.texts().erased(Digest.parse(entry.get("commitment")), position(entry)));
            }
            case HOLD_PLACED ->
                state.with(state.texts()
                        .held(new TextRecords.Hold(
                                entry.get("hold"),
                                entry.subject() == null ? null : ModelName.of(entry.subject()),
                                position(entry))));
            case HOLD_LIFTED -> state.with(state.texts().lifted(entry.get("hold")));
            case SEGMENT_RECORDED -> {
                state.requireModel(ModelName.of(subject(entry)));
                yield state;
            }
            case RECORDS_EXPIRED -> {
                LogPosition until = LogPosition.of(Entry.number(entry.data(), "until"));
                if (until.size() > entry.index()) {
                    throw new IllegalArgumentException("entry " + entry.index() + " lets records expire up to position "
                            + until + ", which is not before it");
                }
                yield state.with(state.texts().expired(ModelName.of(subject(entry)), until));
            }
            case ALERT_CHANGED, EXPERIMENT_STARTED, EXPERIMENT_ENDED, EXPERIMENT_JUDGED, RETRAINING_REQUESTED -> {
                ModelRef ref = ref(entry);
                state.requireVersion(ref);
                yield state.with(state.requireModel(ref.name())
                        .operated(
                                entry.type(),
                                ref,
                                environment(state, entry),
                                entry.data(),
                                position(entry),
                                entry.time()));
            }
            case NOTIFICATIONS_DELIVERED -> delivered(state, entry);
            case ACCESS_REFUSED, REFUSALS_COUNTED, STATE_SNAPSHOTTED -> state;
            case UNKNOWN -> {
                if (entry.critical()) {
                    throw new UnknownEntryException(entry);
                }
                yield state;
            }
        };
    }

    private static RegistryState delivered(RegistryState state, Entry entry) {
        String sink = entry.get("sink");
        Delivery before = state.deliveries().get(sink);
        if (before == null && state.deliveries().size() >= Delivery.MOST_SINKS) {
            throw new IllegalArgumentException("entry " + entry.index() + " is of one sink of notifications too many");
        }
        return state.with(sink, Delivery.read(entry, before));
    }

    private static ErasableText comment(Entry entry) {
        ErasableText text = entry.written();
        if (text == null) {
            throw new IllegalArgumentException("expected a text 'text', found none");
        }
        return text;
    }

    private static RegistryState founded(RegistryState state, Entry entry, Founding founding) {
        PolicyRevision first = new PolicyRevision(
                1,
                founding.policies(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                entry.time(),
                position(entry));
        RegistryState changed = state.founded(founding).with(state.policySets().installed(first));
        for (Map.Entry<Principal, Set<Role>> grant : founding.grants().entrySet()) {
            changed = changed.granted(grant.getKey(), grant.getValue());
        }
        return changed;
    }

    private static PolicyProposal proposal(Entry entry) {
        return new PolicyProposal(
                Digest.parse(subject(entry)),
                Entry.number(entry.data(), "basedOn"),
                Entry.number(entry.data(), "revision"),
                Optional.ofNullable(entry.find("bundle")).map(Digest::parse),
                entry.actor(),
                Optional.ofNullable(entry.written()),
                entry.time(),
                position(entry));
    }

    private static RegistryState installed(RegistryState state, Entry entry) {
        Digest digest = Digest.parse(subject(entry));
        PolicyProposal proposal = state.policySets().requireOpen(digest);
        if (!entry.get("previous").equals(state.policies().toString())
                || !entry.get("proposer").equals(proposal.by().toString())) {
            throw new IllegalArgumentException("entry " + entry.index() + " installs policy set " + digest + " of "
                    + entry.get("proposer") + " in place of " + entry.get("previous") + ", but it was proposed by "
                    + proposal.by() + " and in force was " + state.policies());
        }
        PolicyRevision revision = new PolicyRevision(
                Entry.number(entry.data(), "revision"),
                digest,
                Optional.of(proposal.by()),
                Optional.of(entry.actor()),
                Optional.ofNullable(entry.written()),
                entry.time(),
                position(entry));
        return state.with(state.policySets().installed(revision));
    }

    private static RegistryState registered(RegistryState state, Entry entry) {
        return registered(state, entry, Optional.empty(), List.of());
    }

    private static RegistryState imported(RegistryState state, Entry entry) {
        ModelVersion.Source source = SourceEntries.source(entry);
        ModelRef known = state.imports().get(source.registration());
        if (known != null) {
            throw new IllegalArgumentException("entry " + entry.index() + " imports " + source.version() + " of "
                    + source.origin() + " again, which is " + known);
        }
        List<Evidence> evidence = SourceEntries.documents(entry).stream()
                .map(document -> new Evidence(
                        ref(entry),
                        document.type(),
                        document.digest(),
                        document.size(),
                        entry.actor(),
                        document.at(),
                        position(entry),
                        Set.of(),
                        Optional.empty()))
                .toList();
        return registered(state, entry, Optional.of(source), evidence).imported(source.registration(), ref(entry));
    }

    private static RegistryState registered(
            RegistryState state, Entry entry, Optional<ModelVersion.Source> source, List<Evidence> evidence) {
        ModelRef ref = ref(entry);
        ModelState known = state.model(ref.name());
        ModelState model = known == null ? ModelState.of(ref.name()) : known;
        if (ref.version().value() != model.versions().size() + 1) {
            throw new IllegalArgumentException("entry " + entry.index() + " registers " + ref + ", but the next is "
                    + (model.versions().size() + 1));
        }
        JsonNode data = entry.data();
        Map<String, BigDecimal> metrics = new HashMap<>();
        data.path("metrics")
                .properties()
                .forEach(member -> metrics.put(
                        member.getKey(), new BigDecimal(member.getValue().asText())));
        List<DataSet> dataSets = new ArrayList<>();
        data.path("dataSets")
                .forEach(item ->
                        dataSets.add(new DataSet(Entry.text(item, "name"), Digest.parse(Entry.text(item, "digest")))));
        ModelVersion version = new ModelVersion(
                ref,
                entry.get("kind"),
                entry.get("description"),
                metrics,
                texts(data.path("parameters")),
                texts(data.path("tags")),
                data.has("parent")
                        ? Optional.of(VersionNumber.of(data.path("parent").asInt()))
                        : Optional.empty(),
                dataSets,
                Optional.ofNullable(entry.find("codeCommit")),
                Digest.parse(entry.get("artifact")),
                data.path("fileCount").asInt(),
                data.path("byteCount").asLong(),
                Digest.parse(entry.get("bundle")),
                Optional.ofNullable(entry.find("publisher")).map(Digest::parse),
                state.founding().lifeCycle().initial(),
                entry.actor(),
                entry.time(),
                position(entry),
                source);
        Set<Digest> certifiers = new HashSet<>();
        data.path("certifiers").forEach(key -> certifiers.add(Digest.parse(key.asText())));
        VersionState added = VersionState.of(version, entry.actorRoles(), certifiers);
        for (Evidence item : evidence) {
            added = added.attached(item, null);
        }
        return state.with(model.with(added)).registered(ref);
    }

    private static RegistryState judged(RegistryState state, Entry entry, Approval.Verdict verdict) {
        Set<Digest> evidence = new HashSet<>();
        entry.data().path("evidence").forEach(digest -> evidence.add(Digest.parse(digest.asText())));
        Approval approval = new Approval(
                ref(entry),
                environment(state, entry),
                verdict,
                entry.actor(),
                Optional.ofNullable(entry.written()),
                Digest.parse(entry.get("artifact")),
                evidence,
                state.policies(),
                entry.time(),
                position(entry),
                signer(state, entry, verdict));
        return onVersion(state, entry, version -> version.judged(new Judgement(approval, entry.actorRoles())));
    }

    /** Not even a writer can say that a person signed what that person did not. */
    private static Optional<Digest> signer(RegistryState state, Entry entry, Approval.Verdict verdict) {
        String envelope = entry.find(Founding.ENVELOPE);
        if (envelope == null) {
            return Optional.empty();
        }
        try {
            SignedJudgement signed = SignedJudgement.verify(
                    Bytes.ofUtf8(envelope),
                    state,
                    new SignedJudgement.Act(ref(entry), environment(state, entry), verdict, entry.actor()),
                    entry.time());
            if (!entry.command().equals(SignedJudgement.command(signed.envelope()))) {
                throw new IllegalArgumentException("entry " + entry.index()
                        + " is a judgement that was signed under another identity of the act than its own");
            }
            if (!entry.get("signer").equals(signed.signer().toString())) {
                throw new IllegalArgumentException("entry " + entry.index() + " says that a judgement was signed by "
                        + entry.get("signer") + ", but it was by " + signed.signer());
            }
            return Optional.of(signed.signer());
        } catch (VerificationException e) {
            throw new IllegalArgumentException(
                    "entry " + entry.index() + " is a judgement that was not signed so: " + e.getMessage(), e);
        }
    }

    private static Evidence evidence(Entry entry) {
        Set<Digest> signers = new HashSet<>();
        entry.data().path("signers").forEach(digest -> signers.add(Digest.parse(digest.asText())));
        return new Evidence(
                ref(entry),
                entry.get("evidenceType"),
                Digest.parse(entry.get("digest")),
                entry.data().path("size").asLong(),
                entry.actor(),
                entry.time(),
                position(entry),
                signers,
                Optional.ofNullable(entry.find("outcome")).map(Evidence.Outcome::valueOf));
    }

    private static RegistryState tagged(RegistryState state, Entry entry, @Nullable String value) {
        return onVersion(state, entry, version -> {
            Map<String, String> tags = new HashMap<>(version.version().tags());
            if (value == null) {
                tags.remove(entry.get("key"));
            } else {
                tags.put(entry.get("key"), value);
            }
            return version.changed(tags, version.version().status());
        });
    }

    private static RegistryState modelTagged(RegistryState state, Entry entry, @Nullable String value) {
        ModelName name = ModelName.of(subject(entry));
        ModelState known = state.model(name);
        return state.with((known == null ? ModelState.of(name) : known).tagged(entry.get("key"), value));
    }

    private static RegistryState onVersion(
            RegistryState state, Entry entry, Function<VersionState, VersionState> change) {
        ModelRef ref = ref(entry);
        VersionState version = state.requireVersion(ref);
        ModelName name = ref.name();
        return state.with(state.requireModel(name).with(change.apply(version)));
    }

    private static Environment environment(RegistryState state, Entry entry) {
        Environment environment = Environment.of(entry.get("environment"));
        if (!state.founding().environments().containsKey(environment)) {
            throw new IllegalArgumentException(
                    "entry " + entry.index() + " names environment '" + environment + "', which the log does not have");
        }
        return environment;
    }

    private static String known(RegistryState state, String status) {
        if (!state.founding().lifeCycle().states().containsKey(status)) {
            throw new IllegalArgumentException("the life cycle has no state '" + status + "'");
        }
        return status;
    }

    private static Map<String, String> texts(JsonNode json) {
        Map<String, String> map = new HashMap<>();
        json.properties()
                .forEach(member -> map.put(member.getKey(), member.getValue().asText()));
        return map;
    }

    private static ModelRef ref(Entry entry) {
        return ModelRef.parse(subject(entry));
    }

    private static String subject(Entry entry) {
        if (entry.subject() == null) {
            throw new IllegalArgumentException("entry " + entry.index() + " has no subject");
        }
        return entry.subject();
    }

    private static LogPosition position(Entry entry) {
        return LogPosition.after(entry.index());
    }
}
