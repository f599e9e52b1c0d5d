package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Alias;
import dev.modelops.Assurance;
import dev.modelops.Bytes;
import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.OverloadedException;
import dev.modelops.Principal;
import dev.modelops.ReadOnlyException;
import dev.modelops.Role;
import dev.modelops.RoleSource;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.evidence.Testimony;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.log.Recovery;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.signing.SignedBy;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.state.Judgement;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.SignedJudgement;
import dev.modelops.core.internal.state.TextRecords;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.FactProvider;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.Policy;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.Requirement;
import dev.modelops.registry.Approval;
import dev.modelops.registry.DataSet;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.LifeCycle;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.Signer;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.VerificationException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides and does. Every act becomes a command that the committer decides on the state it will change; every read and
 * dry run is decided on the present state.
 */
public final class Governor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Governor.class);
    private static final int MOST_EVIDENCE = 256;
    private static final Principal SOMEBODY = Principal.of("modelops", "somebody");

    private final Ledger ledger;
    private final Clock clock;
    private final RandomGenerator random;
    private final @Nullable Policy narrowing;
    private final Providers providers;
    private final Texts texts;
    private static final List<String> OWN_IDS = List.of("alert-", "harm-", "response-", "segment-", "verdict-");

    private final @Nullable Committer committer;

    /**
     * What registration found out about the files before the act is queued.
     *
     * @param judgedBy the version of the trust policy by which the signature was judged
     */
    public record Prepared(
            Digest artifact,
            int fileCount,
            long byteCount,
            Digest bundle,
            @Nullable SignedBy publisher,
            int judgedBy) {}

    /** Creates a governor; without a writer, acts are refused as read-only. */
    public Governor(
            Ledger ledger,
            LogStore store,
            Texts texts,
            @Nullable Signer writer,
            @Nullable Policy narrowing,
            List<FactProvider> factProviders,
            Duration factDeadline,
            Clock clock,
            RandomGenerator random,
            int capacity,
            Duration patience) {
        this.ledger = ledger;
        this.clock = clock;
        this.random = random;
        this.narrowing = narrowing;
        this.providers = new Providers(factProviders, factDeadline, clock);
        this.texts = texts;
        this.committer = writer == null
                ? null
                : new Committer(
                        ledger,
                        store,
                        texts,
                        Seal.signer(ledger.tip().state().founding().origin(), writer),
                        clock,
                        random,
                        capacity,
                        patience);
    }

    /** Returns what follows the log. */
    public Ledger ledger() {
        return ledger;
    }

    /** Returns what looks up the texts that people wrote. */
    public Texts texts() {
        return texts;
    }

    /**
     * Begins to prove the snapshot that the log was opened from, if any, and to keep new ones, if acts can be done, at
     * least so many entries apart.
     */
    public Snapshots snapshots(BlobStore blobs, long every) {
        return new Snapshots(ledger, blobs, committer, random.nextLong(), every, Snapshots.OVERDUE);
    }

    /** Returns what records how far sinks of notifications got; null without a writer. */
    public @Nullable Deliveries deliveries() {
        return committer == null ? null : new Deliveries(committer, this::newCommandId);
    }

    /** Ends the acts under way. */
    @Override
    public void close() {
        providers.close();
        if (committer != null) {
            committer.close();
        }
    }

    /** Tells whether what is decided depends on more than the log. */
    public boolean dependsOnOutside(Tip tip, Action action) {
        return narrowing != null || dependsOnTime(tip, action) || providers.areAsked(tip, action);
    }

    /** Tells whether what policy decides may change though the log does not move. */
    public boolean dependsOnTime(Tip tip, Action action) {
        return tip.policy().readsTime(action);
    }

    /**
     * Decides an action on the present state.
     *
     * @throws VerificationException if the action comes with what somebody signed of it, and that does not fit
     */
    public Decision check(Identity identity, Action action) {
        if (!isSignedJudgement(action)) {
            return check(ledger.tip(), identity, action);
        }
        Decision decision = check(ledger.tip(), signing(identity), action);
        if (decision.isAllowed()) {
            var unused = vouched(identity, action);
        }
        return decision;
    }

    private static boolean isSignedJudgement(Action action) {
        return action.envelope().isPresent() && action.type() != Action.Type.INSTALL_TRUST;
    }

    /** What was signed may speak of what another process appended, so the newest state has the last word. */
    private Identity vouched(Identity identity, Action action) {
        Tip tip = ledger.tip();
        try {
            return vouched(tip, identity, action);
        } catch (VerificationException e) {
            Tip newest = ledger.sync();
            if (newest.state().size() == tip.state().size()) {
                throw e;
            }
            return vouched(newest, identity, action);
        }
    }

    private static Identity signing(Identity identity) {
        return new Identity(identity.principal(), Assurance.SIGNED, identity.claimedRoles());
    }

    /** Returns who acts, as firmly as is known from what they signed of a judgement. */
    private Identity vouched(Tip tip, Identity identity, Action action) {
        var unused = SignedJudgement.verify(
                action.envelope().orElseThrow(), tip.state(), judgement(identity, action), clock.instant());
        return signing(identity);
    }

    private static SignedJudgement.Act judgement(Identity identity, Action action) {
        return new SignedJudgement.Act(
                action.version().orElseThrow(),
                action.environment().orElseThrow(),
                action.type() == Action.Type.APPROVE ? Approval.Verdict.APPROVED : Approval.Verdict.REJECTED,
                identity.principal());
    }

    /** Decides an action on a given state. */
    public Decision check(Tip tip, Identity identity, Action action) {
        return check(tip, identity, action, gather(tip, identity, action));
    }

    /** Decides an action on a given state, with facts that were gathered before. */
    public Decision check(Tip tip, Identity identity, Action action, Outside outside) {
        Instant now = clock.instant();
        Subject subject = subject(tip, now, identity, action, outside);
        Decision.Deny narrowed = narrow(tip, now, identity, action, subject, outside);
        return narrowed != null ? narrowed : decide(tip, now, identity, action, subject, outside);
    }

    /** Decides without asking the host's own policy, which may take its time. */
    public Decision checkLog(Tip tip, Identity identity, Action action, Outside outside) {
        Instant now = clock.instant();
        return decide(tip, now, identity, action, subject(tip, now, identity, action, outside), outside);
    }

    /** Tells whether acts cannot be done, for want of a writer. */
    public boolean isReadOnly() {
        return committer == null;
    }

    /** Tells whether the host has a policy of its own. */
    public boolean isNarrowed() {
        return narrowing != null;
    }

    /** Asks the providers of the facts that a rule may read to decide an action. */
    public Outside gather(Tip tip, Identity identity, Action action) {
        return providers.gather(tip, action, () -> {
            Subject subject = action.type() == Action.Type.ROLLBACK ? new Subject(null) : subject(tip, action);
            return request(tip, clock.instant(), identity, action, subject, Outside.NONE);
        });
    }

    /** Returns what is known of outside facts before a provider is asked. */
    public Outside nothingGathered() {
        return providers.nothing();
    }

    /** Returns the time. */
    public Instant now() {
        return clock.instant();
    }

    /** Returns the same in milliseconds since 1970, without making anything. */
    public long millis() {
        return clock.millis();
    }

    /** Throws, and records the refusal, unless the present state allows a read. */
    public void require(Identity identity, Action action) {
        if (check(identity, action) instanceof Decision.Deny deny) {
            throw refused(identity, action, deny);
        }
    }

    /** Records a refusal without waiting for it, and returns what to throw. */
    public AccessDeniedException refused(Identity identity, Action action, Decision.Deny deny) {
        return refused(identity, action, deny, Outside.NONE);
    }

    /** Records a refusal, and the facts it rests on, without waiting for it, and returns what to throw. */
    public AccessDeniedException refused(Identity identity, Action action, Decision.Deny deny, Outside outside) {
        AccessDeniedException refusal = new AccessDeniedException(describe(identity, action), deny);
        if (committer != null && ledger.fault() == null) {
            CommandId id = newCommandId();
            try {
                committer.enqueueRefusal(
                        refusing(id, new Command.Refuse<>(refusal, identity, action, id, outside)), (nothing, e) -> {
                            if (e != null && !(e instanceof AccessDeniedException)) {
                                LOG.warn("a refusal was not recorded: {}", e.getMessage());
                            }
                        });
            } catch (OverloadedException | ClosedException e) {
                LOG.warn("the refusal of {} was not recorded: {}", describe(identity, action), e.getMessage());
            }
        }
        return refusal;
    }

    /** Carries out an act. */
    public Recorded perform(Identity identity, Action action) {
        return isSignedJudgement(action) ? performSigned(identity, action) : carryOut(identity, action);
    }

    /** What was signed is the identity of the act: shown again, it is recognised, and does not bring back what was undone. */
    private Recorded performSigned(Identity identity, Action action) {
        CommandId id = SignedJudgement.command(action.envelope().orElseThrow());
        if (action.commandId().isPresent() && !action.commandId().get().equals(id)) {
            throw new IllegalArgumentException("a signed judgement has the identity of what was signed, " + id
                    + ", and takes no other, but was given "
                    + action.commandId().get());
        }
        Tip tip = ledger.tip();
        boolean isNew = tip.state().commands().get(id) == null;
        // Who may not judge is not told what would have to be signed.
        if (isNew && check(tip, signing(identity), action) instanceof Decision.Deny deny) {
            throw refused(identity, action, deny);
        }
        Identity vouched = isNew ? vouched(identity, action) : signing(identity);
        Recorded recorded = carryOut(vouched, action.as(id));
        ModelRef ref = action.version().orElseThrow();
        boolean stands = ledger.tip().state().requireVersion(ref).judgements().stream()
                .map(Judgement::approval)
                .anyMatch(approval -> approval.position().equals(recorded.position())
                        && approval.signer().isPresent());
        if (!stands) {
            throw new VersionConflictException("this signed judgement of " + ref + " was recorded at position "
                    + recorded.position() + " and does not stand as signed any more; sign a new one");
        }
        return recorded;
    }

    private Recorded carryOut(Identity identity, Action action) {
        switch (action.type()) {
            case REGISTER, IMPORT_VERSION, ATTACH_EVIDENCE, PROPOSE_POLICIES, RECORD, READ, AUDIT, SERVE, OVERRIDE ->
                throw notPerformed(action);
            case INSTALL_POLICIES -> prepare(identity, action);
            case INSTALL_TRUST -> prepareTrust(identity, action);
            default -> {
                // Every other kind is an entry of its own.
            }
        }
        boolean isErasure = action.type() == Action.Type.ERASE;
        // Who may not erase is not told what stands where.
        Entry erased = isErasure && check(identity, action).isAllowed() ? erasable(action) : null;
        Entry[] earlier = new Entry[1];
        Recorded recorded = submit(new Act<>(identity, action) {
            @Override
            public Verdict<Recorded> act(Moment moment, Subject subject, Decision.Allow decision) {
                if (isErasure && erased == null) {
                    throw new VersionConflictException(
                            "whoever asks may erase texts since a moment ago, while the act was under way; try again");
                }
                return erased == null
                        ? appendAct(this, moment, subject, decision)
                        : appendErasure(this, moment, erased, decision);
            }

            @Override
            public Recorded recognise(Entry done, Moment moment) {
                requireSame(done, identity, action);
                earlier[0] = done;
                return recorded(done);
            }
        });
        if (earlier[0] != null
                && action.type() == Action.Type.COMMENT
                && !texts.maySay(earlier[0], action.reason().orElseThrow())) {
            throw usedBefore(earlier[0]);
        }
        if (erased != null) {
            remove(erased, recorded);
        }
        return recorded;
    }

    /** Looks at a trust policy before the act is queued; what is wrong with it concerns only those who may install it. */
    private void prepareTrust(Identity identity, Action action) {
        Bytes envelope = envelope(action);
        Tip tip = ledger.tip();
        CommandId id = action.commandId().orElse(null);
        if (id != null && tip.state().commands().get(id) != null) {
            return;
        }
        if (tip.state().founding().trust().version() + 1
                != action.trustVersion().orElseThrow()) {
            tip = ledger.sync();
        }
        if (check(tip, identity, action).isAllowed()) {
            var unused = nextTrust(tip.state(), action, envelope);
        }
    }

    private static Bytes envelope(Action action) {
        return action.envelope()
                .orElseThrow(() ->
                        new IllegalArgumentException("a trust policy is installed with what root keys signed, but '"
                                + action + "' comes without; add it by signed(...)"));
    }

    private static TrustPolicy nextTrust(RegistryState state, Action action, Bytes envelope) {
        TrustPolicy next = state.founding().nextTrust(envelope, LogPosition.after(state.size()));
        if (next.version() != action.trustVersion().orElseThrow()) {
            throw new VersionConflictException("version "
                    + action.trustVersion().orElseThrow()
                    + " of the trust policy was to be installed, but what was signed is version " + next.version());
        }
        return next;
    }

    /** Signatures are judged before the queue; by another trust policy they might come out otherwise. */
    private static void requireJudgedBy(RegistryState state, int version) {
        if (state.founding().trust().version() != version) {
            throw new VersionConflictException(
                    "the trust policy was changed while the act was under way, and signatures were judged by the one"
                            + " before; try again");
        }
    }

    private static void requireBelieved(Command.Moment moment, ModelName model, @Nullable SignedBy publisher) {
        if (publisher != null && !moment.tip().state().founding().trust().isBelieved(publisher.key(), moment.now())) {
            throw new VersionConflictException("the key that signed the version of '" + model
                    + "' is not believed at the log time of the act, " + moment.now()
                    + ", though it was a moment ago; try again");
        }
    }

    /** Returns the entry whose text is to be erased, which must have one. */
    private Entry erasable(Action action) {
        LogPosition position = action.position().orElseThrow();
        if (position.size() < 1
                || position.size() > ledger.tip().state().size()
                        && position.size() > ledger.sync().state().size()) {
            throw new NotFoundException("the log has positions 1 to "
                    + ledger.tip().state().size() + ", but the text at " + position + " was to be erased");
        }
        Entry entry = ledger.entry(position.index());
        if (entry.commitment() == null) {
            throw new NotFoundException(
                    "the entry at position " + position + ", a " + entry.type().sentence()
                            + (entry.written() == null
                                    ? ", has no text of a person"
                                    : ", holds its text in clear, as entries of before do, and cannot be changed"));
        }
        return entry;
    }

    private Command.Verdict<Recorded> appendErasure(
            Act<Recorded> act, Command.Moment moment, Entry about, Decision.Allow decision) {
        TextRecords records = moment.tip().state().texts();
        Digest commitment = Objects.requireNonNull(about.commitment());
        LogPosition before = records.erased().get(commitment);
        LogPosition position = LogPosition.after(about.index());
        if (before != null) {
            throw new VersionConflictException(
                    "the text at position " + position + " was erased already, at position " + before);
        }
        records.hold(Texts.modelOf(about.subject())).ifPresent(hold -> {
            throw new VersionConflictException(
                    "the text at position " + position + " is under the legal hold '" + hold.name()
                            + "', placed at position " + hold.since() + "; it cannot be erased before that is lifted");
        });
        ObjectNode data = act.payload(moment, decision);
        data.put("entry", about.index());
        data.put("commitment", commitment.toString());
        data.put("ground", act.action.name().orElseThrow());
        return new Command.Append<>(EntryType.TEXT_ERASED, about.subject(), data, done -> recorded(done.entry()));
    }

    private void remove(Entry erased, Recorded recorded) {
        try {
            texts.erase(Objects.requireNonNull(erased.commitment()));
        } catch (StorageException e) {
            throw new StorageException(
                    "the erasure is recorded at position " + recorded.position()
                            + " and the text is no longer shown, but it could not be removed from the store ("
                            + e.getMessage() + "); it will be when the log is opened next, or repeat the act under the"
                            + " command id " + recorded.commandId(),
                    e);
        }
    }

    /** Records a version whose files are stored. */
    public ModelVersion register(Identity identity, VersionSpec spec, Prepared files) {
        Action action = withId(Action.register(spec.model()), spec.commandId().orElse(null));
        return submit(new Act<>(identity, action) {
            @Override
            public Verdict<ModelVersion> act(Moment moment, Subject subject, Decision.Allow decision) {
                return appendVersion(this, moment, spec, files, decision);
            }

            @Override
            public ModelVersion recognise(Entry done, Moment moment) {
                requireSame(done, identity, spec);
                if (!files.artifact().toString().equals(done.get("artifact"))) {
                    throw usedBefore(done);
                }
                return registered(moment.tip(), done);
            }
        });
    }

    /** Returns the version that an earlier registration under the same command id made, or null. */
    public @Nullable ModelVersion registeredBefore(Identity identity, VersionSpec spec) {
        CommandId id = spec.commandId().orElse(null);
        Tip tip = ledger.tip();
        Long index = id == null ? null : tip.state().commands().get(id);
        if (index == null) {
            return null;
        }
        Entry done = ledger.entry(index);
        requireSame(done, identity, spec);
        return registered(tip, done);
    }

    private static ModelVersion registered(Tip tip, Entry done) {
        return tip.state()
                .requireVersion(ModelRef.parse(String.valueOf(done.subject())))
                .version();
    }

    /** Records a version of another log. */
    public ModelVersion importVersion(Identity identity, Action action, ImportedVersion imported) {
        ObjectNode claims = ImportedVersion.requireOrdinary(imported.from());
        return submit(new Act<>(identity, action) {
            @Override
            public Verdict<ModelVersion> act(Moment moment, Subject subject, Decision.Allow decision) {
                return appendImport(this, moment, claims, imported, decision);
            }

            @Override
            public ModelVersion recognise(Entry done, Moment moment) {
                requireSameImport(done, identity, action);
                if (!imported.pack().toString().equals(done.get("pack"))) {
                    throw usedBefore(done);
                }
                return registered(moment.tip(), done);
            }
        });
    }

    /** Returns the version that an earlier import under the same command id made, or null. */
    public @Nullable ModelVersion importedBefore(Identity identity, Action action) {
        CommandId id = action.commandId().orElse(null);
        Tip tip = ledger.tip();
        Long index = id == null ? null : tip.state().commands().get(id);
        if (index == null) {
            return null;
        }
        Entry done = ledger.entry(index);
        requireSameImport(done, identity, action);
        return registered(tip, done);
    }

    /**
     * Throws if a version can be no new one here.
     *
     * @throws VersionConflictException if it was imported already, or is of this log itself
     */
    public void requireNew(SourceEntries from) {
        requireNew(ledger.tip().state(), from);
    }

    private static void requireNew(RegistryState state, SourceEntries from) {
        String what = from.version() + " of " + from.source().origin();
        ModelRef known = state.imports().get(from.identity());
        if (known != null) {
            throw new VersionConflictException(what + " was imported already: it is " + known
                    + " here, whatever has been said of it there since; promote that one, or have a new version made");
        }
        String origin = state.founding().origin();
        if (Recovery.isOrBefore(from.source().origin(), origin)
                || Recovery.isOrBefore(origin, from.source().origin())) {
            throw new VersionConflictException(what
                    + " is of this log itself, which cannot import from itself; register the files as a new version");
        }
    }

    private Command.Verdict<ModelVersion> appendImport(
            Act<ModelVersion> act,
            Command.Moment moment,
            ObjectNode claims,
            ImportedVersion imported,
            Decision.Allow decision) {
        RegistryState state = moment.tip().state();
        requireNew(state, imported.from());
        ModelName name = act.action.model().orElseThrow();
        requireJudgedBy(state, imported.judgedBy());
        requireBelieved(moment, name, imported.publisher());
        ModelState model = state.model(name);
        int next = model == null ? 1 : model.versions().size() + 1;
        ObjectNode data = act.payload(moment, decision);
        data.setAll(claims.deepCopy());
        data.put("pack", imported.pack().toString());
        put(data, imported.publisher());
        ModelRef ref = new ModelRef(name, VersionNumber.of(next));
        return new Command.Append<>(
                EntryType.VERSION_IMPORTED,
                ref.toString(),
                data,
                done -> done.after().state().requireVersion(ref).version());
    }

    private static void requireSameImport(Entry done, Identity identity, Action action) {
        boolean isSame = done.type() == EntryType.VERSION_IMPORTED
                && done.actor().equals(identity.principal())
                && String.valueOf(done.subject()).startsWith(action.model().orElseThrow() + "@")
                && action.source().equals(Redecision.source(done));
        if (!isSame) {
            throw usedBefore(done);
        }
    }

    /** Records evidence whose document is stored. */
    public Evidence attach(
            Identity identity, ModelRef ref, String type, Digest digest, long size, Testimony testimony, int judgedBy) {
        return submit(new Act<>(identity, Action.attachEvidence(ref)) {
            @Override
            public Verdict<Evidence> act(Moment moment, Subject subject, Decision.Allow decision) {
                RegistryState state = moment.tip().state();
                VersionState version = state.requireVersion(ref);
                requireJudgedBy(state, judgedBy);
                if (version.isAttached(type, digest)) {
                    throw new VersionConflictException("this document is attached to " + ref + " already");
                }
                if (version.evidence().size() >= MOST_EVIDENCE) {
                    throw new VersionConflictException(
                            ref + " has " + MOST_EVIDENCE + " documents, the most a version may have");
                }
                ObjectNode data = payload(moment, decision);
                data.put("evidenceType", type);
                data.put("digest", digest.toString());
                data.put("size", size);
                Testimony counted = testimony.of(state.founding().trust().believed(testimony.signers(), moment.now()));
                counted.statement().ifPresent(statement -> {
                    if (!version.isNewWord(type, statement, counted.signers())) {
                        throw new VersionConflictException("this statement by " + counted.signers() + " is attached to "
                                + ref + " already; what they say anew must be a new statement");
                    }
                    data.put("statement", statement.toString());
                });
                if (!counted.signers().isEmpty()) {
                    ArrayNode signers = data.putArray("signers");
                    counted.signers().stream().map(Digest::toString).sorted().forEach(signers::add);
                }
                counted.outcome().ifPresent(outcome -> data.put("outcome", outcome.name()));
                return new Append<>(EntryType.EVIDENCE_ATTACHED, ref.toString(), data, done -> {
                    PVector<Evidence> all =
                            done.after().state().requireVersion(ref).evidence();
                    return all.get(all.size() - 1);
                });
            }

            @Override
            public Evidence recognise(Entry done, Moment moment) {
                throw new IllegalStateException("an attachment has no identity to recognise");
            }
        });
    }

    /**
     * Records what came of running a model: a segment that is stored, the change of an alert, an experiment's stage or
     * verdict, a request to train anew. Done again under one identity of the act, it is the same act.
     *
     * @param said what its entry says beside who did it, where, and why that was allowed
     */
    public Recorded record(Identity identity, Action action, ObjectNode said) {
        return submit(new Act<>(identity, action) {
            @Override
            public Verdict<Recorded> act(Moment moment, Subject subject, Decision.Allow decision) {
                ObjectNode data = payload(moment, decision);
                data.put("environment", action.environment().orElseThrow().value());
                said.fieldNames().forEachRemaining(member -> {
                    if (data.has(member)) {
                        throw new IllegalArgumentException("'" + member + "' is not for this act to say");
                    }
                });
                data.setAll(said.deepCopy());
                if (action.type() == Action.Type.RECORD) {
                    ModelName model = action.model().orElseThrow();
                    var unused = moment.tip().state().requireModel(model);
                    return new Append<>(
                            EntryType.SEGMENT_RECORDED, model.value(), data, done -> recorded(done.entry()));
                }
                EntryType type = operation(action);
                requireFollows(moment, type, action, data);
                return new Append<>(
                        type, action.version().orElseThrow().toString(), data, done -> recorded(done.entry()));
            }

            @Override
            public Recorded recognise(Entry done, Moment moment) {
                boolean isSame = action.type() == Action.Type.RECORD
                        ? done.type() == EntryType.SEGMENT_RECORDED
                                && said.path("segment").asText().equals(done.find("segment"))
                        : done.type() == operation(action)
                                && isSubject(String.valueOf(done.subject()), action)
                                && isSaid(
                                        done,
                                        "environment",
                                        action.environment().map(Environment::value))
                                && (action.type() != Action.Type.START_EXPERIMENT
                                        || done.actor().equals(identity.principal()))
                                && said(action).stream()
                                        .allMatch(member -> said.path(member)
                                                .asText()
                                                .equals(done.data().path(member).asText()));
                if (!isSame) {
                    throw usedBefore(done);
                }
                return recorded(done);
            }
        });
    }

    /**
     * Returns what an act says that makes it this one. Stage and champion of a start are those there were when it was done first,
     * and the numbers of verdicts and findings may differ by what two Java runtimes compute differently.
     */
    private static List<String> said(Action action) {
        return switch (action.type()) {
            case START_EXPERIMENT -> List.of("experiment", "spec");
            case JUDGE -> List.of("experiment", "stage", "upTo");
            default -> List.of();
        };
    }

    /** Returns the type of the entry about an act that says how a model runs. */
    private static EntryType operation(Action action) {
        return switch (action.type()) {
            case ALERT, ACKNOWLEDGE -> EntryType.ALERT_CHANGED;
            case START_EXPERIMENT -> EntryType.EXPERIMENT_STARTED;
            case END_EXPERIMENT -> EntryType.EXPERIMENT_ENDED;
            case JUDGE -> EntryType.EXPERIMENT_JUDGED;
            case REQUEST_RETRAINING -> EntryType.RETRAINING_REQUESTED;
            default -> throw notPerformed(action);
        };
    }

    /** What the fold would refuse is refused before it is in the log. */
    private static void requireFollows(Command.Moment moment, EntryType type, Action action, ObjectNode data) {
        ModelRef ref = action.version().orElseThrow();
        RegistryState state = moment.tip().state();
        try {
            var unused = state.requireModel(ref.name())
                    .operated(
                            type,
                            ref,
                            action.environment().orElseThrow(),
                            data,
                            LogPosition.after(state.size()),
                            moment.now());
        } catch (IllegalArgumentException e) {
            throw new VersionConflictException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Checks that a policy set may come into force in this log, and that it would not shut out everybody who may change the
     * policy set today.
     *
     * @throws InvalidPolicyException if it may not
     */
    public void requireFit(PolicySet set) {
        Tip tip = ledger.tip();
        requireWayOn(tip, ledger.engines().admit(set, tip.state().founding()));
    }

    private void requireWayOn(Tip tip, PolicyEngine next) {
        if (tip.state().founding().roleSource() == RoleSource.CLAIMS) {
            // Who could change it then, only the host knows.
            return;
        }
        Instant now = clock.instant();
        Digest further = Digest.sha256Of(Bytes.ofUtf8(""));
        long current = tip.state().policySets().current().number();
        RegistryState asked = tip.state()
                .proposed(new PolicyProposal(
                        further,
                        current,
                        current + 1,
                        Optional.empty(),
                        SOMEBODY,
                        Optional.empty(),
                        now,
                        tip.position()));
        List<InvalidPolicyException.Problem> problems = new ArrayList<>();
        for (Action action : List.of(Action.proposePolicies(further), Action.installPolicies(further))) {
            Decision.Deny deny = shutOut(
                    new Tip(asked, tip.frontier(), tip.policy()),
                    new Tip(asked, tip.frontier(), next),
                    now,
                    action.overriding("policy is to be changed"));
            if (deny != null) {
                problems.add(InvalidPolicyException.Problem.of("nobody who may "
                        + action.type().id()
                        + " today could under this set: "
                        + deny.unmet().stream()
                                .map(unmet -> unmet.rule() + " needs " + unmet.expected() + ", found " + unmet.actual())
                                .collect(Collectors.joining("; "))
                        + "; let somebody who meets this hold a role first, or exempt this action"));
            }
        }
        if (problems.isEmpty() && canChange(tip, tip.policy(), now, further) && !canChange(tip, next, now, further)) {
            problems.add(
                    InvalidPolicyException.Problem.of("nobody could install under this set what another may propose;"
                            + " let somebody else who may do one of these hold a role first, or exempt these actions"));
        }
        if (!problems.isEmpty()) {
            throw new InvalidPolicyException(problems);
        }
    }

    /** Tells whether there are people who may propose and install a set under a policy, one or two of them together. */
    private boolean canChange(Tip tip, PolicyEngine policy, Instant now, Digest further) {
        Tip before = new Tip(tip.state(), tip.frontier(), policy);
        List<Principal> proposers = tip.state().grants().keySet().stream()
                .filter(principal -> may(before, now, principal, Action.proposePolicies(further)))
                .limit(2)
                .toList();
        long current = tip.state().policySets().current().number();
        for (Principal proposer : proposers) {
            RegistryState proposed = tip.state()
                    .proposed(new PolicyProposal(
                            further,
                            current,
                            current + 1,
                            Optional.empty(),
                            proposer,
                            Optional.empty(),
                            now,
                            tip.position()));
            Tip after = new Tip(proposed, tip.frontier(), policy);
            for (Principal installer : proposed.grants().keySet()) {
                if (may(after, now, installer, Action.installPolicies(further))) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean may(Tip tip, Instant now, Principal principal, Action action) {
        return asked(
                        tip,
                        now,
                        new Identity(principal, Assurance.SIGNED, Set.of()),
                        action.overriding("policy is to be changed"))
                .isAllowed();
    }

    /** Returns a refusal if somebody may do something today, but nobody of those could do it afterwards. */
    private Decision.@Nullable Deny shutOut(Tip today, Tip afterwards, Instant now, Action action) {
        Decision.Deny refusal = null;
        for (Principal principal : today.state().grants().keySet()) {
            Identity identity = new Identity(principal, Assurance.SIGNED, Set.of());
            if (asked(today, now, identity, action).isAllowed()) {
                Decision decision = asked(afterwards, now, identity, action);
                if (!(decision instanceof Decision.Deny deny)) {
                    return null;
                }
                refusal = deny;
            }
        }
        return refusal;
    }

    private Decision asked(Tip tip, Instant now, Identity identity, Action action) {
        return decide(tip, now, identity, action, new Subject(null), gather(tip, identity, action));
    }

    /**
     * Records the proposal of a policy set that is stored.
     *
     * @param bundle the signed bundle that it came in, stored too, or null
     * @param revision the revision of that bundle; not looked at without one
     */
    public PolicyProposal propose(Identity identity, Action action, @Nullable Digest bundle, long revision) {
        Digest digest = action.policies().orElseThrow();
        return submit(new Act<>(identity, action) {
            @Override
            public Verdict<PolicyProposal> act(Moment moment, Subject subject, Decision.Allow decision) {
                RegistryState state = moment.tip().state();
                long current = state.policySets().current().number();
                long next = bundle == null ? current + 1 : revision;
                state.policySets().requireProposable(digest, next);
                var unused = ledger.engines().admit(digest, state.founding());
                ObjectNode data = payload(moment, decision);
                data.put("basedOn", current);
                data.put("revision", next);
                if (bundle != null) {
                    data.put("bundle", bundle.toString());
                }
                return new Append<>(
                        EntryType.POLICIES_PROPOSED,
                        digest.toString(),
                        data,
                        done -> done.after().state().policySets().requireProposed(digest));
            }

            @Override
            public PolicyProposal recognise(Entry done, Moment moment) {
                throw new IllegalStateException("a proposal has no identity to recognise");
            }
        });
    }

    /**
     * Compiles a policy set before it may come into force, so that reading it does not hold up the acts of others, and looks
     * again whether it would shut out everybody: roles may have changed since it was proposed. What is wrong with it concerns
     * only those who may install it.
     */
    private void prepare(Identity identity, Action action) {
        Digest digest = action.policies().orElseThrow();
        Tip tip = ledger.tip();
        if (!tip.state().policySets().proposed().containsKey(digest)) {
            tip = ledger.sync();
        }
        PolicyProposal proposal = tip.state().policySets().proposed().get(digest);
        if (proposal != null && check(tip, identity, action).isAllowed()) {
            Founding founding = tip.state().founding();
            ledger.engines().requireSigned(proposal, founding);
            requireWayOn(tip, ledger.engines().admit(digest, founding));
        }
    }

    /** Returns the record of an act that was done, or null. */
    public @Nullable Recorded outcome(CommandId id) {
        Long index = ledger.tip().state().commands().get(id);
        if (index == null) {
            index = ledger.sync().state().commands().get(id);
        }
        return index == null ? null : recorded(ledger.entry(index));
    }

    /** Returns a fresh identity for an act. */
    public CommandId newCommandId() {
        byte[] id = new byte[16];
        random.nextBytes(id);
        return CommandId.of(HexFormat.of().formatHex(id));
    }

    /** Decides an action on a state with the roles and gates that count there. Never throws for what policy says. */
    static Decision decide(Tip tip, Instant now, Identity identity, Action action, Subject subject, Outside outside) {
        ModelName model = action.model().orElse(null);
        Environment environment = action.environment().orElse(null);
        if (action.type() == Action.Type.SERVE && model != null && environment != null) {
            LogPosition since =
                    tip.state().requireModel(model).halts().suspended().get(environment);
            if (since != null) {
                Requirement unmet = new Requirement(
                        "suspension",
                        "that model '" + model + "' is not suspended in " + environment,
                        "suspended since position " + since,
                        "have it resumed there");
                return halt(tip, now, identity, action, unmet);
            }
        }
        return decideUnsuspended(tip, now, identity, action, subject, outside);
    }

    /** Decides as if no model were suspended. What is in quarantine is neither served nor promoted, whatever policy says. */
    private static Decision decideUnsuspended(
            Tip tip, Instant now, Identity identity, Action action, Subject subject, Outside outside) {
        RegistryState state = tip.state();
        Environment environment = action.environment().orElse(null);
        VersionState version = subject.version();
        boolean isBarred = action.type() == Action.Type.SERVE || action.type() == Action.Type.PROMOTE;
        if (isBarred && environment != null && version != null) {
            ModelRef ref = version.version().ref();
            ModelState model = state.requireModel(ref.name());
            if (StateFacts.isQuarantined(model, version, environment)) {
                Requirement unmet = new Requirement(
                        "quarantine",
                        "a version that is not in quarantine in " + environment,
                        "quarantined at position " + model.halts().quarantine(environment, ref.version())
                                + ", and not approved since by a validator who is not its author",
                        "have it approved anew, or promote another version");
                return halt(tip, now, identity, action, unmet);
            }
        }
        return tip.policy().decide(request(tip, now, identity, action, subject, outside), gates(state, action));
    }

    private static Decision.Deny halt(Tip tip, Instant now, Identity identity, Action action, Requirement unmet) {
        Decision.Deny bare = new Decision.Deny(
                Decision.Cause.FORBIDDEN,
                List.of(unmet.rule()),
                List.of(unmet),
                tip.policy().digest(),
                tip.position(),
                now);
        return new Decision.Deny(
                bare.cause(),
                bare.rules(),
                bare.unmet(),
                bare.explanation().about(identity.principal(), action),
                bare.policy(),
                bare.asOf(),
                bare.at());
    }

    /** Tells whether a version is in quarantine, whatever policy would say of it. */
    public static boolean isQuarantined(ModelState model, VersionState version, Environment environment) {
        return StateFacts.isQuarantined(model, version, environment);
    }

    /**
     * Returns the version that is to serve: the champion or, while that is in quarantine, the newest former champion that may
     * be served; the champion again if there is none, so that the refusal is of that; null if nothing was promoted.
     */
    public @Nullable ModelRef serving(Tip tip, Identity identity, ModelName name, Environment environment) {
        ModelState model = tip.state().model(name);
        VersionNumber champion = model == null ? null : model.champion(environment);
        if (model == null || champion == null) {
            return null;
        }
        VersionState version = model.version(champion);
        ModelRef ref = new ModelRef(name, champion);
        if (version == null || !StateFacts.isQuarantined(model, version, environment)) {
            return ref;
        }
        ModelRef instead =
                standIn(tip, identity, name, environment, gather(tip, identity, Action.rollback(name, environment)));
        return instead == null ? ref : instead;
    }

    /** Returns the version that is to serve in place of a champion in quarantine, or null. */
    public @Nullable ModelRef standIn(
            Tip tip, Identity identity, ModelName name, Environment environment, Outside outside) {
        ModelState model = tip.state().model(name);
        VersionNumber champion = model == null ? null : model.champion(environment);
        VersionState version = model == null || champion == null ? null : model.version(champion);
        if (model == null || version == null || !StateFacts.isQuarantined(model, version, environment)) {
            return null;
        }
        VersionNumber instead = rollbackTarget(tip, clock.instant(), identity, model, environment, outside);
        return instead == null ? null : new ModelRef(name, instead);
    }

    /**
     * Returns the version that a rollback would lead to: the newest former champion that today's serve policy does not
     * forbid; null if there is none.
     */
    static @Nullable VersionNumber rollbackTarget(
            Tip tip, Instant now, Identity identity, ModelState model, Environment environment, Outside outside) {
        PVector<VersionNumber> history = model.champions().get(environment);
        if (history == null) {
            return null;
        }
        VersionNumber present = history.get(history.size() - 1);
        Set<VersionNumber> tried = new TreeSet<>();
        for (int i = history.size() - 2; i >= 0; i--) {
            VersionNumber candidate = history.get(i);
            if (candidate.equals(present) || !tried.add(candidate)) {
                continue;
            }
            ModelRef ref = new ModelRef(model.name(), candidate);
            Action serve = Action.serve(ref, environment);
            VersionState version = tip.state().requireVersion(ref);
            // Where nothing of the model is served for now, the way back is still to be found.
            Decision decision = decideUnsuspended(tip, now, identity, serve, new Subject(version), outside);
            boolean forbidden = decision instanceof Decision.Deny deny && deny.cause() != Decision.Cause.NOT_PERMITTED;
            if (!forbidden) {
                return candidate;
            }
        }
        return null;
    }

    /** What an action is about, looked up in a state. */
    record Subject(@Nullable VersionState version) {}

    /** Looks up what an action is about: for a rollback, the version that it would lead to. */
    static Subject subject(Tip tip, Instant now, Identity identity, Action action, Outside outside) {
        Subject subject = subject(tip, action);
        if (action.type() != Action.Type.ROLLBACK) {
            return subject;
        }
        ModelState model = tip.state().requireModel(action.model().orElseThrow());
        Environment environment = action.environment().orElseThrow();
        VersionNumber target = rollbackTarget(tip, now, identity, model, environment, outside);
        return target == null ? subject : new Subject(model.version(target));
    }

    static Subject subject(Tip tip, Action action) {
        RegistryState state = tip.state();
        Environment environment = action.environment().orElse(null);
        if (environment != null && !state.founding().environments().containsKey(environment)) {
            throw new NotFoundException("there is no environment '" + environment + "'; this log has "
                    + new TreeSet<>(state.founding().environments().keySet()));
        }
        if (action.type() == Action.Type.INSTALL_POLICIES) {
            var unused = state.policySets().requireProposed(action.policies().orElseThrow());
        }
        ModelRef ref = action.version().orElse(null);
        if (ref != null) {
            return new Subject(state.requireVersion(ref));
        }
        ModelName name = action.model().orElse(null);
        if (name != null && (action.type() == Action.Type.ROLLBACK || action.type() == Action.Type.REMOVE_ALIAS)) {
            ModelState model = state.requireModel(name);
            VersionNumber number = environment == null ? null : model.champion(environment);
            return new Subject(number == null ? null : model.version(number));
        }
        return new Subject(null);
    }

    private static AccessRequest request(
            Tip tip, Instant now, Identity identity, Action action, Subject subject, Outside outside) {
        StateFacts facts = new StateFacts(tip.state(), now, identity, action, subject.version(), outside);
        return new AccessRequest(identity, facts.roles(), action, facts, tip.position(), now);
    }

    private static Set<String> gates(RegistryState state, Action action) {
        return switch (action.type()) {
            case PROMOTE, ROLLBACK, SERVE ->
                action.environment()
                        .map(environment -> state.founding().environments().getOrDefault(environment, Set.of()))
                        .orElse(Set.of());
            default -> Set.of();
        };
    }

    private Decision.@Nullable Deny narrow(
            Tip tip, Instant now, Identity identity, Action action, Subject subject, Outside outside) {
        if (narrowing == null) {
            return null;
        }
        Decision.Deny deny;
        try {
            Decision decision = narrowing.decide(request(tip, now, identity, action, subject, outside));
            if (decision instanceof Decision.Allow) {
                return null;
            }
            deny = (Decision.Deny) decision;
        } catch (RuntimeException | Error e) {
            LOG.warn("the host's policy failed on {}; it counts as a refusal", action, e);
            deny = new Decision.Deny(
                    Decision.Cause.NARROWED,
                    List.of("host"),
                    List.of(new Requirement(
                            "host",
                            "a decision by the host's own policy",
                            "it failed: " + e.getMessage(),
                            "mend the host's policy")),
                    tip.policy().digest(),
                    tip.position(),
                    now);
        }
        return new Decision.Deny(
                Decision.Cause.NARROWED,
                deny.rules(),
                deny.unmet(),
                deny.explanation().about(identity.principal(), action),
                deny.policy(),
                tip.position(),
                now);
    }

    private <R> R submit(Act<R> act) {
        if (committer == null) {
            throw new ReadOnlyException(
                    "the log was opened without a writer key; open it with writer(...) to " + act.action);
        }
        if (act.text == null) {
            return submit(committer, act);
        }
        // For what will be refused or is done already, nothing need be stored; if that turns out wrong, it is tried
        // again.
        act.isTextStored = mayBeDone(act);
        R result;
        try {
            result = submit(committer, act);
        } catch (TextWithheldException e) {
            LOG.debug("an act is tried again with its text", e);
            act.isTextStored = true;
            result = submit(committer, act);
        }
        if (act.isDone) {
            try {
                texts.confirm(act.text);
            } catch (StorageException e) {
                // The act is done and must not be done again; only a sweep without grace could have taken its text.
                LOG.warn("whether the text of act {} is still in the store could not be seen", act.id, e);
            }
        }
        return result;
    }

    private boolean mayBeDone(Act<?> act) {
        Tip tip = ledger.tip();
        try {
            return tip.state().commands().get(act.id) == null
                    && check(tip, act.identity, act.action).isAllowed();
        } catch (NotFoundException e) {
            return false;
        }
    }

    private <R> R submit(Committer committer, Act<R> act) {
        Tip tip = ledger.tip();
        act.outside = gather(tip, act.identity, act.action);
        if (narrowing != null) {
            Instant now = clock.instant();
            Subject subject = subject(tip, now, act.identity, act.action, act.outside);
            Decision.Deny narrowed = narrow(tip, now, act.identity, act.action, subject, act.outside);
            if (narrowed != null) {
                throw refused(act.identity, act.action, narrowed, act.outside);
            }
        }
        return committer.submit(act);
    }

    private static Command<Void> refusing(CommandId id, Command.Refuse<Void> refuse) {
        return new Command<>() {
            @Override
            public CommandId id() {
                return id;
            }

            @Override
            public Verdict<Void> decide(Moment moment) {
                return refuse;
            }

            @Override
            public Void recognise(Entry done, Moment moment) {
                throw new IllegalStateException("a refusal has no identity to recognise");
            }
        };
    }

    private static String describe(Identity identity, Action action) {
        return "'" + action + "' by " + identity.principal();
    }

    /** An act that policy decides under the lock before it is put into words. */
    private abstract class Act<R> implements Command<R> {
        final Identity identity;
        final Action action;
        final CommandId id;

        /** Written before the act is queued. */
        Outside outside = Outside.NONE;

        final Texts.@Nullable Written text;

        /** Whether the text is stored before the act is decided. Written before the act is queued. */
        boolean isTextStored;

        /** Whether an entry commits to the text. Written before the caller is answered. */
        boolean isDone;

        Act(Identity identity, Action action) {
            this.identity = identity;
            this.id = action.commandId().orElseGet(Governor.this::newCommandId);
            this.action = action.as(id);
            this.text = action.reason()
                    .map(reason -> Texts.Written.of(reason, random))
                    .orElse(null);
        }

        @Override
        public final Texts.@Nullable Written text() {
            return isTextStored ? text : null;
        }

        abstract Verdict<R> act(Moment moment, Subject subject, Decision.Allow decision);

        @Override
        public final CommandId id() {
            return id;
        }

        @Override
        public final Verdict<R> decide(Moment moment) {
            Tip tip = moment.tip();
            if (!outside.unasked().isEmpty()
                    && !tip.policy().read(action, outside.unasked().keySet()).isEmpty()) {
                throw new VersionConflictException(
                        "the policy set was changed while the act was under way and now asks for other facts; try again");
            }
            Subject subject = subject(tip, moment.now(), identity, action, outside);
            Decision decision = Governor.decide(tip, moment.now(), identity, action, subject, outside);
            if (decision instanceof Decision.Deny deny) {
                return new Refuse<>(
                        new AccessDeniedException(describe(identity, action), deny), identity, action, id, outside);
            }
            return act(moment, subject, (Decision.Allow) decision);
        }

        final ObjectNode payload(Moment moment, Decision.Allow decision) {
            if (text != null && !isTextStored) {
                throw new TextWithheldException();
            }
            Digest commitment = text == null ? null : text.commitment();
            isDone = true;
            boolean isComment = action.type() == Action.Type.COMMENT;
            ObjectNode data = Entry.payload(
                    identity,
                    StateFacts.roles(moment.tip().state(), identity),
                    id,
                    isComment ? null : commitment,
                    decision);
            if (isComment && commitment != null) {
                Entry.commit(data, "text", commitment);
            }
            outside.write(data);
            return data;
        }
    }

    /** An act was thought to be refused, so its text was not stored, and it is allowed. */
    private static final class TextWithheldException extends ModelOpsException {
        private static final long serialVersionUID = 1L;

        TextWithheldException() {
            super("the log moved on while the act was under way; try again");
        }
    }

    private Command.Verdict<Recorded> appendAct(
            Act<Recorded> act, Command.Moment moment, Subject subject, Decision.Allow decision) {
        Action action = act.action;
        RegistryState state = moment.tip().state();
        ObjectNode data = act.payload(moment, decision);
        action.environment().ifPresent(environment -> data.put("environment", environment.value()));
        String about = action.version().map(ModelRef::toString).orElse(null);
        EntryType type = switch (action.type()) {
            case COMMENT -> {
                yield EntryType.VERSION_COMMENTED;
            }
            case APPROVE, REJECT -> {
                VersionState version = required(subject);
                data.put("artifact", version.version().artifact().toString());
                ArrayNode seen = data.putArray("evidence");
                version.evidence().forEach(item -> seen.add(item.digest().toString()));
                if (action.envelope().isPresent()) {
                    SignedJudgement signed = SignedJudgement.verify(
                            action.envelope().get(), state, judgement(act.identity, action), moment.now());
                    data.put(Founding.ENVELOPE, signed.envelope().toUtf8());
                    data.put("signer", signed.signer().toString());
                }
                yield action.type() == Action.Type.APPROVE ? EntryType.VERSION_APPROVED : EntryType.VERSION_REJECTED;
            }
            case WITHDRAW -> {
                if (!required(subject)
                        .isJudgedBy(
                                act.identity.principal(), action.environment().orElseThrow())) {
                    throw new NotFoundException(act.identity.principal() + " has no standing approval or"
                            + " rejection of " + about + " to withdraw");
                }
                yield EntryType.JUDGEMENT_WITHDRAWN;
            }
            case PROMOTE -> {
                promote(state, action, data);
                yield EntryType.CHAMPION_PROMOTED;
            }
            case ROLLBACK -> {
                about = rollBack(act, moment, data).toString();
                yield EntryType.CHAMPION_ROLLED_BACK;
            }
            case QUARANTINE -> {
                requireNoQuarantine(state, action, required(subject));
                yield EntryType.VERSION_QUARANTINED;
            }
            case FALL_BACK -> {
                fallBack(state, action, required(subject), data);
                yield EntryType.HANDLE_FELL_BACK;
            }
            case SUSPEND, RESUME -> {
                boolean isEnd = action.type() == Action.Type.RESUME;
                about = halt(state, action, isEnd).value();
                yield isEnd ? EntryType.SERVING_RESUMED : EntryType.SERVING_SUSPENDED;
            }
            case SET_ALIAS -> {
                Alias alias = Alias.of(action.name().orElseThrow());
                ModelRef ref = action.version().orElseThrow();
                VersionNumber present = state.requireModel(ref.name()).aliases().get(alias);
                requireExpected(action, "alias '" + alias + "' of " + ref.name(), present);
                if (ref.version().equals(present)) {
                    throw new VersionConflictException(
                            "alias '" + alias + "' of " + ref.name() + " names version " + present + " already");
                }
                data.put("alias", alias.value());
                if (present != null) {
                    data.put("previous", present.value());
                }
                yield EntryType.ALIAS_SET;
            }
            case REMOVE_ALIAS -> {
                Alias alias = Alias.of(action.name().orElseThrow());
                ModelName name = action.model().orElseThrow();
                VersionNumber present = state.requireModel(name).aliases().get(alias);
                requireExpected(action, "alias '" + alias + "' of " + name, present);
                if (present == null) {
                    throw new NotFoundException("model '" + name + "' has no alias '" + alias + "'");
                }
                about = new ModelRef(name, present).toString();
                data.put("alias", alias.value());
                yield EntryType.ALIAS_REMOVED;
            }
            case SET_TAG -> {
                data.put("key", action.name().orElseThrow());
                data.put("value", action.value().orElseThrow());
                if (action.version().isEmpty()) {
                    about = action.model().orElseThrow().value();
                    yield EntryType.MODEL_TAG_SET;
                }
                yield EntryType.TAG_SET;
            }
            case REMOVE_TAG -> {
                String key = action.name().orElseThrow();
                if (action.version().isEmpty()) {
                    ModelName name = action.model().orElseThrow();
                    ModelState model = state.model(name);
                    if (model == null || !model.tags().containsKey(key)) {
                        throw new NotFoundException("model '" + name + "' has no tag '" + key + "'");
                    }
                    about = name.value();
                    data.put("key", key);
                    yield EntryType.MODEL_TAG_REMOVED;
                }
                if (!required(subject).version().tags().containsKey(key)) {
                    throw new NotFoundException(about + " has no tag '" + key + "'");
                }
                data.put("key", key);
                yield EntryType.TAG_REMOVED;
            }
            case GRANT_ROLE, REVOKE_ROLE -> {
                about = grant(state, action, data).toString();
                yield action.type() == Action.Type.GRANT_ROLE ? EntryType.ROLE_GRANTED : EntryType.ROLE_REVOKED;
            }
            case TRANSITION -> {
                transition(state, action, required(subject), data);
                yield EntryType.VERSION_TRANSITIONED;
            }
            case INSTALL_POLICIES -> {
                about = install(state, action, data).toString();
                yield EntryType.POLICIES_INSTALLED;
            }
            case INSTALL_TRUST -> {
                Bytes envelope = envelope(action);
                data.put("version", nextTrust(state, action, envelope).version());
                data.put(Founding.ENVELOPE, envelope.toUtf8());
                yield EntryType.TRUST_INSTALLED;
            }
            case HOLD -> {
                about = placeHold(state, action, data);
                yield EntryType.HOLD_PLACED;
            }
            case LIFT_HOLD -> {
                about = liftHold(state, action, data);
                yield EntryType.HOLD_LIFTED;
            }
            case EXPIRE_RECORDS -> {
                about = expire(state, action, data).value();
                yield EntryType.RECORDS_EXPIRED;
            }
            case ACKNOWLEDGE -> {
                acknowledge(state, action, data);
                requireFollows(moment, EntryType.ALERT_CHANGED, action, data);
                yield EntryType.ALERT_CHANGED;
            }
            case END_EXPERIMENT -> {
                Operations.Trial trial = state.requireModel(action.model().orElseThrow())
                        .operations()
                        .trial(action.environment().orElseThrow());
                data.put("experiment", trial == null ? "any" : trial.id());
                data.put("cause", action.name().orElseThrow());
                requireFollows(moment, EntryType.EXPERIMENT_ENDED, action, data);
                yield EntryType.EXPERIMENT_ENDED;
            }
            case REGISTER,
                    IMPORT_VERSION,
                    ATTACH_EVIDENCE,
                    PROPOSE_POLICIES,
                    ERASE,
                    RECORD,
                    ALERT,
                    START_EXPERIMENT,
                    JUDGE,
                    REQUEST_RETRAINING,
                    READ,
                    AUDIT,
                    SERVE,
                    OVERRIDE -> throw notPerformed(action);
        };
        return new Command.Append<>(type, about, data, done -> recorded(done.entry()));
    }

    private static void acknowledge(RegistryState state, Action action, ObjectNode data) {
        ModelRef ref = action.version().orElseThrow();
        String check = action.name().orElseThrow();
        Operations.AlertState alert = state.requireModel(ref.name())
                .operations()
                .alerts(action.environment().orElseThrow(), ref.version())
                .get(check);
        if (alert == null || alert.state() != Alert.State.FIRING) {
            throw new VersionConflictException("expected an alert '" + check + "' on " + ref + " that is firing, found "
                    + (alert == null ? "none" : "one that is " + alert.state()));
        }
        data.put("check", check);
        data.put("from", alert.state().name());
        data.put("to", Alert.State.ACKNOWLEDGED.name());
        data.put("episode", alert.episode());
        data.put("window", alert.window());
    }

    private static IllegalArgumentException notPerformed(Action action) {
        return new IllegalArgumentException(
                "'" + action.type().id()
                        + "' is not to be performed; register, import, attach and propose have methods of their own, the others are only checked");
    }

    private static ModelName expire(RegistryState state, Action action, ObjectNode data) {
        ModelName model = action.model().orElseThrow();
        LogPosition until = action.position().orElseThrow();
        var unused = state.requireModel(model);
        if (until.size() < 1 || until.size() > state.size()) {
            throw new NotFoundException(
                    "the log has positions 1 to " + state.size() + ", but records up to " + until + " were to expire");
        }
        LogPosition before = state.texts().expired().get(model);
        if (before != null && before.compareTo(until) >= 0) {
            throw new VersionConflictException(
                    "the records of " + model + " expired up to position " + before + " already");
        }
        state.texts().hold(model).ifPresent(hold -> {
            throw new VersionConflictException("the records of " + model + " are under the legal hold '" + hold.name()
                    + "', placed at position " + hold.since() + "; they can go once it is lifted");
        });
        data.put("until", until.size());
        data.put("ground", action.name().orElseThrow());
        return model;
    }

    private static @Nullable String placeHold(RegistryState state, Action action, ObjectNode data) {
        String name = action.name().orElseThrow();
        TextRecords.Hold standing = state.texts().holds().get(name);
        if (standing != null) {
            throw new VersionConflictException("a legal hold '" + name + "' stands since position " + standing.since()
                    + "; lift it first, or choose another name");
        }
        ModelName model = action.model().orElse(null);
        data.put("hold", name);
        if (model == null) {
            return null;
        }
        if (state.model(model) == null) {
            throw new NotFoundException("there is no model '" + model + "' to place a legal hold on");
        }
        return model.value();
    }

    private static @Nullable String liftHold(RegistryState state, Action action, ObjectNode data) {
        String name = action.name().orElseThrow();
        TextRecords.Hold standing = state.texts().holds().get(name);
        if (standing == null) {
            throw new NotFoundException("there is no legal hold '" + name + "' to lift; standing are "
                    + new TreeSet<>(state.texts().holds().keySet()));
        }
        data.put("hold", name);
        return standing.model() == null ? null : standing.model().value();
    }

    private static void promote(RegistryState state, Action action, ObjectNode data) {
        ModelRef ref = action.version().orElseThrow();
        Environment environment = action.environment().orElseThrow();
        VersionNumber present = state.requireModel(ref.name()).champion(environment);
        requireExpected(action, "champion of " + ref.name() + " in " + environment, present);
        if (ref.version().equals(present)) {
            throw new VersionConflictException(ref + " is champion in " + environment + " already");
        }
        if (present != null) {
            data.put("previous", present.value());
        }
    }

    private static ModelRef rollBack(Act<?> act, Command.Moment moment, ObjectNode data) {
        ModelState model = moment.tip().state().requireModel(act.action.model().orElseThrow());
        Environment environment = act.action.environment().orElseThrow();
        VersionNumber present = model.champion(environment);
        requireExpected(act.action, "champion of " + model.name() + " in " + environment, present);
        VersionNumber target =
                rollbackTarget(moment.tip(), moment.now(), act.identity, model, environment, act.outside);
        if (target == null || present == null) {
            throw new VersionConflictException("model '" + model.name() + "' has no former champion in " + environment
                    + " that may be served today; promote a version instead");
        }
        data.put("previous", present.value());
        return new ModelRef(model.name(), target);
    }

    private static void requireNoQuarantine(RegistryState state, Action action, VersionState version) {
        ModelRef ref = version.version().ref();
        Environment environment = action.environment().orElseThrow();
        if (StateFacts.isQuarantined(state.requireModel(ref.name()), version, environment)) {
            throw new VersionConflictException(ref + " is in quarantine in " + environment + " already");
        }
    }

    private static void fallBack(RegistryState state, Action action, VersionState version, ObjectNode data) {
        requireNoQuarantine(state, action, version);
        ModelRef from = version.version().ref();
        Environment environment = action.environment().orElseThrow();
        ModelState model = state.requireModel(from.name());
        VersionNumber champion = model.champion(environment);
        if (!from.version().equals(champion)) {
            throw new VersionConflictException(from + " is not the champion in " + environment
                    + ", so there is nothing to fall back from; that is " + (champion == null ? "none" : champion));
        }
        VersionNumber to = VersionNumber.of(Integer.parseInt(action.value().orElseThrow()));
        if (to.equals(champion)
                || !model.champions()
                        .getOrDefault(environment, TreePVector.empty())
                        .contains(to)) {
            throw new VersionConflictException("version " + to + " of '" + from.name() + "' was never champion in "
                    + environment + " before " + from + ", so it cannot stand in for it");
        }
        data.put("to", to.value());
        data.put("cause", action.name().orElseThrow());
    }

    private static ModelName halt(RegistryState state, Action action, boolean isEnd) {
        ModelName name = action.model().orElseThrow();
        Environment environment = action.environment().orElseThrow();
        LogPosition since = state.requireModel(name).halts().suspended().get(environment);
        if (isEnd && since == null) {
            throw new VersionConflictException("model '" + name + "' is not suspended in " + environment);
        }
        if (!isEnd && since != null) {
            throw new VersionConflictException(
                    "model '" + name + "' is suspended in " + environment + " since position " + since + " already");
        }
        return name;
    }

    private static Principal grant(RegistryState state, Action action, ObjectNode data) {
        Principal grantee = action.grantee().orElseThrow();
        Role role = action.role().orElseThrow();
        if (state.founding().roleSource() == RoleSource.CLAIMS) {
            throw new VersionConflictException(
                    "this log takes roles from the host's claims; grant '" + role + "' at the identity provider");
        }
        boolean held = state.rolesOf(grantee).contains(role);
        if (held == (action.type() == Action.Type.GRANT_ROLE)) {
            throw new VersionConflictException(
                    grantee + (held ? " holds role '" + role + "' already" : " does not hold role '" + role + "'"));
        }
        data.put("role", role.value());
        return grantee;
    }

    private Digest install(RegistryState state, Action action, ObjectNode data) {
        Digest digest = action.policies().orElseThrow();
        PolicyProposal proposal = state.policySets().requireOpen(digest);
        if (!ledger.engines().isAtHand(proposal, state.founding())) {
            // Blobs are not read under the lock.
            throw new VersionConflictException("policy set " + digest
                    + " could only be looked at once it was proposed, while the act was under way; try again");
        }
        ledger.engines().requireSigned(proposal, state.founding());
        var unused = ledger.engines().admit(digest, state.founding());
        data.put("revision", proposal.revision());
        data.put("previous", state.policies().toString());
        data.put("proposer", proposal.by().toString());
        return digest;
    }

    private static void transition(RegistryState state, Action action, VersionState version, ObjectNode data) {
        LifeCycle lifeCycle = state.founding().lifeCycle();
        String from = version.version().status();
        String name = action.name().orElseThrow();
        String to = lifeCycle.next(from, name).orElseThrow(() -> {
            List<String> possible = lifeCycle.transitions().stream()
                    .filter(step -> step.from().equals(from))
                    .map(LifeCycle.Transition::name)
                    .sorted()
                    .toList();
            return new VersionConflictException("'" + name + "' does not lead on from '" + from + "', the status of "
                    + version.version().ref() + "; possible are " + possible);
        });
        data.put("transition", name);
        data.put("from", from);
        data.put("to", to);
    }

    private Command.Verdict<ModelVersion> appendVersion(
            Act<ModelVersion> act, Command.Moment moment, VersionSpec spec, Prepared files, Decision.Allow decision) {
        RegistryState state = moment.tip().state();
        ModelState model = state.model(spec.model());
        int next = model == null ? 1 : model.versions().size() + 1;
        VersionNumber demanded = spec.number().orElse(null);
        if (demanded != null && demanded.value() < next) {
            ModelVersion existing =
                    state.requireVersion(new ModelRef(spec.model(), demanded)).version();
            if (existing.artifact().equals(files.artifact())) {
                return new Command.Settled<>(existing);
            }
            throw new VersionConflictException(existing.ref() + " exists with content " + existing.artifact()
                    + ", which can never be replaced; the files offered have " + files.artifact()
                    + "; register them as a new version");
        }
        if (demanded != null && demanded.value() != next) {
            throw new VersionConflictException(
                    "the next version of '" + spec.model() + "' is " + next + ", not " + demanded);
        }
        VersionNumber parent = spec.parent().orElse(null);
        if (parent != null && parent.value() >= next) {
            throw new NotFoundException("the parent version " + spec.model() + "@" + parent + " does not exist");
        }
        spec.answers().ifPresent(request -> requireOpen(model, spec.model(), request));
        requireJudgedBy(state, files.judgedBy());
        requireBelieved(moment, spec.model(), files.publisher());
        ModelRef ref = new ModelRef(spec.model(), VersionNumber.of(next));
        ObjectNode data = act.payload(moment, decision);
        describe(spec, data);
        data.put("artifact", files.artifact().toString());
        data.put("fileCount", files.fileCount());
        data.put("byteCount", files.byteCount());
        data.put("bundle", files.bundle().toString());
        if (files.publisher() != null) {
            put(data, files.publisher());
        }
        return new Command.Append<>(
                EntryType.VERSION_REGISTERED,
                ref.toString(),
                data,
                done -> done.after().state().requireVersion(ref).version());
    }

    private static void put(ObjectNode data, SignedBy publisher) {
        data.put("publisher", publisher.key().toString());
        if (!publisher.certifiers().isEmpty()) {
            ArrayNode certifiers = data.putArray("certifiers");
            publisher.certifiers().stream().map(Digest::toString).sorted().forEach(certifiers::add);
        }
    }

    private static void requireOpen(@Nullable ModelState model, ModelName name, LogPosition request) {
        Operations.Retraining asked = model == null
                ? null
                : model.operations().retrainings().stream()
                        .filter(one -> one.position().equals(request))
                        .findFirst()
                        .orElse(null);
        if (asked == null) {
            throw new NotFoundException("there is no request to train '" + name + "' anew at position " + request
                    + "; answer one of this model, or none");
        }
        if (asked.candidate() != null) {
            throw new VersionConflictException("the request to train '" + name + "' anew at position " + request
                    + " was answered by version " + asked.candidate() + " already; register this one without it");
        }
    }

    static void describe(VersionSpec spec, ObjectNode data) {
        data.put("kind", spec.kind());
        data.put("description", spec.description());
        ObjectNode metrics = data.putObject("metrics");
        new TreeMap<>(spec.metrics()).forEach((name, value) -> metrics.put(name, value.toString()));
        texts(data.putObject("parameters"), spec.parameters());
        texts(data.putObject("tags"), spec.tags());
        spec.parent().ifPresent(parent -> data.put("parent", parent.value()));
        ArrayNode dataSets = data.putArray("dataSets");
        for (DataSet dataSet : spec.dataSets()) {
            dataSets.addObject()
                    .put("name", dataSet.name())
                    .put("digest", dataSet.digest().toString());
        }
        spec.codeCommit().ifPresent(commit -> data.put("codeCommit", commit));
        spec.answers().ifPresent(request -> data.put("answers", request.index()));
    }

    private static void requireExpected(Action action, String what, @Nullable VersionNumber present) {
        action.expected().ifPresent(expectation -> {
            VersionNumber expected = expectation.version().orElse(null);
            if (expected == null ? present != null : !expected.equals(present)) {
                throw new VersionConflictException(what + " was expected to be "
                        + (expected == null ? "none" : expected) + ", but is " + (present == null ? "none" : present)
                        + "; read again and decide anew");
            }
        });
    }

    private static void requireSame(Entry done, Identity identity, Action action) {
        EntryType type = switch (action.type()) {
            case COMMENT -> EntryType.VERSION_COMMENTED;
            case APPROVE -> EntryType.VERSION_APPROVED;
            case REJECT -> EntryType.VERSION_REJECTED;
            case WITHDRAW -> EntryType.JUDGEMENT_WITHDRAWN;
            case PROMOTE -> EntryType.CHAMPION_PROMOTED;
            case ROLLBACK -> EntryType.CHAMPION_ROLLED_BACK;
            case QUARANTINE -> EntryType.VERSION_QUARANTINED;
            case FALL_BACK -> EntryType.HANDLE_FELL_BACK;
            case SUSPEND -> EntryType.SERVING_SUSPENDED;
            case RESUME -> EntryType.SERVING_RESUMED;
            case SET_ALIAS -> EntryType.ALIAS_SET;
            case REMOVE_ALIAS -> EntryType.ALIAS_REMOVED;
            case SET_TAG -> action.version().isPresent() ? EntryType.TAG_SET : EntryType.MODEL_TAG_SET;
            case REMOVE_TAG -> action.version().isPresent() ? EntryType.TAG_REMOVED : EntryType.MODEL_TAG_REMOVED;
            case GRANT_ROLE -> EntryType.ROLE_GRANTED;
            case REVOKE_ROLE -> EntryType.ROLE_REVOKED;
            case TRANSITION -> EntryType.VERSION_TRANSITIONED;
            case INSTALL_POLICIES -> EntryType.POLICIES_INSTALLED;
            case INSTALL_TRUST -> EntryType.TRUST_INSTALLED;
            case ERASE -> EntryType.TEXT_ERASED;
            case HOLD -> EntryType.HOLD_PLACED;
            case LIFT_HOLD -> EntryType.HOLD_LIFTED;
            case EXPIRE_RECORDS -> EntryType.RECORDS_EXPIRED;
            case ACKNOWLEDGE, END_EXPERIMENT -> operation(action);
            case REGISTER,
                    IMPORT_VERSION,
                    ATTACH_EVIDENCE,
                    PROPOSE_POLICIES,
                    RECORD,
                    ALERT,
                    START_EXPERIMENT,
                    JUDGE,
                    REQUEST_RETRAINING,
                    READ,
                    AUDIT,
                    SERVE,
                    OVERRIDE -> EntryType.UNKNOWN;
        };
        String subject = String.valueOf(done.subject());
        boolean isSame = done.type() == type
                && done.actor().equals(identity.principal())
                && (isSubject(subject, action)
                        || action.type() == Action.Type.ERASE
                        || action.type() == Action.Type.LIFT_HOLD
                        || action.type() == Action.Type.INSTALL_TRUST
                        || action.type() == Action.Type.HOLD && action.model().isEmpty() && done.subject() == null)
                && isSaid(done, "environment", action.environment().map(Environment::value))
                && switch (action.type()) {
                    case HOLD, LIFT_HOLD -> isSaid(done, "hold", action.name());
                    case EXPIRE_RECORDS ->
                        isSaid(done, "ground", action.name())
                                && action.position()
                                        .filter(until -> until.size()
                                                == done.data().path("until").asLong(-1))
                                        .isPresent();
                    case INSTALL_TRUST ->
                        isSaid(done, Founding.ENVELOPE, action.envelope().map(Bytes::toUtf8));
                    case ERASE ->
                        isSaid(done, "ground", action.name())
                                && action.position()
                                        .filter(position -> position.index()
                                                == done.data().path("entry").asLong(-1))
                                        .isPresent();
                    case FALL_BACK, END_EXPERIMENT -> isSaid(done, "cause", action.name());
                    case ACKNOWLEDGE -> isSaid(done, "check", action.name());
                    case SET_ALIAS, REMOVE_ALIAS -> isSaid(done, "alias", action.name());
                    case SET_TAG -> isSaid(done, "key", action.name()) && isSaid(done, "value", action.value());
                    case REMOVE_TAG -> isSaid(done, "key", action.name());
                    case GRANT_ROLE, REVOKE_ROLE ->
                        isSaid(done, "role", action.role().map(Role::value));
                    case TRANSITION -> isSaid(done, "transition", action.name());
                    default -> true;
                };
        if (!isSame) {
            throw usedBefore(done);
        }
    }

    /** An act on a model alone is recorded with the version that it turned out to be about. */
    private static boolean isSubject(String subject, Action action) {
        return action.version()
                .map(ref -> subject.equals(ref.toString()))
                .or(() -> action.model().map(name -> subject.equals(name.value()) || subject.startsWith(name + "@")))
                .or(() -> action.grantee().map(grantee -> subject.equals(grantee.toString())))
                .or(() -> action.policies().map(digest -> subject.equals(digest.toString())))
                .orElse(false);
    }

    private static boolean isSaid(Entry done, String name, Optional<String> text) {
        return text.equals(Optional.ofNullable(done.find(name)));
    }

    private static void requireSame(Entry done, Identity identity, VersionSpec spec) {
        ObjectNode described = Json.object();
        describe(spec, described);
        boolean isSame = done.type() == EntryType.VERSION_REGISTERED
                && done.actor().equals(identity.principal())
                && String.valueOf(done.subject()).startsWith(spec.model() + "@")
                && described.properties().stream()
                        .allMatch(member -> member.getValue().equals(done.data().get(member.getKey())));
        if (!isSame) {
            throw usedBefore(done);
        }
    }

    private static VersionConflictException usedBefore(Entry done) {
        return new VersionConflictException("command id " + done.command() + " was used for another act: "
                + done.type().sentence() + " of " + done.subject() + " by " + done.actor()
                + "; repeat exactly that act, or choose a new id");
    }

    private static Recorded recorded(Entry entry) {
        if (!(Redecision.recorded(entry) instanceof Decision.Allow allow)) {
            throw new IllegalStateException("entry " + entry.index() + " records an act without its decision");
        }
        return new Recorded(
                entry.command(),
                entry.subject() == null ? "" : entry.subject(),
                entry.typeName(),
                allow,
                entry.time(),
                LogPosition.after(entry.index()));
    }

    private static VersionState required(Subject subject) {
        if (subject.version() == null) {
            throw new IllegalStateException("the action is about a version, but none was looked up");
        }
        return subject.version();
    }

    /**
     * Refuses an identity that the library gives to acts of its own, which follow from what others can know: who took it
     * first would keep that act from being done.
     */
    public static void requireFree(Optional<CommandId> id) {
        if (id.isPresent() && OWN_IDS.stream().anyMatch(id.get().value()::startsWith)) {
            throw new IllegalArgumentException("a command id must not begin with any of " + OWN_IDS
                    + ", which are kept for acts of the library itself, but was '" + id.get() + "'; choose another");
        }
    }

    private static Action withId(Action action, @Nullable CommandId id) {
        return id == null ? action : action.as(id);
    }

    private static void texts(ObjectNode target, Map<String, String> texts) {
        new TreeMap<>(texts).forEach(target::put);
    }
}
