package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes policies as Cedar text: the same policy always as the same text, which {@link PolicyParser} reads back equal. */
public final class PolicyPrinter {
    private final StringBuilder out = new StringBuilder();

    private PolicyPrinter() {}

    /** Returns a policy or template as text, with a line break at its end. */
    public static String print(CedarPolicy policy) {
        PolicyPrinter printer = new PolicyPrinter();
        printer.policy(policy, policy.annotations());
        return printer.out.toString();
    }

    /**
     * Returns the policies and templates of a set as text, by id; those that have no {@code @id} get one. Cedar text knows
     * no links: linked policies are written as the static policies they are, each after a comment that names its template.
     */
    public static String print(CedarPolicySet set) {
        PolicyPrinter printer = new PolicyPrinter();
        SortedMap<String, CedarPolicy> all = new TreeMap<>(set.policies());
        all.putAll(set.templates());
        all.forEach((id, policy) -> {
            TemplateLink link = set.links().get(id);
            if (printer.out.length() > 0) {
                printer.out.append('\n');
            }
            if (link != null) {
                printer.out.append("// linked to the template ");
                printer.out.append(CedarText.quoted(link.templateId())).append('\n');
            }
            SortedMap<String, String> annotations = new TreeMap<>(policy.annotations());
            annotations.putIfAbsent("id", id);
            printer.policy(policy, annotations);
        });
        return printer.out.toString();
    }

    private void policy(CedarPolicy policy, SortedMap<String, String> annotations) {
        for (Map.Entry<String, String> annotation : annotations.entrySet()) {
            out.append('@').append(annotation.getKey());
            if (!annotation.getValue().isEmpty()) {
                out.append('(').append(CedarText.quoted(annotation.getValue())).append(')');
            }
            out.append('\n');
        }
        out.append(policy.effect() == Effect.PERMIT ? "permit" : "forbid").append(" (\n    ");
        scope("principal", policy.principal(), Slot.PRINCIPAL);
        out.append(",\n    ");
        scope("action", policy.action(), Slot.PRINCIPAL);
        out.append(",\n    ");
        scope("resource", policy.resource(), Slot.RESOURCE);
        out.append("\n)");
        for (Clause clause : policy.clauses()) {
            out.append(clause.kind() == Clause.Kind.WHEN ? "\nwhen {\n    " : "\nunless {\n    ");
            body(clause.body());
            out.append("\n}");
        }
        out.append(";\n");
    }

    private void scope(String name, Scope scope, Slot slot) {
        out.append(name);
        if (scope instanceof Scope.Eq eq) {
            out.append(" == ").append(eq.entity());
        } else if (scope instanceof Scope.In in) {
            out.append(" in ").append(in.entity());
        } else if (scope instanceof Scope.InAny any) {
            out.append(" in [");
            Iterator<EntityUid> all = any.entities().iterator();
            while (all.hasNext()) {
                out.append(all.next()).append(all.hasNext() ? ", " : "");
            }
            out.append(']');
        } else if (scope instanceof Scope.Is is) {
            out.append(" is ").append(is.type());
        } else if (scope instanceof Scope.IsIn isIn) {
            out.append(" is ").append(isIn.type()).append(" in ").append(isIn.entity());
        } else if (scope instanceof Scope.EqSlot) {
            out.append(" == ").append(slot.cedarName());
        } else if (scope instanceof Scope.InSlot) {
            out.append(" in ").append(slot.cedarName());
        } else if (scope instanceof Scope.IsInSlot isIn) {
            out.append(" is ").append(isIn.type()).append(" in ").append(slot.cedarName());
        }
    }

    /** Writes what a chain of {@code &&} or {@code ||} joins line by line. */
    private void body(Expr body) {
        if (!(body instanceof Binary chain)
                || chain.operator() != BinaryOperator.AND && chain.operator() != BinaryOperator.OR) {
            out.append(CedarText.of(body));
            return;
        }
        Deque<Expr> operands = new ArrayDeque<>();
        Expr left = body;
        while (left instanceof Binary pair && pair.operator() == chain.operator()) {
            operands.push(pair.right());
            left = pair.left();
        }
        out.append(CedarText.operand(left, chain.operator()));
        for (Expr operand : operands) {
            out.append(' ').append(chain.operator().cedarName()).append("\n    ");
            out.append(CedarText.operand(operand, chain.operator()));
        }
    }
}
