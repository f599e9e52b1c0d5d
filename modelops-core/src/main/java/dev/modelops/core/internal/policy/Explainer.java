package dev.modelops.core.internal.policy;

import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.AttributePath;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.CompiledPolicy;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.EvaluationException;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.ExprCompiler;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Level;
import dev.modelops.policy.Requirement;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what a request lacks: every failing condition of every rule that speaks against it, with the facts found. */
final class Explainer {
    private static final int LONGEST = 1000;
    private static final int MOST_FACTS = 64;
    private static final String MASKED = "(masked)";
    private static final String ROLES = "roles";
    private static final String APPROVALS = "approvals";
    private static final Map<String, Expr> APPROVED_BY =
            Map.of("approvals.by", new GetAttr(new GetAttr(new Var(Variable.CONTEXT), APPROVALS), "by"));
    private static final String OVERRIDE = Action.Type.OVERRIDE.id();
    private static final int MOST_SCOPES = 3;
    private static final Map<BinaryOperator, BinaryOperator> OPPOSITES = Map.of(
            BinaryOperator.EQUAL, BinaryOperator.NOT_EQUAL,
            BinaryOperator.NOT_EQUAL, BinaryOperator.EQUAL,
            BinaryOperator.LESS, BinaryOperator.GREATER_OR_EQUAL,
            BinaryOperator.LESS_OR_EQUAL, BinaryOperator.GREATER,
            BinaryOperator.GREATER, BinaryOperator.LESS_OR_EQUAL,
            BinaryOperator.GREATER_OR_EQUAL, BinaryOperator.LESS);

    private final AccessRequest request;
    private final Query query;
    private final Collection<String> masks;
    private final Function<String, SortedSet<String>> permittedRoles;

    /**
     * Creates an explainer.
     *
     * @param masks the names of facts whose values are not to be told
     * @param permittedRoles the roles that may carry out an action, by its id
     */
    Explainer(
            AccessRequest request,
            Query query,
            Collection<String> masks,
            Function<String, SortedSet<String>> permittedRoles) {
        this.request = request;
        this.query = query;
        this.masks = masks;
        this.permittedRoles = permittedRoles;
    }

    /** Returns what a forbid demands and did not find; the failure is that of its evaluation, if it failed. */
    List<Requirement> forbidden(CompiledPolicy policy, RuleTerms terms, @Nullable String failure) {
        CedarPolicy source = policy.source();
        String remedy = remedy(policy, terms);
        String expects = source.annotations().get("expects");
        List<Shortfall> shortfalls = new ArrayList<>();
        int demands = 0;
        for (Clause clause : source.clauses()) {
            if (clause.kind() == Clause.Kind.UNLESS) {
                demands += demands(ExprCompiler.conjuncts(clause.body())).size();
                shortfalls.addAll(shortfalls(clause.body()));
            } else if (failure != null && failureOf(clause.body()) != null) {
                shortfalls.add(new Shortfall(clause.body(), failure));
            }
        }
        List<Requirement> unmet = new ArrayList<>();
        for (Shortfall shortfall : shortfalls) {
            String text = inWords(shortfall.expr());
            boolean plain = demands <= 1 && disjuncts(shortfall.expr()).size() == 1;
            unmet.add(requirement(policy.id(), terms.level(), expects, text, plain, shortfall, remedy));
        }
        if (unmet.isEmpty()) {
            unmet.addAll(excluded(policy, terms, expects, failure, remedy));
        }
        return unmet;
    }

