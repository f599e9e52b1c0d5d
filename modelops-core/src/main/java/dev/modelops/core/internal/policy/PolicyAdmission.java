package dev.modelops.core.internal.policy;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.modelops.Bytes;
import dev.modelops.Environment;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.CedarSyntaxException;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.validation.Finding;
import dev.modelops.core.internal.policy.cedar.validation.Validator;
import dev.modelops.policy.Action;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.InvalidPolicyException.Problem;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.LifeCycle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a policy set must be before it may come into force in a log. */
public final class PolicyAdmission {
    private static final List<Action.Type> WAY_ON = List.of(Action.Type.PROPOSE_POLICIES, Action.Type.INSTALL_POLICIES);

    private final List<Problem> problems = new ArrayList<>();

    private PolicyAdmission() {}

    /**
     * Compiles a policy set that may come into force.
     *
     * @param environments the gates that each environment requires
     * @param lifeCycle the life cycle, whose steps rules may name
     * @throws InvalidPolicyException if the set may not, with all that is wrong
     */
    public static PolicyEngine admit(PolicySet set, Map<Environment, Set<String>> environments, LifeCycle lifeCycle) {
        PolicyEngine engine = compile(set);
        CedarPolicySet policies = PolicyJson.read(set.document());
        PolicyAdmission admission = new PolicyAdmission();
        admission.requireSense(policies, lifeCycle);
        admission.requireGates(engine, environments);
        admission.requireWayOn(policies);
        if (!admission.problems.isEmpty()) {
            throw new InvalidPolicyException(admission.problems);
        }
        return engine;
    }

    /**
     * Compiles a policy set that a log may begin with.
     *
     * @param lifeCycle the life cycle, whose steps rules may name
     * @throws InvalidPolicyException if none may, with all that is wrong
     */
    public static PolicyEngine begin(PolicySet set, LifeCycle lifeCycle) {
        PolicyEngine engine = compile(set);
        PolicyAdmission admission = new PolicyAdmission();
        admission.requireSense(PolicyJson.read(set.document()), lifeCycle);
        if (!admission.problems.isEmpty()) {
            throw new InvalidPolicyException(admission.problems);
        }
        return engine;
    }

    /**
     * Compiles a policy set.
     *
     * @throws InvalidPolicyException if the document is not a policy set that can be evaluated
     */
    public static PolicyEngine compile(PolicySet set) {
        if (!Bytes.ofUtf8(set.document()).toUtf8().equals(set.document())) {
            throw new InvalidPolicyException(List.of(Problem.of(
                    "the document must be well-formed Unicode, but has half of a surrogate pair; remove it")));
        }
        try {
            return PolicyEngine.compile(set);
        } catch (IllegalArgumentException e) {
            throw new InvalidPolicyException(List.of(located(e)));
        }
    }

    /** Takes over the place where a reader knows it. */
    private static Problem located(IllegalArgumentException e) {
        String sentence = String.valueOf(e.getMessage());
        if (e instanceof CedarSyntaxException syntax) {
            String place = "line " + syntax.line() + ", column " + syntax.column() + ": ";
            return new Problem(
                    sentence.replace(place, ""), OptionalInt.of(syntax.line()), OptionalInt.of(syntax.column()));
        }
        if (e.getCause() instanceof JsonProcessingException json && json.getLocation() != null) {
            JsonLocation place = json.getLocation();
            return new Problem(sentence, OptionalInt.of(place.getLineNr()), OptionalInt.of(place.getColumnNr()));
        }
        return Problem.of(sentence);
    }

    /** Holds the rules against the schema of what they may speak of: a misspelt fact would never hold, or always err. */
    private void requireSense(CedarPolicySet policies, LifeCycle lifeCycle) {
        Validator validator;
        try {
            validator = new Validator(GovernanceSchema.of(policies, lifeCycle));
        } catch (IllegalArgumentException e) {
            problems.add(Problem.of(String.valueOf(e.getMessage())));
            return;
        }
        for (Finding finding : validator.validate(policies).errors()) {
            String hint = finding.kind() == Finding.Kind.UNKNOWN_ATTRIBUTE
                    ? "; if it is a fact of the host's own, give its type, as in @facts(\"ticket.open: Bool\")"
                    : "";
            problems.add(Problem.of(finding + hint));
        }
    }

