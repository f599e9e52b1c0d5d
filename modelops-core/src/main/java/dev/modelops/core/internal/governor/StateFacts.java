package dev.modelops.core.internal.governor;

import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.RoleSource;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.FactValues;
import dev.modelops.core.internal.policy.ValuedFacts;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.state.Judgement;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Trust;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.policy.Action;
import dev.modelops.policy.FactException;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.LifeCycle;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.TrustPolicy;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * The facts that policies decide on, computed from the state and the time alone when a rule asks for them, and what was
 * gathered outside beforehand. For one decision by one thread.
 */
final class StateFacts implements ValuedFacts {
    private static final String RESOURCE = "resource.";
    private static final String MODEL = "resource.model";
    private static final String MODEL_PREFIX = MODEL + ".";
    private static final String REGRESSION = "regression.";
    private static final String INCREASE = "increase.";
    private static final String SERVICES = "service.";
    private static final String COMPONENTS = "components";
    private static final int LONGEST_LINE = 1000;
    private static final int MOST_PLACES = 100;

    /** The names that are not made from data, beside those of versions and models. */
    private static final List<String> FIXED = List.of(
            "now",
            "environment.services",
            "required.gates",
            "grant.role",
            "grant.self",
            "source.origin",
            "source.key",
            "source.model",
            "source.version",
            "tag.key",
            "tag.value",
            "alias.name",
            "policies.digest",
            "policies.proposer",
            "policies.revision",
            "policies.self",
            "trust.version",
            MODEL,
            "resource.promotable",
            "resource.servable",
            "resource.author.roles",
            "resource.author.units",
            "resource.roles",
            "resource.units",
            "approvals.independent",
            "approvals.rejections",
            "approvals.by",
            "approvals.roles",
            "approvals.last",
            "approvals.newest",
            "approvals.secondNewest",
            "approvals.thirdNewest",
            "approvals.signed",
            "approvals.signaturesMissing",
            "attested.roles",
            "champion.exists",
            "champion.version",
            "champion.current",
            "champion.former",
            "champion.lastServed",
            "halt.quarantined",
            "halt.suspended",
            "alerts.firing",
            "experiment.challenger",
            "experiment.id",
            "experiment.stage",
            "experiment.verdict",
            "experiment.verdictStage",
            "experiment.judgedAt",
            "staging.since",
            "fairness.missing",
            "owners.missing",
            "lineage.dataSets",
            "lineage.dataSetDigests",
            "lineage.complete");

    /** The names of what a trust policy may take away. */
    private static final Set<String> DEPENDING_ON_TRUST =
            Set.of("signature.publisher", "resource.publisher", "attested.tests", "attested.verification");

    private final RegistryState state;
    private final Trust trust;
    private final Instant now;
    private final Identity identity;
    private final Set<Role> roles;
    private final Action action;
    private final Outside outside;
    private final @Nullable Environment environment;
    private final @Nullable VersionState version;
    private final @Nullable ModelState model;
    private final @Nullable ModelName modelName;
    private final boolean isOfModel;

    private @Nullable VersionValues versionValues;
    private @Nullable ModelValues valuesOfModel;
    private @Nullable Approvals approvals;
    private @Nullable AttestedFacts attested;
    private @Nullable Lineage lineage;
    private @Nullable Set<String> names;

    /**
     * Prepares the facts about an action; nothing is computed yet.
     *
     * @param version the version the action is about, if any; for a rollback, the version it would lead to
     */
    StateFacts(
            RegistryState state,
            Instant now,
            Identity identity,
            Action action,
            @Nullable VersionState version,
            Outside outside) {
        this.state = state;
        this.trust = state.founding().trust();
        this.now = now;
        this.identity = identity;
        this.roles = roles(state, identity);
        this.action = action;
        this.outside = outside;
        this.environment = action.environment().orElse(null);
        this.version = version;
        ModelName name = action.model().orElse(null);
        this.modelName = name;
        this.model = name == null ? null : state.model(name);
        this.isOfModel = name != null && action.version().isEmpty();
    }

