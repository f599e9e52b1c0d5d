package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Reads Cedar text: policies, templates and single expressions. Whatever the text, all it throws is a syntax exception. */
public final class PolicyParser {
    private final ExprParser words;

    private PolicyParser(String text) {
        this.words = new ExprParser(text);
    }

    /** A policy or template and where it begins, both counted from 1. */
    public record Located(CedarPolicy policy, int line, int column) {}

    /**
     * Returns the policies and templates of a text, in its order.
     *
     * @throws CedarSyntaxException if the text is not Cedar
     */
    public static List<CedarPolicy> policies(String text) {
        return located(text).stream().map(Located::policy).toList();
    }

    /**
     * Returns the policies and templates of a text, in its order, with their places.
     *
     * @throws CedarSyntaxException if the text is not Cedar
     */
    public static List<Located> located(String text) {
        return new PolicyParser(text).all();
    }

    /**
     * Returns the policies and templates of a text by id: that of {@code @id}, else {@code policy0}, {@code policy1} and so
     * on by the place in the text.
     *
     * @throws CedarSyntaxException if the text is not Cedar, or an id is unfit or given twice
     */
    public static CedarPolicySet policySet(String text) {
        return set(located(text), true);
    }

    /**
     * Returns the policies and templates of a text by the ids that Cedar gives them, whatever their annotations:
     * {@code policy0}, {@code policy1} and so on by the place in the text.
     *
     * @throws CedarSyntaxException if the text is not Cedar
     */
    public static CedarPolicySet numbered(String text) {
        return set(located(text), false);
    }

    /**
     * Returns the only policy or template of a text.
     *
     * @throws CedarSyntaxException if the text is not Cedar, or not exactly one policy
     */
    public static CedarPolicy policy(String text) {
        List<Located> all = located(text);
        if (all.size() != 1) {
            int line = all.isEmpty() ? 1 : all.get(1).line();
            throw new CedarSyntaxException(
                    "expected one policy, found " + all.size(),
                    line,
                    all.isEmpty() ? 1 : all.get(1).column());
        }
        return all.get(0).policy();
    }

    /**
     * Returns the expression that is the whole of a text.
     *
     * @throws CedarSyntaxException if the text is not an expression
     */
    public static Expr expr(String text) {
        ExprParser words = new ExprParser(text);
        Token start = words.peek();
        Expr expr = words.expr();
        if (words.peek().kind() != Kind.END) {
            throw words.peek().unexpected("an operator or the end of the expression");
        }
        return pointing(start, () -> {
            Expr.requireBounded(expr);
            return expr;
        });
    }

    private static CedarPolicySet set(List<Located> all, boolean named) {
        SortedMap<String, CedarPolicy> statics = new TreeMap<>();
        SortedMap<String, CedarPolicy> templates = new TreeMap<>();
        for (int i = 0; i < all.size(); i++) {
            Located next = all.get(i);
            CedarPolicy policy = next.policy();
            String annotated = named ? policy.annotations().getOrDefault("id", "") : "";
            String id = annotated.isBlank() ? "policy" + i : annotated;
            if (statics.containsKey(id) || templates.containsKey(id)) {
                throw new CedarSyntaxException(
                        "expected an id of its own, found a second policy '" + Names.brief(id) + "'",
                        next.line(),
                        next.column());
            }
            if (id.length() > CedarPolicySet.MAX_ID_LENGTH) {
                throw new CedarSyntaxException(
                        "the id of a policy must have at most " + CedarPolicySet.MAX_ID_LENGTH + " characters",
                        next.line(),
                        next.column());
            }
            (policy.isTemplate() ? templates : statics).put(id, policy);
        }
        return new CedarPolicySet(statics, templates, new TreeMap<>());
    }

    private List<Located> all() {
        List<Located> all = new ArrayList<>();
        while (words.peek().kind() != Kind.END) {
            Token start = words.peek();
            if (all.size() == CedarPolicySet.MAX_POLICIES) {
                throw start.error("a text may hold at most " + CedarPolicySet.MAX_POLICIES + " policies");
            }
            all.add(new Located(policy(), start.line(), start.column()));
        }
        return all;
    }

    private CedarPolicy policy() {
        Token start = words.peek();
        SortedMap<String, String> annotations = new TreeMap<>();
        while (words.peek().is("@")) {
            annotation(annotations);
        }
        Effect effect = effect();
        words.take("(", "'(' and the scope");
        Scope principal = scope("principal", Slot.PRINCIPAL);
        words.take(",", "',' and then action");
        Scope action = action();
        words.take(",", "',' and then resource");
        Scope resource = scope("resource", Slot.RESOURCE);
        words.skip(",");
        words.take(")", "')' at the end of the scope; write conditions in when { ... }");
        List<Clause> clauses = new ArrayList<>();
        while (words.peek().isWord("when") || words.peek().isWord("unless")) {
            clauses.add(clause());
        }
        words.take(";", "when, unless or ';' at the end of the policy");
        return pointing(start, () -> new CedarPolicy(effect, principal, action, resource, annotations, clauses));
    }

