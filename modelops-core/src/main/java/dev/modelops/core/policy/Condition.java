package dev.modelops.core.policy;

import dev.modelops.Assurance;
import dev.modelops.Environment;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.policy.Action;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A condition of a rule. Immutable.
 *
 * <p>A fact that is absent always counts against the request: it does not meet what a rule demands, and it does meet what a
 * rule forbids, however the conditions are combined or negated. A fact of another type than a condition expects is unequal to
 * every value the condition names; compared by size, or taken for true or false, it makes the rule fail, and a forbidding
 * rule that fails denies.
 */
public final class Condition {
    private static final Var PRINCIPAL = new Var(Variable.PRINCIPAL);
    private static final Var ACTION = new Var(Variable.ACTION);
    private static final Var RESOURCE = new Var(Variable.RESOURCE);
    private static final Var CONTEXT = new Var(Variable.CONTEXT);

    private final Form form;
    private final Form opposite;

    private Condition(Form form, Form opposite) {
        this.form = form;
        this.opposite = opposite;
    }

    /** An expression that is true or false, as asked, where a fact it reads is absent. */
    private interface Form {
        Expr expr(boolean ifAbsent);
    }

    /**
     * Returns a fact, to be compared. The names of the library's own facts are listed at {@link Fact}.
     *
     * @param name the fact's name, such as {@code approvals.independent}, {@code resource.status}, {@code
     *     resource.model.tier} or {@code principal.units}
     * @return the fact
     * @throws IllegalArgumentException if the name is not parts of one or more characters between dots, has more than eight
     *     of them, or is one that has a condition of its own: a metric or the environment
     */
    public static Fact fact(String name) {
        List<String> parts = List.of(name.split("\\.", -1));
        if (parts.contains("") || parts.size() > 8) {
            throw new IllegalArgumentException(
                    "fact must be named like approvals.independent, one to eight parts between dots, but was '" + name
                            + "'");
        }
        String first = parts.get(0);
        if (first.equals(EntityNames.METRICS) || first.equals(EntityNames.METRICS_ROUNDED_UP)) {
            throw new IllegalArgumentException(
                    "use metric(\"...\") for the metrics of a version, not fact '" + name + "'");
        }
        if (name.equals(EntityNames.ENVIRONMENT)) {
            throw new IllegalArgumentException("use inEnvironment(...) for the environment, not fact '" + name + "'");
        }
        if (parts.size() > 1 && first.equals("resource")) {
            return Fact.attribute(RESOURCE, parts.subList(1, parts.size()));
        }
        if (parts.size() > 1 && first.equals("principal")) {
            return Fact.attribute(PRINCIPAL, parts.subList(1, parts.size()));
        }
        return EntityNames.isOpenRecord(first) && parts.size() > 1
                ? Fact.attribute(CONTEXT, List.of(first, name.substring(first.length() + 1)))
                : Fact.attribute(CONTEXT, parts);
    }

    /**
     * Returns a tag of the version or model that the action is done to, to be compared as text.
     *
     * @param key the tag's key
     * @return the tag
     */
    public static Fact tag(String key) {
        Literal name = new Literal(new StringValue(key));
        return new Fact(binary(BinaryOperator.HAS_TAG, RESOURCE, name), binary(BinaryOperator.GET_TAG, RESOURCE, name));
    }

    /**
     * Returns a metric of the version, to be compared.
     *
     * @param name the metric's name, such as {@code auc}
     * @return the metric
     * @throws IllegalArgumentException if the name is blank
     */
    public static Metric metric(String name) {
        return new Metric(name);
    }

    /**
     * Returns the condition that whoever asks registered the version.
     *
     * @return the condition
     */
    public static Condition requesterIsAuthor() {
        return reading(RESOURCE, List.of("author"), author -> binary(BinaryOperator.EQUAL, PRINCIPAL, author));
    }

    /**
     * Returns the condition that whoever asks registered the version in the log that it was imported from. It does not hold
     * for a version that was registered here.
     *
     * @return the condition
     */
    public static Condition requesterIsSourceAuthor() {
        List<String> author = List.of("source", "author");
        return fixed(binary(
                BinaryOperator.AND,
                present(CONTEXT, author),
                binary(BinaryOperator.EQUAL, PRINCIPAL, get(CONTEXT, author))));
    }

    /**
     * Returns the condition that whoever asks is also the one who would receive or lose a role.
     *
     * @return the condition
     */
    public static Condition requesterIsGrantee() {
        return fixed(binary(BinaryOperator.EQUAL, PRINCIPAL, RESOURCE));
    }

    /**
     * Returns the condition that whoever asks holds one of some roles.
     *
     * @param roles the roles, at least one
     * @return the condition
     * @throws IllegalArgumentException if no role is given
     */
    public static Condition requesterHolds(Role... roles) {
        return fixed(in(PRINCIPAL, Arrays.stream(roles).map(EntityNames::role)));
    }

    /**
     * Returns the condition that the identity of whoever asks was established at least so firmly.
     *
     * @param least the weakest assurance that will do
     * @return the condition
     */
    public static Condition requesterAssuredAtLeast(Assurance least) {
        return reading(
                PRINCIPAL,
                List.of(EntityNames.ASSURANCE),
                actual -> binary(BinaryOperator.GREATER_OR_EQUAL, actual, new Literal(new LongValue(least.ordinal()))));
    }

