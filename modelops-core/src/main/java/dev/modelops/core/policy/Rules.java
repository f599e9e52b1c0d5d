package dev.modelops.core.policy;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.RuleTerms;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.policy.Action;
import dev.modelops.policy.Level;
import dev.modelops.policy.PolicySet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Builds a policy set, rule by rule. What no rule permits is refused; a rule that forbids outweighs every rule that permits.
 * So let permits say who may do what, and write each gate as a rule that forbids unless its condition holds:
 *
 * <pre>{@code
 * PolicySet set = Rules.create()
 *         .permit("release-manager-promotes").role(Role.RELEASE_MANAGER).on(Action.Type.PROMOTE)
 *         .forbid("gate-auc").on(Action.Type.PROMOTE).in(Environment.PRODUCTION)
 *                 .unless(metric("auc").atLeast("0.80"))
 *                 .expects("an AUC of at least 0.80").remedy("train a better version")
 *         .build();
 * }</pre>
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Rules {
    private final SortedMap<String, CedarPolicy> policies = new TreeMap<>();
    private @Nullable Rule open;

    private Rules() {}

    /**
     * Returns a builder without rules.
     *
     * @return the builder
     */
    public static Rules create() {
        return new Rules();
    }

    /**
     * Returns a builder that begins with the rules of a policy set.
     *
     * @param set the policy set
     * @return the builder
     * @throws IllegalArgumentException if the document is not a policy set that can be evaluated
     */
    public static Rules from(PolicySet set) {
        Rules rules = new Rules();
        rules.policies.putAll(PolicyJson.read(set.document()).policies());
        return rules;
    }

    /**
     * Begins a rule that permits.
     *
     * @param id the rule's id, unique in the set
     * @return the rule, to be completed
     * @throws IllegalArgumentException if the set has a rule of this id, or the rule before is not complete
     */
    public Rule permit(String id) {
        return begin(id, Effect.PERMIT);
    }

    /**
     * Begins a rule that forbids.
     *
     * @param id the rule's id, unique in the set
     * @return the rule, to be completed
     * @throws IllegalArgumentException if the set has a rule of this id, or the rule before is not complete
     */
    public Rule forbid(String id) {
        return begin(id, Effect.FORBID);
    }

    /**
     * Takes a rule out.
     *
     * @param id the rule's id
     * @return this builder
     * @throws IllegalArgumentException if the set has no such rule
     */
    public Rules without(String id) {
        close();
        if (policies.remove(id) == null) {
            throw new IllegalArgumentException(
                    "there is no rule '" + id + "' to take out; the rules are " + policies.keySet());
        }
        return this;
    }

    /**
     * Returns the policy set. Equal rules give equal documents, in whatever order they were written.
     *
     * @return the policy set
     */
    public PolicySet build() {
        close();
        return new PolicySet(PolicyJson.write(new CedarPolicySet(policies)));
    }

    private Rule begin(String id, Effect effect) {
        close();
        if (policies.containsKey(id)) {
            throw new IllegalArgumentException("there already is a rule '" + id + "'");
        }
        Rule rule = new Rule(this, id, effect);
        open = rule;
        return rule;
    }

    private void close() {
        Rule rule = open;
        open = null;
        if (rule != null) {
            policies.put(rule.id, rule.policy());
        }
    }

    /** A rule being written. Without a call to a restricting method it concerns everybody, every action, everything. */
    public static final class Rule {
        private final Rules rules;
        private final String id;
        private final Effect effect;
        private final SortedMap<String, String> annotations = new TreeMap<>();
        private final List<EntityUid> actions = new ArrayList<>();
        private final List<Clause> clauses = new ArrayList<>();
        private Scope principal = new Scope.All();
        private Scope resource = new Scope.All();

        private Rule(Rules rules, String id, Effect effect) {
            this.rules = rules;
            this.id = id;
            this.effect = effect;
            annotations.put("id", id);
        }

        /**
         * Says in a sentence what the rule is for.
         *
         * @param text the sentence
         * @return this rule
         */
        public Rule description(String text) {
            annotations.put("description", text);
            return this;
        }

        /**
         * Restricts the rule to those who hold one of some roles.
         *
         * @param roles the roles, at least one
         * @return this rule
         * @throws IllegalArgumentException if no role is given
         */
        public Rule role(Role... roles) {
            if (roles.length == 1 && principal instanceof Scope.All) {
                principal = new Scope.In(EntityNames.role(roles[0]));
                return this;
            }
            return clause(Clause.Kind.WHEN, Condition.requesterHolds(roles));
        }

        /**
         * Restricts the rule to some kinds of action, in addition to those named before.
         *
         * @param types the kinds, at least one; {@link Action.Type#TRANSITION} means every step of the life cycle
         * @return this rule
         * @throws IllegalArgumentException if no kind is given
         */
        public Rule on(Action.Type... types) {
            return actions(Arrays.stream(types).map(Action.Type::id));
        }

        /**
         * Restricts the rule to some steps of the life cycle, in addition to the actions named before.
         *
         * @param names the names of the steps, such as {@code retire}, at least one
         * @return this rule
         * @throws IllegalArgumentException if no name is given
         */
        public Rule onTransition(String... names) {
            return actions(Arrays.stream(names));
        }

        /**
         * Restricts the rule to actions in one of some environments.
         *
         * @param environments the environments, at least one
         * @return this rule
         * @throws IllegalArgumentException if no environment is given
         */
        public Rule in(Environment... environments) {
            return clause(Clause.Kind.WHEN, Condition.inEnvironment(environments));
        }

        /**
         * Restricts the rule to a model and its versions.
         *
         * @param model the model
         * @return this rule
         */
        public Rule model(ModelName model) {
            resource = new Scope.In(EntityNames.model(model));
            return this;
        }

        /**
         * Restricts the rule to where a condition holds. Several calls: where all hold.
         *
         * @param condition the condition
         * @return this rule
         */
        public Rule when(Condition condition) {
            return clause(Clause.Kind.WHEN, condition);
        }

        /**
         * Restricts the rule to where a condition does not hold. Several calls: where none holds, so to demand several things
         * at once, join them with {@link Condition#and}, or better give each a rule of its own.
         *
         * @param condition the condition
         * @return this rule
         */
        public Rule unless(Condition condition) {
            return clause(Clause.Kind.UNLESS, condition);
        }

        /**
         * Says what the rule demands; shown to whoever is refused, after "needs".
         *
         * @param text for example {@code an approval by somebody other than the author}
         * @return this rule
         */
        public Rule expects(String text) {
            annotations.put("expects", text);
            return this;
        }

        /**
         * Says what would meet the rule; shown to whoever is refused.
         *
         * @param text for example {@code ask a validator to approve the version}
         * @return this rule
         */
        public Rule remedy(String text) {
            annotations.put("remedy", text);
            return this;
        }

        /**
         * Names the kind of action that would meet the rule, so that whoever is refused learns which roles may do it.
         *
         * @param type for example {@link Action.Type#APPROVE}
         * @return this rule
         */
        public Rule fix(Action.Type type) {
            annotations.put(RuleTerms.FIX, type.id());
            return this;
        }

        /**
         * Says how firmly the rule forbids; hard unless said.
         *
         * @param level the level
         * @return this rule
         * @throws IllegalArgumentException if the rule permits
         */
        public Rule level(Level level) {
            if (effect == Effect.PERMIT) {
                throw new IllegalArgumentException("rule '" + id + "' permits; only a rule that forbids has a level");
            }
            annotations.put(RuleTerms.LEVEL, level.id());
            return this;
        }

        /**
         * Says what falls due when the rule lets an act pass: a permit that allows it or allows an override, a soft rule that
         * is overridden, an advisory rule that is not met. The library records obligations and returns them with the
         * decision; the host sees to them.
         *
         * @param obligations each a name, if need be with parameters, such as {@code notify(risk-board)}
         * @return this rule
         */
        public Rule obligation(String... obligations) {
            annotations.put(RuleTerms.OBLIGATION, String.join("; ", obligations));
            return this;
        }

        /**
         * Gives the type of a fact of the host's own that the rule reads: one that a
         * {@link dev.modelops.policy.FactProvider} gives and the schema does not have. Without it the set cannot come into
         * force.
         *
         * @param fact the fact's name, such as {@code ticket.open}
         * @param type its type in the Cedar schema language, such as {@code Bool}, {@code decimal} or {@code Set<String>}
         * @return this rule
         */
        public Rule declares(String fact, String type) {
            annotations.merge(RuleTerms.FACTS, fact + ": " + type, (before, more) -> before + ", " + more);
            return this;
        }

        /**
         * Names facts whose values no decision tells or records, by whichever rule of the set it is taken.
         *
         * @param facts the facts' names; {@code metrics} means all metrics
         * @return this rule
         */
        public Rule mask(String... facts) {
            annotations.put(RuleTerms.MASK, String.join(", ", facts));
            return this;
        }

        /**
         * Completes this rule and begins one that permits.
         *
         * @param id the next rule's id
         * @return the next rule
         * @throws IllegalArgumentException if the set has a rule of this id
         */
        public Rule permit(String id) {
            return rules.permit(id);
        }

        /**
         * Completes this rule and begins one that forbids.
         *
         * @param id the next rule's id
         * @return the next rule
         * @throws IllegalArgumentException if the set has a rule of this id
         */
        public Rule forbid(String id) {
            return rules.forbid(id);
        }

        /**
         * Completes this rule and returns the policy set.
         *
         * @return the policy set
         */
        public PolicySet build() {
            return rules.build();
        }

        private Rule actions(Stream<String> ids) {
            List<EntityUid> named = ids.map(EntityNames::action).toList();
            if (named.isEmpty()) {
                throw new IllegalArgumentException("rule '" + id + "' needs at least one action to be restricted to");
            }
            actions.addAll(named);
            return this;
        }

        private Rule clause(Clause.Kind kind, Condition condition) {
            boolean absentApplies = (effect == Effect.FORBID) == (kind == Clause.Kind.WHEN);
            clauses.add(new Clause(kind, condition.expr(absentApplies)));
            return this;
        }

        private CedarPolicy policy() {
            return new CedarPolicy(effect, principal, actionScope(), resource, annotations, clauses);
        }

        private Scope actionScope() {
            if (actions.isEmpty()) {
                return new Scope.All();
            }
            if (actions.size() > 1) {
                return new Scope.InAny(actions);
            }
            EntityUid only = actions.get(0);
            return only.equals(EntityNames.TRANSITION) ? new Scope.In(only) : new Scope.Eq(only);
        }
    }
}
