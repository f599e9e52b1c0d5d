package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Call;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.If;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.RecordOf;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes expressions and values as Cedar text. */
public final class CedarText {
    private static final int LOWEST = 0;
    private static final int OR = 1;
    private static final int AND = 2;
    private static final int RELATION = 3;
    private static final int SUM = 4;
    private static final int PRODUCT = 5;
    private static final int UNARY = 6;
    private static final int MEMBER = 7;

    private final StringBuilder out = new StringBuilder();

    private CedarText() {}

    /** Returns an expression as text, on one line, with no more parentheses than it needs. */
    public static String of(Expr expr) {
        CedarText text = new CedarText();
        text.expr(expr, LOWEST);
        return text.out.toString();
    }

    /** Returns a value as text; sets in a fixed order. */
    public static String of(Value value) {
        CedarText text = new CedarText();
        text.value(value);
        return text.out.toString();
    }

    /** Returns an expression as text that can stand on either side of an operator that chains. */
    static String operand(Expr expr, BinaryOperator operator) {
        CedarText text = new CedarText();
        text.expr(expr, (operator == BinaryOperator.OR ? OR : AND) + 1);
        return text.out.toString();
    }

    /** Returns a text in quotes. */
    static String quoted(String value) {
        CedarText text = new CedarText();
        text.quote(value);
        return text.out.toString();
    }

    private void expr(Expr expr, int needed) {
        int own = precedence(expr);
        if (own < needed) {
            out.append('(');
        }
        if (expr instanceof Literal literal) {
            value(literal.value());
        } else if (expr instanceof Var var) {
            out.append(var.variable().cedarName());
        } else if (expr instanceof Unary unary) {
            unary(unary);
        } else if (expr instanceof Binary binary) {
            binary(binary, own);
        } else if (expr instanceof If choice) {
            out.append("if ");
            expr(choice.condition(), LOWEST);
            out.append(" then ");
            expr(choice.then(), LOWEST);
            out.append(" else ");
            expr(choice.otherwise(), LOWEST);
        } else if (expr instanceof GetAttr get) {
            expr(get.of(), MEMBER);
            if (Names.isPlainAttribute(get.name())) {
                out.append('.').append(get.name());
            } else {
                out.append('[');
                quote(get.name());
                out.append(']');
            }
        } else if (expr instanceof Has has) {
            expr(has.of(), SUM);
            out.append(" has ");
            attributeName(has.name());
        } else if (expr instanceof Like like) {
            expr(like.text(), SUM);
            out.append(" like ");
            pattern(like.pattern());
        } else if (expr instanceof Is is) {
            expr(is.entity(), SUM);
            out.append(" is ").append(is.type());
            if (is.in() != null) {
                out.append(" in ");
                expr(is.in(), SUM);
            }
        } else if (expr instanceof SetOf set) {
            out.append('[');
            list(set.elements());
            out.append(']');
        } else if (expr instanceof RecordOf record) {
            record(record);
        } else if (expr instanceof Call call) {
            call(call);
        }
        if (own < needed) {
            out.append(')');
        }
    }

    private static int precedence(Expr expr) {
        if (expr instanceof If) {
            return LOWEST;
        } else if (expr instanceof Unary unary) {
            return unary.operator() == UnaryOperator.IS_EMPTY ? MEMBER : UNARY;
        } else if (expr instanceof Literal literal) {
            return literal.value() instanceof LongValue number && number.value() < 0 ? UNARY : MEMBER;
        } else if (expr instanceof Binary binary) {
            return switch (binary.operator()) {
                case OR -> OR;
                case AND -> AND;
                case EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, IN -> RELATION;
                case ADD, SUBTRACT -> SUM;
                case MULTIPLY -> PRODUCT;
                case CONTAINS, CONTAINS_ALL, CONTAINS_ANY, GET_TAG, HAS_TAG -> MEMBER;
            };
        }
        return expr instanceof Has || expr instanceof Like || expr instanceof Is ? RELATION : MEMBER;
    }