    private void annotation(SortedMap<String, String> annotations) {
        words.next();
        Token name = words.take(Kind.IDENTIFIER, "the name of an annotation");
        String value = "";
        if (words.skip("(")) {
            value = words.take(Kind.STRING, "the annotation's value in quotes").unescaped();
            words.take(")", "')' after the annotation's value");
        }
        if (annotations.putIfAbsent(name.text(), value) != null) {
            throw name.error("expected each annotation once, found a second @" + Names.brief(name.text()));
        }
    }

    private Effect effect() {
        Token word = words.next();
        if (word.isWord("permit")) {
            return Effect.PERMIT;
        } else if (word.isWord("forbid")) {
            return Effect.FORBID;
        }
        throw word.unexpected("permit or forbid");
    }

    private Clause clause() {
        boolean when = words.next().isWord("when");
        words.take("{", "'{' and the condition");
        if (words.peek().is("}")) {
            throw words.peek().unexpected("a condition; leave the clause out if there is none");
        }
        Expr body = words.expr();
        words.take("}", "an operator or '}' at the end of the condition");
        return new Clause(when ? Clause.Kind.WHEN : Clause.Kind.UNLESS, body);
    }

    private void variable(String name) {
        Token word = words.next();
        if (!word.isWord(name)) {
            throw word.unexpected(name + "; the scope is principal, action, resource in this order");
        }
    }

    private Scope scope(String name, Slot slot) {
        variable(name);
        if (words.skip("==")) {
            return slotOr(slot) ? new Scope.EqSlot() : new Scope.Eq(entity());
        } else if (words.skipWord("in")) {
            return slotOr(slot) ? new Scope.InSlot() : new Scope.In(entity());
        } else if (words.skipWord("is")) {
            String type = words.type();
            if (words.peek().is("==")) {
                throw words.peek().unexpected("'in' or the end of the scope; 'is' and '==' cannot be combined");
            }
            if (!words.skipWord("in")) {
                return new Scope.Is(type);
            }
            return slotOr(slot) ? new Scope.IsInSlot(type) : new Scope.IsIn(type, entity());
        }
        requireEndOfScope();
        return new Scope.All();
    }

    private Scope action() {
        variable("action");
        Token operator = words.peek();
        if (words.skip("==")) {
            Token at = words.peek();
            return action(at, new Scope.Eq(entity()));
        } else if (words.skipWord("in")) {
            Token at = words.peek();
            if (!words.skip("[")) {
                return action(at, new Scope.In(entity()));
            }
            List<EntityUid> entities = new ArrayList<>();
            while (!words.skip("]")) {
                entities.add(entity());
                if (!words.skip(",") && !words.peek().is("]")) {
                    throw words.peek().unexpected("',' or ']' after an action");
                }
            }
            return action(at, new Scope.InAny(entities));
        } else if (operator.isWord("is")) {
            throw operator.unexpected("==, in or the end of the action's scope; actions have no 'is'");
        }
        requireEndOfScope();
        return new Scope.All();
    }

    private static Scope action(Token at, Scope scope) {
        return pointing(at, () -> CedarPolicy.requireActions(scope));
    }

    private void requireEndOfScope() {
        Token token = words.peek();
        if (!token.is(",") && !token.is(")")) {
            throw token.unexpected("==, in, is, ',' or ')'; write other conditions in when { ... }");
        }
    }

    /** Takes the slot if it comes next, which then tells that it did. */
    private boolean slotOr(Slot slot) {
        Token token = words.peek();
        if (token.kind() != Kind.SLOT) {
            return false;
        }
        if (!token.text().equals(slot.cedarName())) {
            throw token.unexpected("an entity or the slot " + slot.cedarName());
        }
        words.next();
        return true;
    }

    private EntityUid entity() {
        int open = 0;
        while (words.skip("(")) {
            open++;
        }
        if (words.peek().kind() == Kind.SLOT) {
            throw words.peek().unexpected("an entity such as User::\"alice\"; there is no slot here");
        }
        EntityUid entity = words.entity();
        for (; open > 0; open--) {
            words.take(")", "')'");
        }
        return entity;
    }

    private static <T> T pointing(Token at, Supplier<T> making) {
        try {
            return making.get();
        } catch (CedarSyntaxException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw at.error(String.valueOf(e.getMessage()));
        }
    }
}