    private void requireGates(PolicyEngine engine, Map<Environment, Set<String>> environments) {
        new TreeMap<>(environments).forEach((environment, gates) -> {
            Set<String> missing = new TreeSet<>(gates);
            missing.removeAll(engine.gateIds());
            if (!missing.isEmpty()) {
                problems.add(Problem.of("environment '" + environment + "' requires the gates " + missing
                        + ", which the policy set does not have as forbidding rules; add them"));
            }
        });
    }

    /** Whoever could never change the set again would be locked out for good. */
    private void requireWayOn(CedarPolicySet policies) {
        for (Action.Type type : WAY_ON) {
            EntityUid action = EntityNames.action(type.id());
            boolean isPermitted = false;
            for (Map.Entry<String, CedarPolicy> rule : policies.policies().entrySet()) {
                CedarPolicy policy = rule.getValue();
                if (policy.effect() == Effect.PERMIT) {
                    isPermitted |= mayCover(policy, action);
                } else if (alwaysCovers(policy, action)) {
                    problems.add(Problem.of("rule '" + rule.getKey() + "' always forbids " + type.id()
                            + ", so that nobody could ever change the policy set again; exempt this action"));
                }
            }
            if (!isPermitted) {
                problems.add(Problem.of("no rule permits " + type.id() + " of " + EntityNames.LOG
                        + ", so that nobody could ever change the policy set again; add one"));
            }
        }
    }

    private static boolean mayCover(CedarPolicy policy, EntityUid action) {
        boolean never = policy.clauses().stream().anyMatch(clause -> isConstant(clause, false));
        return !never && names(policy.action(), action) && isLogIn(policy.resource()) && isUserIn(policy.principal());
    }

    private static boolean alwaysCovers(CedarPolicy policy, EntityUid action) {
        return policy.clauses().stream().allMatch(clause -> isConstant(clause, true))
                && names(policy.action(), action)
                && isLogIn(policy.resource())
                && (policy.principal() instanceof Scope.All || policy.principal() instanceof Scope.Is)
                && isUserIn(policy.principal());
    }

    /** Tells whether a condition is satisfied, or not, whatever is asked. */
    private static boolean isConstant(Clause clause, boolean satisfied) {
        return clause.body() instanceof Literal literal
                && literal.value() instanceof BoolValue truth
                && (truth.value() == (clause.kind() == Clause.Kind.WHEN)) == satisfied;
    }

    private static boolean names(Scope scope, EntityUid action) {
        if (scope instanceof Scope.Eq eq) {
            return eq.entity().equals(action);
        } else if (scope instanceof Scope.In in) {
            return in.entity().equals(action);
        } else if (scope instanceof Scope.InAny any) {
            return any.entities().contains(action);
        }
        return scope instanceof Scope.All;
    }

    /** Tells whether a scope has room for the log, which is in nothing but itself. */
    private static boolean isLogIn(Scope scope) {
        if (scope instanceof Scope.Eq eq) {
            return eq.entity().equals(EntityNames.LOG);
        } else if (scope instanceof Scope.In in) {
            return in.entity().equals(EntityNames.LOG);
        } else if (scope instanceof Scope.Is is) {
            return is.type().equals(EntityNames.LOG.type());
        } else if (scope instanceof Scope.IsIn isIn) {
            return isIn.type().equals(EntityNames.LOG.type()) && isIn.entity().equals(EntityNames.LOG);
        }
        return scope instanceof Scope.All;
    }

    /** Tells whether a scope has room for a user: every one who asks is one, in nothing but roles and itself. */
    private static boolean isUserIn(Scope scope) {
        if (scope instanceof Scope.Eq eq) {
            return eq.entity().type().equals(EntityNames.USER);
        } else if (scope instanceof Scope.In in) {
            return isUserOrRole(in.entity());
        } else if (scope instanceof Scope.Is is) {
            return is.type().equals(EntityNames.USER);
        } else if (scope instanceof Scope.IsIn isIn) {
            return isIn.type().equals(EntityNames.USER) && isUserOrRole(isIn.entity());
        }
        return scope instanceof Scope.All;
    }

    private static boolean isUserOrRole(EntityUid entity) {
        return entity.type().equals(EntityNames.USER) || entity.type().equals(EntityNames.ROLE);
    }
}