    /**
     * Tells whether a fact, or one within it, is computed from the state: then its absence is known from the state too, and
     * no provider has a say.
     */
    static boolean isComputed(String name) {
        return name.equals("principal") || name.equals("environment") || Providers.isOwn(name);
    }

    /** Returns the roles that count for an identity in a state. */
    static Set<Role> roles(RegistryState state, Identity identity) {
        return state.founding().roleSource() == RoleSource.CLAIMS
                ? identity.claimedRoles()
                : state.rolesOf(identity.principal());
    }

    /** Returns the roles that count for whoever asks. */
    Set<Role> roles() {
        return roles;
    }

    private @Nullable VersionValues values() {
        VersionValues known = versionValues;
        if (known == null && version != null) {
            known = VersionValues.of(version);
            versionValues = known;
        }
        return known;
    }

    private @Nullable ModelValues modelValues() {
        ModelValues known = valuesOfModel;
        if (known == null && modelName != null) {
            known = model == null ? ModelValues.of(modelName) : ModelValues.of(model);
            valuesOfModel = known;
        }
        return known;
    }

    private @Nullable EntityUid modelUid() {
        ModelValues known = modelValues();
        return known == null ? null : known.uid();
    }

    @Override
    public EntityUid resource(Action of) {
        ModelValues modelValues = isOfModel ? modelValues() : null;
        if (modelValues != null) {
            return modelValues.uid();
        }
        VersionValues values = values();
        return values != null && of.version().isPresent() ? values.uid() : ValuedFacts.super.resource(of);
    }

    @Override
    public EntityUid environment(Environment named) {
        VersionValues values = values();
        return values == null ? EntityNames.environment(named) : values.environment(named);
    }

    @Override
    public @Nullable Value tag(EntityUid entity, String key) {
        ModelValues modelValues = modelValues();
        VersionValues values = values();
        if (modelValues != null && entity.equals(modelValues.uid())) {
            return modelValues.tag(key);
        }
        return values != null && entity.equals(values.uid()) ? values.tag(key) : null;
    }

    @Override
    public @Nullable Value value(String name) {
        VersionValues values = values();
        if (values != null) {
            Value known = values.value(name);
            if (version != null && trust.version() > 0) {
                known = trusted(version, name, known);
            }
            if (known != null) {
                return known;
            }
        }
        Value fixed = fixed(name);
        if (fixed != null) {
            return fixed;
        }
        ModelValues modelValues = name.startsWith(RESOURCE) ? modelValues() : null;
        if (modelValues != null) {
            if (name.startsWith(MODEL_PREFIX)) {
                return modelValues.value(name.substring(MODEL_PREFIX.length()));
            }
            if (isOfModel) {
                return modelValues.value(name.substring(RESOURCE.length()));
            }
        }
        if (name.startsWith(REGRESSION)) {
            return difference(name.substring(REGRESSION.length()), true);
        }
        if (name.startsWith(INCREASE)) {
            return difference(name.substring(INCREASE.length()), false);
        }
        return outside.value(name, now);
    }

    @Override
    public Optional<Object> get(String name) {
        if (version != null && name.startsWith(EntityNames.METRICS + ".")) {
            return Optional.ofNullable(
                    version.version().metrics().get(name.substring(EntityNames.METRICS.length() + 1)));
        }
        return Optional.ofNullable(value(name)).map(FactValues::toFact);
    }

    @Override
    public Set<String> names() {
        Set<String> known = names;
        if (known == null) {
            known = Collections.unmodifiableSet(allNames());
            names = known;
        }
        return known;
    }

