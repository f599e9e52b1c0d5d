package dev.modelops.core.internal.governor;

import dev.modelops.Digest;
import dev.modelops.ModelName;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.internal.state.Trust;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.TrustPolicy.Role;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the signed statements attached to a version prove under a trust policy: who signed is judged by the policy of the time
 * at which a statement was attached, how many must have signed by the policy in force.
 *
 * @param types the types of statements that enough holders of the role for them have signed
 * @param roles the roles of which enough holders have signed statements that are theirs to sign
 * @param tests how the newest test results came out; null if too few testers signed any
 * @param verification how the newest verification summaries came out; null if too few verifiers signed any
 */
record AttestedFacts(
        Set<String> types,
        Set<String> roles,
        @Nullable Outcome tests,
        @Nullable Outcome verification) {
    /** Nothing is proved. */
    static final AttestedFacts NONE = new AttestedFacts(Set.of(), Set.of(), null, null);

    private static final Map<String, String> ROLE_OF_TYPE = Map.of(
            Predicate.Provenance.TYPE,
            TrustPolicy.BUILDER,
            Predicate.TestResult.TYPE,
            TrustPolicy.TESTER,
            Predicate.VerificationSummary.TYPE,
            TrustPolicy.VERIFIER,
            Predicate.Approval.TYPE,
            TrustPolicy.APPROVER);

    private static final Set<String> STANDARD = Set.of(
            TrustPolicy.BUILDER, TrustPolicy.TESTER, TrustPolicy.VERIFIER, TrustPolicy.APPROVER, TrustPolicy.PUBLISHER);

    static AttestedFacts of(Trust trust, VersionState version) {
        TrustPolicy policy = trust.policy();
        if (policy == null) {
            return NONE;
        }
        ModelName model = version.version().ref().name();
        Set<String> types = new TreeSet<>();
        for (Evidence item : version.evidence()) {
            Role role = trust.role(roleOf(item.type()), model);
            if (role != null
                    && !types.contains(item.type())
                    && count(trust, version, role, item.type()) >= role.threshold()) {
                types.add(item.type());
            }
        }
        Set<String> names = new TreeSet<>();
        policy.roles().forEach(role -> names.add(role.name()));
        names.remove(TrustPolicy.ROOT);
        // A statement of a judgement says for which environment, and may reject: approvals have facts of their own.
        names.remove(TrustPolicy.APPROVER);
        names.removeIf(name -> {
            Role role = trust.role(name, model);
            return role == null || count(trust, version, role, null) < role.threshold();
        });
        return new AttestedFacts(
                types,
                names,
                outcome(trust, version, TrustPolicy.TESTER, Predicate.TestResult.TYPE),
                outcome(trust, version, TrustPolicy.VERIFIER, Predicate.VerificationSummary.TYPE));
    }

    private static String roleOf(String type) {
        return ROLE_OF_TYPE.getOrDefault(type, TrustPolicy.PUBLISHER);
    }

    /** Counts the holders of a role who signed statements of a type or, where none is given, any that are theirs to sign. */
    private static int count(Trust trust, VersionState version, Role role, @Nullable String type) {
        Set<String> holders = new HashSet<>();
        for (Evidence item : version.evidence()) {
            boolean isTheirs =
                    !STANDARD.contains(role.name()) || roleOf(item.type()).equals(role.name());
            if (isTheirs && (type == null || type.equals(item.type()))) {
                holders.addAll(holders(trust, version, role.name(), item));
            }
        }
        return holders.size();
    }

    private static Set<String> holders(Trust trust, VersionState version, String role, Evidence item) {
        Set<String> holders = new HashSet<>();
        for (Digest key : item.signers()) {
            String holder = trust.holder(key, role, version.version().ref().name(), item.position(), item.at());
            if (holder != null) {
                holders.add(holder);
            }
        }
        return holders;
    }

    /** Returns the worst of the newest outcomes that as many different holders signed as must agree. */
    private static @Nullable Outcome outcome(Trust trust, VersionState version, String roleName, String type) {
        Role role = trust.role(roleName, version.version().ref().name());
        if (role == null) {
            return null;
        }
        Set<String> seen = new HashSet<>();
        Outcome worst = null;
        for (int i = version.evidence().size() - 1; i >= 0; i--) {
            Evidence item = version.evidence().get(i);
            Outcome outcome = item.type().equals(type) ? item.outcome().orElse(null) : null;
            if (outcome == null || !seen.addAll(holders(trust, version, roleName, item))) {
                continue;
            }
            worst = worst == null || outcome.compareTo(worst) > 0 ? outcome : worst;
            if (seen.size() >= role.threshold()) {
                return worst;
            }
        }
        return null;
    }
}