    private void unary(Unary expr) {
        switch (expr.operator()) {
            case NOT -> {
                out.append('!');
                expr(expr.operand(), MEMBER);
            }
            case NEGATE -> {
                out.append('-');
                boolean number = expr.operand() instanceof Literal literal && literal.value() instanceof LongValue;
                expr(expr.operand(), number ? MEMBER + 1 : MEMBER);
            }
            case IS_EMPTY -> {
                expr(expr.operand(), MEMBER);
                out.append(".isEmpty()");
            }
        }
    }

    private void binary(Binary expr, int own) {
        if (own == MEMBER) {
            expr(expr.left(), MEMBER);
            out.append('.').append(expr.operator().cedarName()).append('(');
            expr(expr.right(), LOWEST);
            out.append(')');
            return;
        }
        boolean chains = own != RELATION;
        expr(expr.left(), chains ? own : own + 1);
        out.append(' ').append(expr.operator().cedarName()).append(' ');
        expr(expr.right(), own + 1);
    }

    private void record(RecordOf expr) {
        out.append('{');
        Iterator<Map.Entry<String, Expr>> all = expr.attributes().entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<String, Expr> attribute = all.next();
            attributeName(attribute.getKey());
            out.append(": ");
            expr(attribute.getValue(), LOWEST);
            out.append(all.hasNext() ? ", " : "");
        }
        out.append('}');
    }

    private void call(Call expr) {
        List<Expr> arguments = expr.arguments();
        if (expr.function().isMethod()) {
            expr(arguments.get(0), MEMBER);
            out.append('.');
            arguments = arguments.subList(1, arguments.size());
        }
        out.append(expr.function().cedarName()).append('(');
        list(arguments);
        out.append(')');
    }

    private void list(List<Expr> exprs) {
        for (int i = 0; i < exprs.size(); i++) {
            out.append(i == 0 ? "" : ", ");
            expr(exprs.get(i), LOWEST);
        }
    }

    private void value(Value value) {
        if (value instanceof BoolValue bool) {
            out.append(bool.value());
        } else if (value instanceof LongValue number) {
            out.append(number.value());
        } else if (value instanceof StringValue text) {
            quote(text.value());
        } else if (value instanceof EntityUid uid) {
            out.append(uid.type()).append("::");
            quote(uid.id());
        } else if (value instanceof ExtensionValue extension) {
            expr(extension.toExpr(), LOWEST);
        } else if (value instanceof SetValue set) {
            out.append(set.elements().stream().map(CedarText::of).sorted().collect(Collectors.joining(", ", "[", "]")));
        } else if (value instanceof RecordValue record) {
            String separator = "{";
            for (Map.Entry<String, Value> attribute : record.attributes().entrySet()) {
                out.append(separator);
                attributeName(attribute.getKey());
                out.append(": ");
                value(attribute.getValue());
                separator = ", ";
            }
            out.append(record.attributes().isEmpty() ? "{}" : "}");
        }
    }

    private void attributeName(String name) {
        if (Names.isPlainAttribute(name)) {
            out.append(name);
        } else {
            quote(name);
        }
    }

    private void quote(String text) {
        out.append('"');
        escape(text, false);
        out.append('"');
    }

    private void pattern(Pattern pattern) {
        out.append('"');
        for (int i = 0; i < pattern.texts().size(); i++) {
            out.append(i == 0 ? "" : "*");
            escape(pattern.texts().get(i), true);
        }
        out.append('"');
    }

    private void escape(String text, boolean stars) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\0' -> out.append("\\0");
                case '*' -> out.append(stars ? "\\*" : "*");
                default -> {
                    if (isInvisible(c)) {
                        out.append(String.format(Locale.ROOT, "\\u{%x}", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
    }

    /** Tells whether a reader could not see the character, or could be misled by it about the order of others. */
    private static boolean isInvisible(char c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