    /**
     * Returns the condition that the action concerns one of some environments. An action without an environment does not
     * meet it.
     *
     * @param environments the environments, at least one
     * @return the condition
     * @throws IllegalArgumentException if no environment is given
     */
    public static Condition inEnvironment(Environment... environments) {
        Expr environment = new GetAttr(CONTEXT, EntityNames.ENVIRONMENT);
        Expr match = environments.length == 1
                ? binary(BinaryOperator.EQUAL, environment, new Literal(EntityNames.environment(environments[0])))
                : in(environment, Arrays.stream(environments).map(EntityNames::environment));
        return fixed(binary(BinaryOperator.AND, new Has(CONTEXT, EntityNames.ENVIRONMENT), match));
    }

    /**
     * Returns the condition that the action is done to a model itself, not to one of its versions.
     *
     * @return the condition
     */
    public static Condition onModelItself() {
        return fixed(new Is(RESOURCE, EntityNames.MODEL, null));
    }

    /**
     * Returns the condition that the action is of one of some kinds.
     *
     * @param types the kinds, at least one; {@link Action.Type#TRANSITION} means every step of the life cycle
     * @return the condition
     * @throws IllegalArgumentException if no kind is given
     */
    public static Condition onAction(Action.Type... types) {
        return fixed(in(ACTION, Arrays.stream(types).map(type -> EntityNames.action(type.id()))));
    }

    /**
     * Returns the condition that this one and another hold.
     *
     * @param other the other condition
     * @return the condition
     */
    public Condition and(Condition other) {
        return new Condition(
                ifAbsent -> binary(BinaryOperator.AND, form.expr(ifAbsent), other.form.expr(ifAbsent)),
                ifAbsent -> binary(BinaryOperator.OR, opposite.expr(ifAbsent), other.opposite.expr(ifAbsent)));
    }

    /**
     * Returns the condition that this one or another holds.
     *
     * @param other the other condition
     * @return the condition
     */
    public Condition or(Condition other) {
        return negate().and(other.negate()).negate();
    }

    /**
     * Returns the condition that this one does not hold. An absent fact counts against the request here too.
     *
     * @return the condition
     */
    public Condition negate() {
        return new Condition(opposite, form);
    }

    /** Returns the expression, with the outcome it is to have where a fact is absent. */
    Expr expr(boolean ifAbsent) {
        return form.expr(ifAbsent);
    }

    static Condition fixed(Expr expr) {
        return new Condition(ifAbsent -> expr, ifAbsent -> not(expr));
    }

    /** Returns a condition on an attribute, guarded against its absence. */
    static Condition reading(Expr root, List<String> names, Function<Expr, Expr> test) {
        return reading(present(root, names), test.apply(get(root, names)));
    }

    /** Returns a condition on what may be absent. */
    static Condition reading(Expr present, Expr holds) {
        return new Condition(guarded(present, holds), guarded(present, not(holds)));
    }

    static Expr get(Expr root, List<String> names) {
        Expr attribute = root;
        for (String name : names) {
            attribute = new GetAttr(attribute, name);
        }
        return attribute;
    }

    /** The form for absence is one in which a validator sees that what is read is there. */
    private static Form guarded(Expr present, Expr holds) {
        return ifAbsent -> ifAbsent
                ? not(binary(BinaryOperator.AND, present, not(holds)))
                : binary(BinaryOperator.AND, present, holds);
    }

    static Expr present(Expr root, List<String> names) {
        Expr present = new Has(root, names.get(0));
        Expr at = root;
        for (int i = 1; i < names.size(); i++) {
            at = new GetAttr(at, names.get(i - 1));
            present = binary(BinaryOperator.AND, present, new Has(at, names.get(i)));
        }
        return present;
    }

    static Expr binary(BinaryOperator operator, Expr left, Expr right) {
        boolean joins = operator == BinaryOperator.AND || operator == BinaryOperator.OR;
        // Chains are built as they are read in text, from the left.
        return joins && right instanceof Binary chain && chain.operator() == operator && !isOneStep(chain)
                ? new Binary(operator, binary(operator, left, chain.left()), chain.right())
                : new Binary(operator, left, right);
    }

    /** Tells whether a conjunction is what text says by one {@code has} with names joined by dots. */
    private static boolean isOneStep(Binary chain) {
        Expr before = chain.left() instanceof Binary longer ? longer.right() : chain.left();
        return chain.right() instanceof Has last
                && before instanceof Has first
                && last.of().equals(new GetAttr(first.of(), first.name()));
    }

    static Expr requester() {
        return PRINCIPAL;
    }

    static Expr context() {
        return CONTEXT;
    }

    static Expr not(Expr expr) {
        if (expr instanceof Binary pair && pair.operator() == BinaryOperator.EQUAL) {
            return binary(BinaryOperator.NOT_EQUAL, pair.left(), pair.right());
        }
        if (expr instanceof Binary pair && pair.operator() == BinaryOperator.NOT_EQUAL) {
            return binary(BinaryOperator.EQUAL, pair.left(), pair.right());
        }
        return expr instanceof Unary unary && unary.operator() == UnaryOperator.NOT
                ? unary.operand()
                : new Unary(UnaryOperator.NOT, expr);
    }

    private static Expr in(Expr left, Stream<EntityUid> entities) {
        List<Expr> literals = entities.<Expr>map(Literal::new).toList();
        if (literals.isEmpty()) {
            throw new IllegalArgumentException("the condition needs at least one role, environment or action");
        }
        return binary(BinaryOperator.IN, left, literals.size() == 1 ? literals.get(0) : new SetOf(literals));
    }

    /** Returns the condition as Cedar text, as a rule demands it. */
    @Override
    public String toString() {
        return CedarText.of(form.expr(false));
    }
}