    /** Returns what a forbid without an {@code unless} excludes and did find. */
    private List<Requirement> excluded(
            CompiledPolicy policy, RuleTerms terms, @Nullable String expects, @Nullable String failure, String remedy) {
        List<Expr> whens = whenBodies(policy.source());
        List<Expr> found = whens.size() == 1
                ? disjuncts(whens.get(0)).stream().filter(this::holds).toList()
                : whens;
        if (whens.size() != 1 || found.isEmpty()) {
            String escapes = found.stream().map(Explainer::negated).collect(Collectors.joining(" or "));
            String expected = expects != null
                    ? expects
                    : escapes.isEmpty() ? "not what rule '" + policy.id() + "' forbids" : "either " + escapes;
            return List.of(new Requirement(
                    policy.id(), terms.level(), names(found), cut(expected), cut(found(found, failure)), cut(remedy)));
        }
        Map<String, Shortfall> escapes = new LinkedHashMap<>();
        for (Expr expr : found) {
            if (expr instanceof Unary not
                    && not.operator() == UnaryOperator.NOT
                    && not.operand() instanceof Binary pair
                    && pair.operator() == BinaryOperator.AND) {
                shortfalls(pair).forEach(shortfall -> escapes.put(CedarText.of(shortfall.expr()), shortfall));
            } else {
                escapes.put(negated(expr), new Shortfall(expr, failure));
            }
        }
        List<Requirement> unmet = new ArrayList<>();
        escapes.forEach((text, shortfall) -> {
            unmet.add(requirement(policy.id(), terms.level(), expects, text, escapes.size() == 1, shortfall, remedy));
        });
        return unmet;
    }

    private String remedy(CompiledPolicy policy, RuleTerms terms) {
        String remedy = annotation(
                policy.source(), "remedy", "ask those who keep the policy set what rule '" + policy.id() + "' is for");
        if (!terms.fix().isEmpty()) {
            SortedSet<String> roles = permittedRoles.apply(terms.fix());
            remedy += roles.isEmpty() ? "" : " (who may " + words(terms.fix()) + ": " + String.join(", ", roles) + ")";
        }
        boolean mayBeOverridden =
                terms.level() == Level.SOFT && !query.action().id().equals(OVERRIDE);
        SortedSet<String> overriders = mayBeOverridden ? permittedRoles.apply(OVERRIDE) : Collections.emptySortedSet();
        return overriders.isEmpty()
                ? remedy
                : remedy + "; or have it overridden for a reason (who may: " + String.join(", ", overriders) + ")";
    }