    private Set<String> allNames() {
        VersionValues values = values();
        ModelValues modelValues = modelValues();
        Set<String> all = new TreeSet<>();
        for (String name : FIXED) {
            if (isThere(name)) {
                all.add(name);
            }
        }
        if (values != null) {
            values.addNames(all);
            if (trust.version() > 0) {
                all.removeIf(name -> DEPENDING_ON_TRUST.contains(name) && !isThere(name));
            }
        }
        if (modelValues != null) {
            modelValues.addNames(MODEL_PREFIX, all);
            if (isOfModel) {
                modelValues.addNames(RESOURCE, all);
            }
        }
        if (version != null && environment != null) {
            for (String metric : version.version().metrics().keySet()) {
                for (String name : List.of(REGRESSION + metric, INCREASE + metric)) {
                    if (isThere(name)) {
                        all.add(name);
                    }
                }
            }
        }
        all.addAll(outside.names());
        return all;
    }

    private boolean isThere(String name) {
        try {
            return value(name) != null;
        } catch (FactException e) {
            return true;
        }
    }

    private @Nullable Value fixed(String name) {
        return switch (name) {
            case "now" -> FactValues.of(now);
            case "environment.services" ->
                environment == null ? null : EntityNames.role(Role.of(SERVICES + environment.value()));
            case "required.gates" -> environment == null ? null : requiredGates(environment);
            case "grant.role" ->
                action.role().map(role -> new StringValue(role.value())).orElse(null);
            case "grant.self" ->
                action.grantee()
                        .map(grantee -> BoolValue.of(grantee.equals(identity.principal())))
                        .orElse(null);
            case "source.origin", "source.key", "source.model", "source.version" ->
                action.source().map(source -> ofSource(name, source)).orElse(null);
            case "tag.key" -> isTagging() ? text(action.name()) : null;
            case "tag.value" -> isTagging() ? text(action.value()) : null;
            case "alias.name" -> isNaming() ? text(action.name()) : null;
            case "policies.digest", "policies.proposer", "policies.revision", "policies.self" -> ofPolicies(name);
            case MODEL -> modelUid();
            case "resource.promotable", "resource.servable" -> status(name);
            case "resource.author.roles" -> authorRoles() == null ? null : EntityNames.roles(authorRoles());
            case "resource.author.units" -> authorRoles() == null ? null : EntityNames.units(authorRoles());
            case "resource.roles" -> granteeRoles() == null ? null : EntityNames.roles(granteeRoles());
            case "resource.units" -> granteeRoles() == null ? null : EntityNames.units(granteeRoles());
            case "approvals.independent",
                    "approvals.rejections",
                    "approvals.by",
                    "approvals.roles",
                    "approvals.last",
                    "approvals.newest",
                    "approvals.secondNewest",
                    "approvals.thirdNewest",
                    "approvals.signed",
                    "approvals.signaturesMissing" -> ofApprovals(name);
            case "attested.roles" ->
                version == null || modelName == null
                        ? null
                        : VersionValues.texts(attested().roles());
            case "trust.version" ->
                action.trustVersion().isPresent()
                        ? FactValues.of(action.trustVersion().getAsInt())
                        : null;
            case "champion.exists" -> model == null || environment == null ? null : BoolValue.of(champion() != null);
            case "champion.version" ->
                champion() == null ? null : VersionValues.of(champion()).uid();
            case "champion.current" -> isJudged() ? BoolValue.of(isChampion()) : null;
            case "champion.former" -> isJudged() ? BoolValue.of(isFormerChampion()) : null;
            case "champion.lastServed" -> time(lastServed());
            case "halt.quarantined" -> quarantined();
            case "halt.suspended" -> isJudged() ? BoolValue.of(isSuspended()) : null;
            case "alerts.firing" -> firing();
            case "experiment.challenger" -> isJudged() ? BoolValue.of(trial() != null) : null;
            case "experiment.id",
                    "experiment.stage",
                    "experiment.verdict",
                    "experiment.verdictStage",
                    "experiment.judgedAt" -> ofTrial(name);
            case "staging.since" -> time(stagingSince());
            case "fairness.missing" -> fairnessMissing();
            case "owners.missing" -> ownersMissing();
            case "lineage.dataSets" -> version == null ? null : VersionValues.texts(lineage().names);
            case "lineage.dataSetDigests" -> version == null ? null : VersionValues.texts(lineage().digests);
            case "lineage.complete" -> version == null ? null : BoolValue.of(lineage().isComplete);
            default -> null;
        };
    }

