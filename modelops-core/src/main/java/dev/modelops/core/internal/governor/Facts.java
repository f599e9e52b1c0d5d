package dev.modelops.core.internal.governor;

import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.RoleSource;
import dev.modelops.core.internal.state.Judgement;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.LifeCycle;
import dev.modelops.registry.ModelVersion;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePVector;

/** The facts that policies decide on, computed from the state alone. */
final class Facts {
    private Facts() {}

    /** Returns the roles that count for an identity in a state. */
    static Set<Role> roles(RegistryState state, Identity identity) {
        return state.founding().roleSource() == RoleSource.CLAIMS
                ? identity.claimedRoles()
                : state.rolesOf(identity.principal());
    }

    /**
     * Returns the facts about an action.
     *
     * @param version the version the action is about, if any; for a rollback, the version it would lead to
     */
    static Map<String, Object> of(RegistryState state, Principal actor, Action action, @Nullable VersionState version) {
        Map<String, Object> facts = new HashMap<>();
        Environment environment = action.environment().orElse(null);
        if (environment != null) {
            facts.put("required.gates", requiredGates(state, environment));
        }
        if (version != null) {
            describe(state, version, facts);
            if (environment != null) {
                judge(state, version, environment, facts);
                facts.put(
                        "champion.former",
                        isFormerChampion(state, version.version().ref(), environment));
            }
        }
        action.role().ifPresent(role -> facts.put("grant.role", role.value()));
        action.grantee().ifPresent(grantee -> facts.put("grant.self", grantee.equals(actor)));
        action.policies().ifPresent(digest -> describePolicies(state, actor, action, digest, facts));
        return facts;
    }

    /** Of a set that is yet to be proposed there is nothing to say but which it is. */
    private static void describePolicies(
            RegistryState state, Principal actor, Action action, Digest digest, Map<String, Object> facts) {
        facts.put("policies.digest", digest.toString());
        PolicyProposal proposal = state.policySets().proposed().get(digest);
        if (proposal != null && action.type() == Action.Type.INSTALL_POLICIES) {
            facts.put("policies.proposer", proposal.by().toString());
            facts.put("policies.revision", proposal.revision());
            facts.put("policies.self", proposal.by().equals(actor));
        }
    }

    private static List<String> requiredGates(RegistryState state, Environment environment) {
        return state.founding().environments().getOrDefault(environment, Set.of()).stream()
                .sorted()
                .toList();
    }

    private static void describe(RegistryState state, VersionState version, Map<String, Object> facts) {
        ModelVersion v = version.version();
        LifeCycle.State status = state.founding().lifeCycle().states().get(v.status());
        facts.put("resource.author", v.author().toString());
        facts.put("resource.status", v.status());
        facts.put("resource.kind", v.kind());
        facts.put("resource.promotable", status != null && status.promotable());
        facts.put("resource.servable", status != null && status.servable());
        v.publisher().ifPresent(key -> facts.put("resource.publisher", key.toString()));
        facts.put("signature.trusted", v.publisher().isPresent());
        v.metrics().forEach((name, value) -> facts.put("metrics." + name, value));
    }

    private static void judge(
            RegistryState state, VersionState version, Environment environment, Map<String, Object> facts) {
        Set<Digest> evidence = new HashSet<>();
        LogPosition newest = LogPosition.of(0);
        for (Evidence item : version.evidence()) {
            evidence.add(item.digest());
            newest = item.position();
        }
        long independent = 0;
        long rejections = 0;
        for (Judgement judgement : version.judgements()) {
            Approval approval = judgement.approval();
            if (!approval.environment().equals(environment)) {
                continue;
            }
            if (approval.verdict() == Approval.Verdict.REJECTED) {
                rejections++;
            } else if (!approval.by().equals(version.version().author())
                    && approval.artifact().equals(version.version().artifact())
                    && approval.evidence().equals(evidence)
                    && approval.position().compareTo(newest) > 0
                    && isValidator(state, judgement)) {
                independent++;
            }
        }
        facts.put("approvals.independent", independent);
        facts.put("approvals.rejections", rejections);
    }

    /** A validator's word counts while the role is held; claims are only known from the time of the judgement. */
    private static boolean isValidator(RegistryState state, Judgement judgement) {
        Set<Role> roles = state.founding().roleSource() == RoleSource.CLAIMS
                ? judgement.rolesThen()
                : state.rolesOf(judgement.approval().by());
        return roles.contains(Role.VALIDATOR);
    }

    /** The present champion is not a former one, though it may have been that before. */
    private static boolean isFormerChampion(RegistryState state, ModelRef ref, Environment environment) {
        ModelState model = state.model(ref.name());
        return model != null
                && !ref.version().equals(model.champion(environment))
                && model.champions()
                        .getOrDefault(environment, TreePVector.empty())
                        .contains(ref.version());
    }
}