    /** Returns an action's id as words: "attach evidence" for {@code attachEvidence}. */
    private static String words(String action) {
        return action.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    /** Returns the part of a policy that cannot be evaluated, in Cedar; empty if there is none. */
    String whereFails(CompiledPolicy policy) {
        for (Clause clause : policy.source().clauses()) {
            if (failureOf(clause.body()) == null) {
                continue;
            }
            for (Expr conjunct : ExprCompiler.conjuncts(clause.body())) {
                if (failureOf(conjunct) != null) {
                    return cut(CedarText.of(conjunct));
                }
            }
            return cut(CedarText.of(clause.body()));
        }
        return "";
    }

    /** Adds the facts that the conditions of a policy read. */
    void addFacts(CompiledPolicy policy, Map<String, Object> facts) {
        addFacts(reads(policy), facts);
    }

    /** Adds the facts under some names, and to numbers of approvals whose they are. */
    void addEvidence(Map<String, Expr> reads, Map<String, Object> facts) {
        addFacts(reads, facts);
        if (reads.keySet().stream().anyMatch(name -> name.startsWith(APPROVALS + "."))) {
            addFacts(APPROVED_BY, facts);
        }
    }

    /** Adds the facts under some names. */
    void addFacts(Map<String, Expr> reads, Map<String, Object> facts) {
        reads.forEach((name, expr) -> {
            if (facts.size() >= MOST_FACTS) {
                return;
            }
            if (isMasked(name)) {
                facts.put(name, MASKED);
            } else if (name.equals(ROLES)) {
                facts.put(
                        name, request.roles().stream().map(Role::value).sorted().toList());
            } else {
                try {
                    facts.put(name, plain(ExprCompiler.compile(expr).evaluate(query)));
                } catch (EvaluationException e) {
                    // An absent fact has no value to tell.
                }
            }
        });
    }

    /** Returns what the conditions of a policy read, by the name to show it under. */
    static Map<String, Expr> reads(CompiledPolicy policy) {
        Map<String, Expr> reads = new LinkedHashMap<>();
        policy.source().clauses().forEach(clause -> read(clause.body(), reads));
        return withoutPrefixes(reads);
    }

    private static Object plain(Value value) {
        if (value instanceof Value.BoolValue truth) {
            return truth.value();
        } else if (value instanceof Value.LongValue number) {
            return number.value();
        } else if (value instanceof StringValue text) {
            return cut(text.value());
        } else if (value instanceof EntityUid uid) {
            return cut(uid.id());
        } else if (value instanceof DecimalValue decimal) {
            BigDecimal number = new BigDecimal(decimal.toString()).stripTrailingZeros();
            // Without a fraction it would be read from the log as a whole number.
            return number.scale() <= 0 ? (Object) number.longValueExact() : number;
        } else if (value instanceof Value.SetValue set) {
            return set.elements().stream()
                    .limit(MOST_FACTS)
                    .map(element -> String.valueOf(plain(element)))
                    .sorted()
                    .toList();
        }
        return cut(CedarText.of(value));
    }

    private boolean isMasked(String name) {
        String fact = name.startsWith(EntityNames.METRICS_ROUNDED_UP)
                ? EntityNames.METRICS + name.substring(EntityNames.METRICS_ROUNDED_UP.length())
                : name;
        return masks.stream()
                .anyMatch(mask -> fact.equals(mask) || fact.startsWith(mask + ".") || mask.startsWith(fact + "."));
    }

    /** Returns what the permits for the action demand and did not find, nearest first. */
    List<Requirement> notPermitted(List<CompiledPolicy> candidates, boolean ambiguous) {
        if (ambiguous) {
            return List.of(defaultDeny(
                    "",
                    "a step of the life cycle that is not named like another action",
                    "'" + query.action().id() + "', which policies cannot tell from that action",
                    "give the step another name in the life cycle"));
        }
        SortedSet<String> roles = new TreeSet<>();
        SortedSet<String> distantRoles = new TreeSet<>();
        List<Requirement> conditions = new ArrayList<>();
        List<Requirement> scopes = new ArrayList<>();
        for (CompiledPolicy policy : candidates) {
            if (policy.forbids()) {
                continue;
            }
            if (!policy.acceptsResource(query)) {
                scopes.add(outOfScope(policy, Variable.RESOURCE, policy.source().resource(), query.resource()));
                continue;
            }
            Near near = near(policy);
            if (near.roles().isEmpty() && near.principal()) {
                near.shortfalls().forEach(shortfall -> conditions.add(unmetPermit(policy, shortfall)));
            } else if (!near.roles().isEmpty()) {
                (near.shortfalls().isEmpty() ? roles : distantRoles).addAll(near.roles());
            } else {
                scopes.add(
                        outOfScope(policy, Variable.PRINCIPAL, policy.source().principal(), query.principal()));
            }
        }
        List<Requirement> unmet = new ArrayList<>();
        SortedSet<String> wanted = roles.isEmpty() && conditions.isEmpty() ? distantRoles : roles;
        if (!wanted.isEmpty()) {
            unmet.add(defaultDeny(
                    ROLES,
                    (wanted.size() == 1 ? "the role " : "one of the roles ") + String.join(", ", wanted),
                    rolesHeld(),
                    "ask somebody who holds the role, or have an administrator grant it"));
        }
        unmet.addAll(conditions);
        if (unmet.isEmpty()) {
            unmet.addAll(scopes.subList(0, Math.min(scopes.size(), MOST_SCOPES)));
        }
        if (unmet.isEmpty()) {
            unmet.add(defaultDeny(
                    "",
                    "a rule that permits this",
                    "no rule for action '" + query.action().id() + "' on " + describe(query.resource()) + " by "
                            + describe(query.principal()),
                    "have the policy set changed if this should be permitted"));
        }
        return unmet;
    }

    private static Requirement defaultDeny(String fact, String expected, String actual, String remedy) {
        return new Requirement(PolicyEngine.DEFAULT_DENY, Level.HARD, fact, cut(expected), cut(actual), cut(remedy));
    }

    private static Requirement outOfScope(CompiledPolicy policy, Variable variable, Scope scope, EntityUid found) {
        return new Requirement(
                policy.id(),
                Level.HARD,
                variable.cedarName(),
                cut(inWords(variable, scope)),
                cut(variable.cedarName() + " is " + describe(found)),
                "have a rule added that permits this, if it should be permitted");
    }

    private static String inWords(Variable variable, Scope scope) {
        Expr var = new Var(variable);
        if (scope instanceof Scope.Eq eq) {
            return CedarText.of(new Binary(BinaryOperator.EQUAL, var, new Literal(eq.entity())));
        } else if (scope instanceof Scope.In in) {
            return CedarText.of(new Binary(BinaryOperator.IN, var, new Literal(in.entity())));
        } else if (scope instanceof Scope.Is is) {
            return CedarText.of(new Expr.Is(var, is.type(), null));
        } else if (scope instanceof Scope.IsIn isIn) {
            return CedarText.of(new Expr.Is(var, isIn.type(), new Literal(isIn.entity())));
        }
        return "another " + variable.cedarName();
    }

    private record Near(boolean principal, Set<String> roles, List<Shortfall> shortfalls) {}

    private Near near(CompiledPolicy policy) {
        Set<String> roles = new TreeSet<>();
        boolean principal = policy.acceptsPrincipal(query);
        if (!principal && policy.source().principal() instanceof Scope.In in) {
            addRole(roles, in.entity());
        }
        List<Shortfall> others = new ArrayList<>();
        for (Clause clause : policy.source().clauses()) {
            if (clause.kind() == Clause.Kind.WHEN) {
                for (Shortfall shortfall : shortfalls(clause.body())) {
                    Set<String> asked = rolesAsked(shortfall.expr());
                    if (asked.isEmpty()) {
                        others.add(shortfall);
                    } else {
                        roles.addAll(asked);
                    }
                }
            } else if (holds(clause.body())) {
                others.add(new Shortfall(new Unary(UnaryOperator.NOT, clause.body()), null));
            } else {
                String failure = failureOf(clause.body());
                if (failure != null) {
                    others.add(new Shortfall(new Unary(UnaryOperator.NOT, clause.body()), failure));
                }
            }
        }
        return new Near(principal, roles, others);
    }

    /** Adds the roles that a permit asks for. */
    static void rolesAsked(CompiledPolicy permit, Set<String> roles) {
        if (permit.source().principal() instanceof Scope.In in) {
            addRole(roles, in.entity());
        }
        for (Expr when : whenBodies(permit.source())) {
            ExprCompiler.conjuncts(when).forEach(conjunct -> roles.addAll(rolesAsked(conjunct)));
        }
    }

    private Requirement unmetPermit(CompiledPolicy policy, Shortfall shortfall) {
        CedarPolicy source = policy.source();
        return requirement(
                policy.id(),
                Level.HARD,
                source.annotations().get("expects"),
                inWords(shortfall.expr()),
                true,
                shortfall,
                annotation(source, "remedy", "meet the condition under which rule '" + policy.id() + "' permits this"));
    }

    /** A condition that does not hold, and why it could not be evaluated if it could not. */
    private record Shortfall(Expr expr, @Nullable String failure) {}

    /** Evaluates each part of a conjunction by itself and returns those that do not hold. */
    private List<Shortfall> shortfalls(Expr body) {
        List<Expr> conjuncts = ExprCompiler.conjuncts(body);
        List<Shortfall> found = shortfallsAmong(demands(conjuncts));
        return found.isEmpty() ? shortfallsAmong(conjuncts) : found;
    }

    private List<Shortfall> shortfallsAmong(List<Expr> exprs) {
        List<Shortfall> found = new ArrayList<>();
        for (Expr expr : exprs) {
            if (!holds(expr)) {
                found.add(new Shortfall(expr, failureOf(expr)));
            }
        }
        return found;
    }

    /** Leaves out a {@code has} that only guards a later part, which tells more. */
    private static List<Expr> demands(List<Expr> conjuncts) {
        Deque<Expr> demands = new ArrayDeque<>();
        Set<GetAttr> readLater = new HashSet<>();
        for (int i = conjuncts.size() - 1; i >= 0; i--) {
            Expr conjunct = conjuncts.get(i);
            if (!(conjunct instanceof Has has) || !readLater.contains(new GetAttr(has.of(), has.name()))) {
                demands.addFirst(conjunct);
            }
            attributes(conjunct, readLater);
        }
        return List.copyOf(demands);
    }

    private static void attributes(Expr expr, Set<GetAttr> found) {
        if (expr instanceof GetAttr get) {
            found.add(get);
        }
        expr.parts().forEach(part -> attributes(part, found));
    }

    private boolean holds(Expr expr) {
        try {
            return ExprCompiler.compile(expr).test(query);
        } catch (EvaluationException e) {
            return false;
        }
    }

    private @Nullable String failureOf(Expr expr) {
        try {
            ExprCompiler.compile(expr).test(query);
            return null;
        } catch (EvaluationException e) {
            return e.getMessage();
        }
    }

    private static List<Expr> whenBodies(CedarPolicy policy) {
        return policy.clauses().stream()
                .filter(clause -> clause.kind() == Clause.Kind.WHEN)
                .map(Clause::body)
                .toList();
    }

    /** Returns a condition in Cedar; where it offers alternatives, each of them, without the guards against absence. */
    private static String inWords(Expr expr) {
        List<Expr> alternatives = disjuncts(expr);
        return alternatives.size() == 1
                ? CedarText.of(expr)
                : "either "
                        + alternatives.stream()
                                .map(alternative -> demands(ExprCompiler.conjuncts(alternative)).stream()
                                        .map(CedarText::of)
                                        .collect(Collectors.joining(" && ")))
                                .collect(Collectors.joining(" or "));
    }

    private static String negated(Expr expr) {
        if (expr instanceof Unary not && not.operator() == UnaryOperator.NOT) {
            return CedarText.of(not.operand());
        }
        BinaryOperator opposite = expr instanceof Binary pair ? OPPOSITES.get(pair.operator()) : null;
        return CedarText.of(
                expr instanceof Binary pair && opposite != null
                        ? new Binary(opposite, pair.left(), pair.right())
                        : new Unary(UnaryOperator.NOT, expr));
    }

    private static List<Expr> disjuncts(Expr expr) {
        List<Expr> found = new ArrayList<>();
        Deque<Expr> open = new ArrayDeque<>();
        open.push(expr);
        while (!open.isEmpty()) {
            Expr next = open.pop();
            if (next instanceof Binary pair && pair.operator() == BinaryOperator.OR) {
                open.push(pair.right());
                open.push(pair.left());
            } else {
                found.add(next);
            }
        }
        return found;
    }

    private static Map<String, Expr> reads(List<Expr> exprs) {
        Map<String, Expr> read = new LinkedHashMap<>();
        exprs.forEach(expr -> read(expr, read));
        return withoutPrefixes(read);
    }

    /** Leaves out what is only read on the way to something within it. */
    private static Map<String, Expr> withoutPrefixes(Map<String, Expr> read) {
        NavigableSet<String> names = new TreeSet<>(read.keySet());
        Map<String, Expr> whole = new LinkedHashMap<>();
        read.forEach((name, expr) -> {
            String longer = names.ceiling(name + ".");
            if (longer == null || !longer.startsWith(name + ".")) {
                whole.put(name, expr);
            }
        });
        return whole;
    }

    private static String names(List<Expr> exprs) {
        return cut(String.join(", ", reads(exprs).keySet()));
    }

    private String found(List<Expr> exprs, @Nullable String failure) {
        List<String> readings = new ArrayList<>();
        Set<String> names = reads(exprs).keySet();
        reads(exprs).forEach((name, expr) -> {
            if (isMasked(name)) {
                readings.add(name + " is " + MASKED);
            } else {
                readings.add(name.equals(ROLES) ? rolesHeld() : name + " is " + valueOf(expr));
            }
        });
        if (readings.isEmpty()) {
            readings.add("action '" + query.action().id() + "' on " + describe(query.resource()) + " by "
                    + describe(query.principal()));
        }
        String text = String.join(", ", readings);
        boolean absent = readings.stream().anyMatch(reading -> reading.endsWith(" is absent"));
        // Why an evaluation failed may quote the value it failed on.
        boolean untold = failure == null || absent || names.stream().anyMatch(this::isMasked);
        return untold ? text : text + " (" + failure + ")";
    }

    /** Collects what an expression reads, by the name to show it under. */
    private static void read(Expr expr, Map<String, Expr> found) {
        Expr attribute = expr instanceof Has has ? new GetAttr(has.of(), has.name()) : expr;
        AttributePath path = AttributePath.of(attribute);
        if (path != null) {
            found.putIfAbsent(path.dotted(), attribute);
        } else if (expr instanceof Var var) {
            if (var.variable() != Variable.CONTEXT) {
                found.putIfAbsent(var.variable().cedarName(), expr);
            }
        } else if (!rolesAsked(expr).isEmpty()) {
            found.putIfAbsent(ROLES, expr);
        } else {
            expr.parts().forEach(part -> read(part, found));
        }
    }

    private String valueOf(Expr expr) {
        try {
            return describe(ExprCompiler.compile(expr).evaluate(query));
        } catch (EvaluationException e) {
            return "absent";
        }
    }

    private static String describe(Value value) {
        if (value instanceof EntityUid uid) {
            return uid.id();
        }
        if (value instanceof DecimalValue decimal) {
            return decimal.toString();
        }
        return value instanceof StringValue text ? "'" + text.value() + "'" : CedarText.of(value);
    }

    private String rolesHeld() {
        return request.roles().isEmpty()
                ? "no role"
                : (request.roles().size() == 1 ? "the role " : "the roles ")
                        + request.roles().stream().map(Role::value).sorted().collect(Collectors.joining(", "));
    }

    private static Set<String> rolesAsked(Expr expr) {
        Set<String> roles = new TreeSet<>();
        if (expr instanceof Binary in
                && in.operator() == BinaryOperator.IN
                && in.left().equals(new Var(Variable.PRINCIPAL))) {
            List<Expr> asked = in.right() instanceof SetOf set ? set.elements() : List.of(in.right());
            for (Expr role : asked) {
                if (role instanceof Literal literal && literal.value() instanceof EntityUid uid) {
                    addRole(roles, uid);
                }
            }
        }
        return roles;
    }

    private static void addRole(Set<String> roles, EntityUid uid) {
        if (uid.type().equals(EntityNames.ROLE)) {
            roles.add(uid.id());
        }
    }

    private static String annotation(CedarPolicy policy, String key, String otherwise) {
        return policy.annotations().getOrDefault(key, otherwise);
    }

    /** Says what is missing in the words of the rule if it has some; then what was found says which part of it failed. */
    private Requirement requirement(
            String rule,
            Level level,
            @Nullable String expects,
            String condition,
            boolean isAll,
            Shortfall shortfall,
            String remedy) {
        List<Expr> exprs = List.of(shortfall.expr());
        String names = names(exprs);
        String found = found(exprs, shortfall.failure());
        boolean tells = expects == null || isAll || names.equals(ROLES);
        return new Requirement(
                rule,
                level,
                names,
                cut(expects == null ? condition : expects),
                cut(tells ? found : found + " (needs " + condition + ")"),
                cut(remedy));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 3) + "...";
    }
}