    /** Of a set that is yet to be proposed there is nothing to say but which it is. */
    private @Nullable Value ofPolicies(String name) {
        Digest digest = action.policies().orElse(null);
        if (digest == null) {
            return null;
        }
        if (name.equals("policies.digest")) {
            return new StringValue(digest.toString());
        }
        PolicyProposal proposal = state.policySets().proposed().get(digest);
        if (proposal == null || action.type() != Action.Type.INSTALL_POLICIES) {
            return null;
        }
        return switch (name) {
            case "policies.proposer" -> EntityNames.user(proposal.by());
            case "policies.revision" -> FactValues.of(proposal.revision());
            default -> BoolValue.of(proposal.by().equals(identity.principal()));
        };
    }

    private static Value ofSource(String name, Action.Source source) {
        return switch (name) {
            case "source.origin" -> new StringValue(source.origin());
            case "source.key" -> new StringValue(source.logKey());
            case "source.model" -> new StringValue(source.version().name().value());
            default -> FactValues.of(source.version().version().value());
        };
    }

    private boolean isTagging() {
        return action.type() == Action.Type.SET_TAG || action.type() == Action.Type.REMOVE_TAG;
    }

    private boolean isNaming() {
        return action.type() == Action.Type.SET_ALIAS || action.type() == Action.Type.REMOVE_ALIAS;
    }

    private boolean isJudged() {
        return version != null && environment != null;
    }

    private static @Nullable Value text(Optional<String> text) {
        return text.isPresent() ? new StringValue(text.get()) : null;
    }

    private static @Nullable Value time(@Nullable Instant time) {
        return time == null ? null : FactValues.of(time);
    }

    private Value requiredGates(Environment of) {
        return VersionValues.texts(state.founding().environments().getOrDefault(of, Set.of()));
    }

    private @Nullable Value status(String name) {
        if (version == null) {
            return null;
        }
        LifeCycle.State status =
                state.founding().lifeCycle().states().get(version.version().status());
        return BoolValue.of(
                status != null && (name.equals("resource.promotable") ? status.promotable() : status.servable()));
    }

    private @Nullable Collection<Role> authorRoles() {
        if (version == null) {
            return null;
        }
        Principal author = version.version().author();
        if (author.equals(identity.principal())) {
            return roles;
        }
        return isByClaims() ? version.authorRoles() : state.rolesOf(author);
    }

    private @Nullable Collection<Role> granteeRoles() {
        return isByClaims() ? null : action.grantee().map(state::rolesOf).orElse(null);
    }

    private boolean isByClaims() {
        return state.founding().roleSource() == RoleSource.CLAIMS;
    }

    private @Nullable Value ofApprovals(String name) {
        VersionValues values = values();
        if (version == null || environment == null || values == null) {
            return null;
        }
        Approvals known = approvals(version, values, environment);
        return switch (name) {
            case "approvals.independent" -> FactValues.of(known.independent.size());
            case "approvals.rejections" -> FactValues.of(known.rejections);
            case "approvals.by" -> known.by();
            case "approvals.roles" -> known.roles();
            case "approvals.last" -> known.last();
            case "approvals.newest" -> known.newest(1);
            case "approvals.secondNewest" -> known.newest(2);
            case "approvals.thirdNewest" -> known.newest(3);
            case "approvals.signed" -> FactValues.of(known.signed());
            default -> FactValues.of(Math.max(0, signaturesNeeded() - known.signed()));
        };
    }

    private Approvals approvals(VersionState of, VersionValues known, Environment where) {
        Approvals counted = approvals;
        if (counted == null) {
            counted = new Approvals(of, known, where);
            approvals = counted;
        }
        return counted;
    }

    /** The approvals that count: by validators who are not the author, on exactly what the version is now. */
    private final class Approvals {
        /** In the order in which they were given. */
        final List<Judgement> independent = new ArrayList<>(4);

        final long rejections;

        Approvals(VersionState of, VersionValues known, Environment where) {
            long rejected = 0;
            for (Judgement judgement : of.judgements()) {
                Approval approval = judgement.approval();
                if (!approval.environment().equals(where)) {
                    continue;
                }
                if (approval.verdict() == Approval.Verdict.REJECTED) {
                    rejected++;
                } else if (!isAuthor(of.version(), approval.by())
                        && approval.artifact().equals(of.version().artifact())
                        && isSame(approval.evidence(), known.evidence())
                        && approval.position().compareTo(known.changed()) > 0
                        && rolesOf(judgement).contains(Role.VALIDATOR)) {
                    independent.add(judgement);
                }
            }
            this.rejections = rejected;
        }

        Value by() {
            return Value.SetValue.of(independent.stream()
                    .map(judgement -> EntityNames.user(judgement.approval().by()))
                    .toList());
        }

        Value roles() {
            Set<Role> held = new TreeSet<>();
            independent.forEach(judgement -> held.addAll(rolesOf(judgement)));
            return EntityNames.roles(held);
        }

        @Nullable Value last() {
            return independent.isEmpty()
                    ? null
                    : EntityNames.user(
                            independent.get(independent.size() - 1).approval().by());
        }

        /** Counts those that were signed by the person's own key, unless that was in wrong hands by then. */
        long signed() {
            return independent.stream()
                    .map(Judgement::approval)
                    .filter(approval -> approval.signer()
                            .filter(key -> !trust.isRevoked(key, approval.position()))
                            .isPresent())
                    .count();
        }

        @Nullable Value newest(int nth) {
            return independent.size() < nth
                    ? null
                    : time(independent.get(independent.size() - nth).approval().at());
        }
    }

    private long signaturesNeeded() {
        TrustPolicy.Role approvers = modelName == null ? null : trust.role(TrustPolicy.APPROVER, modelName);
        return approvers == null ? 1 : approvers.threshold();
    }

    private AttestedFacts attested() {
        AttestedFacts known = attested;
        if (known == null) {
            known = version == null ? AttestedFacts.NONE : AttestedFacts.of(trust, version);
            attested = known;
        }
        return known;
    }

    /** Returns what depends on the trust policy as it says, or the value given. */
    private @Nullable Value trusted(VersionState of, String name, @Nullable Value given) {
        return switch (name) {
            case "signature.trusted" -> BoolValue.of(BoolValue.of(true).equals(given) && !isRevoked(of));
            case "signature.publisher", "resource.publisher" -> isRevoked(of) ? null : given;
            case "attested.types" -> VersionValues.texts(attested().types());
            case "attested.tests" -> outcome(attested().tests());
            case "attested.verification" -> outcome(attested().verification());
            default -> given;
        };
    }

    private boolean isRevoked(VersionState of) {
        return of.isSignedByAny(key -> trust.isRevoked(key, of.version().position()));
    }

    private static @Nullable Value outcome(Evidence.@Nullable Outcome outcome) {
        return outcome == null ? null : new StringValue(outcome.name());
    }

    /** Whoever made it elsewhere is no more independent of it than whoever brought it here. */
    private static boolean isAuthor(ModelVersion of, Principal by) {
        return by.equals(of.author())
                || of.source().map(source -> by.equals(source.author())).orElse(false);
    }

    private static boolean isSame(Set<Digest> judged, Set<Digest> present) {
        return judged.size() == present.size() && (present.isEmpty() || judged.equals(present));
    }

    /** A validator's word counts while the role is held; claims are only known from the time of the judgement. */
    private Set<Role> rolesOf(Judgement judgement) {
        return isByClaims()
                ? judgement.rolesThen()
                : state.rolesOf(judgement.approval().by());
    }

    private @Nullable VersionState champion() {
        if (model == null || environment == null) {
            return null;
        }
        VersionNumber number = model.champion(environment);
        return number == null ? null : model.version(number);
    }

    private boolean isChampion() {
        return model != null
                && version != null
                && environment != null
                && version.version().ref().version().equals(model.champion(environment));
    }

    /** The present champion is not a former one, though it may have been that before. */
    private boolean isFormerChampion() {
        return model != null
                && version != null
                && environment != null
                && !isChampion()
                && model.champions()
                        .getOrDefault(environment, TreePVector.empty())
                        .contains(version.version().ref().version());
    }

    /**
     * Tells whether a version is in quarantine: it was put there, and nobody approved it since who was a validator then and is
     * not its author. Neither evidence attached later nor a role lost later brings it back, only a withdrawal does.
     */
    static boolean isQuarantined(ModelState model, VersionState version, Environment environment) {
        LogPosition by =
                model.halts().quarantine(environment, version.version().ref().version());
        return by != null
                && version.judgements().stream()
                        .noneMatch(
                                judgement -> judgement.approval().environment().equals(environment)
                                        && judgement.approval().verdict() == Approval.Verdict.APPROVED
                                        && judgement.approval().position().compareTo(by) > 0
                                        && judgement.rolesThen().contains(Role.VALIDATOR)
                                        && !isAuthor(
                                                version.version(),
                                                judgement.approval().by()));
    }

    private @Nullable Value quarantined() {
        return model == null || version == null || environment == null
                ? null
                : BoolValue.of(isQuarantined(model, version, environment));
    }

    private @Nullable Value firing() {
        if (model == null || version == null || environment == null) {
            return null;
        }
        return VersionValues.texts(
                model.operations().alerts(environment, version.version().ref().version()).entrySet().stream()
                        .filter(alert -> alert.getValue().state() == Alert.State.FIRING
                                || alert.getValue().state() == Alert.State.ACKNOWLEDGED)
                        .map(Map.Entry::getKey)
                        .toList());
    }

    /** Returns the experiment under way in which the version is the challenger, or null. */
    private Operations.@Nullable Trial trial() {
        if (model == null || version == null || environment == null) {
            return null;
        }
        Operations.Trial trial = model.operations().trial(environment);
        return trial != null
                        && trial.challenger().equals(version.version().ref().version())
                ? trial
                : null;
    }

    private @Nullable Value ofTrial(String name) {
        Operations.Trial trial = trial();
        if (trial == null) {
            return null;
        }
        Operations.Judged judged = trial.verdict();
        return switch (name) {
            case "experiment.id" -> new StringValue(trial.id());
            case "experiment.stage" -> FactValues.of(trial.stage());
            case "experiment.verdict" -> judged == null ? null : new StringValue(judged.state());
            case "experiment.verdictStage" -> judged == null ? null : FactValues.of(judged.stage());
            default -> judged == null ? null : FactValues.of(judged.at());
        };
    }

    private boolean isSuspended() {
        return model != null && environment != null && model.halts().suspended().containsKey(environment);
    }

    /** Returns when the version last was champion here: now, if it is. */
    private @Nullable Instant lastServed() {
        if (model == null || version == null || environment == null) {
            return null;
        }
        PVector<VersionNumber> champions = model.champions().get(environment);
        PVector<Instant> reigns = model.reigns().get(environment);
        if (champions == null || reigns == null) {
            return null;
        }
        VersionNumber number = version.version().ref().version();
        for (int i = champions.size() - 1; i >= 0; i--) {
            if (champions.get(i).equals(number)) {
                return i == champions.size() - 1 ? now : reigns.get(i + 1);
            }
        }
        return null;
    }

    private @Nullable Instant stagingSince() {
        if (model == null || version == null) {
            return null;
        }
        PVector<Instant> reigns = model.reigns().get(Environment.STAGING);
        return reigns != null && version.version().ref().version().equals(model.champion(Environment.STAGING))
                ? reigns.get(reigns.size() - 1)
                : null;
    }

    private @Nullable Value difference(String metric, boolean isFall) {
        VersionState champion = champion();
        if (version == null || champion == null) {
            return null;
        }
        BigDecimal before = champion.version().metrics().get(metric);
        BigDecimal after = version.version().metrics().get(metric);
        if (before == null || after == null) {
            return null;
        }
        DecimalValue difference = isFall ? minus(before, after) : minus(after, before);
        if (difference == null) {
            throw new FactException("the difference of metric '" + metric + "' between the champion and "
                    + version.version().ref() + " does not fit a decimal");
        }
        return difference;
    }

    /** Returns the difference, rounded up: exactly, unless a number has so many places that this would be costly. */
    private static @Nullable DecimalValue minus(BigDecimal from, BigDecimal less) {
        DecimalValue up = DecimalValue.ofRounded(from, RoundingMode.CEILING);
        DecimalValue down = DecimalValue.ofRounded(less, RoundingMode.FLOOR);
        if (up == null || down == null) {
            return null;
        }
        BigDecimal difference = from.scale() <= MOST_PLACES && less.scale() <= MOST_PLACES
                ? from.subtract(less)
                : BigDecimal.valueOf(up.tenThousandths(), 4).subtract(BigDecimal.valueOf(down.tenThousandths(), 4));
        return DecimalValue.ofRounded(difference, RoundingMode.CEILING);
    }

    private @Nullable Value fairnessMissing() {
        VersionValues values = values();
        ModelValues modelValues = modelValues();
        if (values == null || modelValues == null) {
            return null;
        }
        Set<String> missing = new TreeSet<>(modelValues.slices());
        missing.removeAll(values.slices());
        return VersionValues.texts(missing);
    }

    private @Nullable Value ownersMissing() {
        VersionValues values = values();
        ModelValues modelValues = modelValues();
        if (version == null || environment == null || modelValues == null || values == null) {
            return null;
        }
        Set<Role> missing = new TreeSet<>();
        for (String component : ModelValues.list(version.version().tags().getOrDefault(COMPONENTS, ""))) {
            missing.add(modelValues.ownerOf(component));
        }
        approvals(version, values, environment).independent.forEach(judgement -> missing.removeAll(rolesOf(judgement)));
        return EntityNames.roles(missing);
    }

    private Lineage lineage() {
        Lineage known = lineage;
        if (known == null) {
            known = new Lineage();
            lineage = known;
        }
        return known;
    }

    /** The data sets of a version and of all that it was made from. */
    private final class Lineage {
        final Set<String> names = new TreeSet<>();
        final Set<String> digests = new TreeSet<>();
        final boolean isComplete;

        Lineage() {
            boolean complete = true;
            VersionState at = version;
            for (int i = 0; at != null; i++) {
                if (i == LONGEST_LINE) {
                    throw new FactException("the line of descent has more than " + LONGEST_LINE + " versions");
                }
                ModelVersion one = at.version();
                // What an imported version was made from elsewhere is not known here.
                complete &= !one.dataSets().isEmpty()
                        && one.source().flatMap(ModelVersion.Source::parent).isEmpty();
                one.dataSets().forEach(dataSet -> {
                    names.add(dataSet.name());
                    digests.add(dataSet.digest().toString());
                });
                at = one.parent()
                        .map(parent -> state.version(new ModelRef(one.ref().name(), parent)))
                        .orElse(null);
            }
            this.isComplete = complete;
        }
    }
}
