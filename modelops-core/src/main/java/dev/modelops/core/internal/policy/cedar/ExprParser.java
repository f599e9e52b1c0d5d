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
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Token.Kind;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads expressions from the words of a text: looks one word ahead, and counts how deep it is before it goes deeper. */
final class ExprParser {
    private static final int OR = 1;
    private static final int AND = 2;
    private static final int RELATION = 3;
    private static final int SUM = 4;
    private static final int PRODUCT = 5;
    private static final int MOST_UNARY = 4;
    private static final int LONGEST_PATH = 1_000;

    private static final Map<String, Variable> VARIABLES = Arrays.stream(Variable.values())
            .collect(Collectors.toUnmodifiableMap(Variable::cedarName, Function.identity()));
    private static final Map<String, BinaryOperator> METHODS = Stream.of(
                    BinaryOperator.CONTAINS,
                    BinaryOperator.CONTAINS_ALL,
                    BinaryOperator.CONTAINS_ANY,
                    BinaryOperator.GET_TAG,
                    BinaryOperator.HAS_TAG)
            .collect(Collectors.toUnmodifiableMap(BinaryOperator::cedarName, Function.identity()));
    private static final String IS_EMPTY = UnaryOperator.IS_EMPTY.cedarName();

    private final Lexer lexer;
    private Token token;
    private int depth;

    ExprParser(String text) {
        this.lexer = new Lexer(text);
        this.token = lexer.next();
    }

    Token peek() {
        return token;
    }

    Token next() {
        Token taken = token;
        token = lexer.next();
        return taken;
    }

    boolean skip(String punctuation) {
        if (!token.is(punctuation)) {
            return false;
        }
        next();
        return true;
    }

    boolean skipWord(String word) {
        if (!token.isWord(word)) {
            return false;
        }
        next();
        return true;
    }

    void take(String punctuation, String expected) {
        if (!skip(punctuation)) {
            throw token.unexpected(expected);
        }
    }

    Token take(Kind kind, String expected) {
        if (token.kind() != kind) {
            throw token.unexpected(expected);
        }
        return next();
    }

    Expr expr() {
        if (++depth > Expr.MAX_DEPTH) {
            throw token.error("expression must nest at most " + Expr.MAX_DEPTH + " deep");
        }
        Expr expr = token.isWord("if") ? choice() : operators(OR);
        depth--;
        return expr;
    }

    /** Reads the name of an entity type. */
    String type() {
        Token start = take(Kind.IDENTIFIER, "an entity type such as User or Bank::User");
        StringBuilder path = new StringBuilder(start.text());
        while (skip("::")) {
            append(path, take(Kind.IDENTIFIER, "a name after '::'; this must be an entity type, not an entity"));
        }
        return requireType(start, path.toString());
    }

    /** Reads an entity such as {@code Bank::User::"alice"}. */
    EntityUid entity() {
        Token start = take(Kind.IDENTIFIER, "an entity such as User::\"alice\"");
        StringBuilder path = new StringBuilder(start.text());
        while (true) {
            take("::", "'::' and an id, to name an entity such as User::\"alice\"");
            if (token.kind() == Kind.STRING) {
                return new EntityUid(requireType(start, path.toString()), next().unescaped());
            }
            append(path, take(Kind.IDENTIFIER, "the entity's id in quotes after '::'"));
        }
    }

    private void append(StringBuilder path, Token name) {
        path.append("::").append(name.text());
        if (path.length() > LONGEST_PATH) {
            throw name.error("a name must have at most " + LONGEST_PATH + " characters");
        }
    }

    private static String requireType(Token start, String path) {
        try {
            Names.requireType(path);
            return path;
        } catch (IllegalArgumentException e) {
            throw start.error(
                    e.getMessage() + "; if, then, else, true, false, in, is, like, has and __cedar are reserved");
        }
    }

    private Expr choice() {
        next();
        Expr condition = expr();
        if (!skipWord("then")) {
            throw token.unexpected("an operator or then");
        }
        Expr then = expr();
        if (!skipWord("else")) {
            throw token.unexpected("an operator or else; every if has both");
        }
        return new If(condition, then, expr());
    }

    /** Reads operators that bind at least as strongly as a level. */
    private Expr operators(int least) {
        Expr left = unary();
        boolean related = false;
        while (true) {
            BinaryOperator operator = operator();
            int level = operator == null ? wordLevel() : level(operator);
            if (level < least) {
                return left;
            }
            if (related && level > RELATION) {
                throw token.unexpected("&&, || or the end; write the comparison in parentheses to calculate with it");
            }
            if (level == RELATION) {
                if (related) {
                    throw token.error(
                            "comparisons do not chain: expected parentheses around one of them, found another '"
                                    + token.text() + "'");
                }
                related = true;
            }
            if (operator == null) {
                left = relation(left);
            } else if (operator == BinaryOperator.AND || operator == BinaryOperator.OR) {
                left = chain(left, operator);
            } else {
                next();
                left = new Binary(operator, left, operators(level + 1));
            }
        }
    }

    private Expr chain(Expr first, BinaryOperator operator) {
        List<Expr> operands = new ArrayList<>(List.of(first));
        while (skip(operator.cedarName())) {
            operands.add(operators(level(operator) + 1));
        }
        try {
            return Expr.chain(operator, operands);
        } catch (IllegalArgumentException e) {
            throw token.error(String.valueOf(e.getMessage()));
        }
    }

    private int wordLevel() {
        return token.isWord("has") || token.isWord("like") || token.isWord("is") ? RELATION : 0;
    }

    private @Nullable BinaryOperator operator() {
        if (token.kind() == Kind.IDENTIFIER) {
            return token.text().equals("in") ? BinaryOperator.IN : null;
        } else if (token.kind() != Kind.PUNCTUATION) {
            return null;
        }
        return switch (token.text()) {
            case "||" -> BinaryOperator.OR;
            case "&&" -> BinaryOperator.AND;
            case "==" -> BinaryOperator.EQUAL;
            case "!=" -> BinaryOperator.NOT_EQUAL;
            case "<" -> BinaryOperator.LESS;
            case "<=" -> BinaryOperator.LESS_OR_EQUAL;
            case ">" -> BinaryOperator.GREATER;
            case ">=" -> BinaryOperator.GREATER_OR_EQUAL;
            case "+" -> BinaryOperator.ADD;
            case "-" -> BinaryOperator.SUBTRACT;
            case "*" -> BinaryOperator.MULTIPLY;
            case "=" -> throw token.unexpected("an operator; equality is written ==");
            case "/", "%" -> throw token.unexpected("an operator; Cedar has no division");
            default -> null;
        };
    }

    private static int level(BinaryOperator operator) {
        return switch (operator) {
            case OR -> OR;
            case AND -> AND;
            case ADD, SUBTRACT -> SUM;
            case MULTIPLY -> PRODUCT;
            default -> RELATION;
        };
    }

    private Expr relation(Expr left) {
        Token operator = next();
        return switch (operator.text()) {
            case "has" -> has(left);
            case "like" ->
                new Like(
                        left,
                        take(Kind.STRING, "a pattern in quotes after like").pattern());
            default -> {
                String type = type();
                yield new Is(left, type, skipWord("in") ? operators(SUM) : null);
            }
        };
    }

    private Expr has(Expr of) {
        if (token.kind() == Kind.STRING) {
            Expr has = new Has(of, next().unescaped());
            requireNoAccess();
            return has;
        }
        List<String> names = new ArrayList<>();
        names.add(attributeName("an attribute's name, or one in quotes, after has"));
        while (skip(".")) {
            if (names.size() == Expr.MAX_DEPTH) {
                throw token.error("expression must nest at most " + Expr.MAX_DEPTH + " deep");
            }
            names.add(attributeName("an attribute's name after '.'"));
        }
        requireNoAccess();
        return Expr.hasPath(of, names);
    }

    private void requireNoAccess() {
        if (token.is(".") || token.is("[") || token.is("(") || token.is("::")) {
            throw token.unexpected(
                    "an operator or the end; after has come names joined by dots, or one name in quotes");
        }
    }

    private Expr unary() {
        Token first = token;
        int count = 0;
        while (token.is(first.text()) && (first.is("!") || first.is("-"))) {
            if (++count > MOST_UNARY) {
                throw token.error("expected at most " + MOST_UNARY + " '" + first.text() + "' in a row, found more");
            }
            next();
        }
        if (count > 0 && (token.is("!") || token.is("-"))) {
            throw token.unexpected("an operand; write " + first.text() + "(" + token.text() + "...) to combine them");
        }
        Expr expr;
        if (first.is("-") && token.kind() == Kind.INTEGER) {
            Token number = next();
            if (token.is(".") || token.is("[")) {
                expr = member(number(number, false));
            } else {
                expr = number(number, true);
                count--;
            }
        } else {
            expr = member(primary());
        }
        UnaryOperator operator = first.is("!") ? UnaryOperator.NOT : UnaryOperator.NEGATE;
        for (; count > 0; count--) {
            expr = new Unary(operator, expr);
        }
        return expr;
    }

    private static Literal number(Token token, boolean negative) {
        BigInteger value = token.text().length() > Long.SIZE ? null : new BigInteger(token.text());
        BigInteger signed = value != null && negative ? value.negate() : value;
        if (signed == null || signed.bitLength() >= Long.SIZE) {
            throw token.error("expected a whole number from -9223372036854775808 to 9223372036854775807, found "
                    + (negative ? "-" : "") + Names.brief(token.text()));
        }
        return new Literal(new LongValue(signed.longValue()));
    }

    private Expr member(Expr start) {
        Expr expr = start;
        while (true) {
            if (skip("[")) {
                Token name = take(Kind.STRING, "an attribute's name in quotes");
                expr = new GetAttr(expr, name.unescaped());
                take("]", "']'");
            } else if (skip(".")) {
                Token name = token;
                String text = attributeName("an attribute's or method's name after '.'");
                expr = token.is("(") ? method(expr, name) : new GetAttr(expr, text);
            } else {
                return expr;
            }
        }
    }

    private String attributeName(String expected) {
        Token name = take(Kind.IDENTIFIER, expected);
        if (Names.isReserved(name.text())) {
            throw name.unexpected(expected + "; '" + name.text()
                    + "' is reserved, as an attribute it must be written in quotes, such as [\"" + name.text() + "\"]");
        }
        return name.text();
    }

    private Expr method(Expr receiver, Token name) {
        List<Expr> arguments = arguments();
        BinaryOperator operator = METHODS.get(name.text());
        if (operator != null) {
            requireArguments(name, 1, arguments);
            return new Binary(operator, receiver, arguments.get(0));
        } else if (name.text().equals(IS_EMPTY)) {
            requireArguments(name, 0, arguments);
            return new Unary(UnaryOperator.IS_EMPTY, receiver);
        }
        ExtensionFunction function = ExtensionFunction.named(name.text());
        if (function == null || !function.isMethod()) {
            throw name.error("expected one of the methods " + names(true) + ", found '" + Names.brief(name.text()) + "'"
                    + (function == null ? "" : ", which is a function: write " + name.text() + "(...)"));
        }
        arguments.add(0, receiver);
        return new Call(function, arguments);
    }

    private static void requireArguments(Token name, int expected, List<Expr> arguments) {
        if (arguments.size() != expected) {
            throw name.error("expected " + (expected == 0 ? "no argument" : "one argument") + " of " + name.text()
                    + ", found " + arguments.size());
        }
    }

    private Expr function(Token name, String path) {
        ExtensionFunction function = ExtensionFunction.named(path);
        if (function == null || function.isMethod()) {
            boolean method = function != null || METHODS.containsKey(path) || path.equals(IS_EMPTY);
            throw name.error("expected one of the functions " + names(false) + ", found '" + Names.brief(path) + "'"
                    + (method ? ", which is a method: write x." + path + "(...)" : ""));
        }
        return new Call(function, arguments());
    }

    private static String names(boolean methods) {
        Stream<String> known = Arrays.stream(ExtensionFunction.values())
                .filter(function -> function.isMethod() == methods)
                .map(ExtensionFunction::cedarName);
        Stream<String> builtIn = Stream.concat(METHODS.keySet().stream(), Stream.of(IS_EMPTY));
        return (methods ? Stream.concat(known, builtIn) : known).sorted().collect(Collectors.joining(", "));
    }

    private List<Expr> arguments() {
        take("(", "'('");
        return list(")");
    }

    private List<Expr> list(String end) {
        List<Expr> list = new ArrayList<>();
        while (!skip(end)) {
            list.add(expr());
            if (!skip(",") && !token.is(end)) {
                throw token.unexpected("an operator, ',' or '" + end + "'");
            }
        }
        return list;
    }

    private Expr primary() {
        if (token.kind() == Kind.STRING) {
            return new Literal(new StringValue(next().unescaped()));
        } else if (token.kind() == Kind.INTEGER) {
            return number(next(), false);
        } else if (token.kind() == Kind.IDENTIFIER) {
            return named();
        } else if (token.kind() == Kind.SLOT) {
            throw token.unexpected(
                    "an expression; slots may only stand in the scope, such as (principal == ?principal, ...)");
        } else if (skip("(")) {
            Expr expr = expr();
            take(")", "an operator or ')'");
            return expr;
        } else if (skip("[")) {
            return new SetOf(list("]"));
        } else if (skip("{")) {
            return record();
        }
        throw token.unexpected("an expression");
    }

    private Expr record() {
        SortedMap<String, Expr> attributes = new TreeMap<>();
        while (!skip("}")) {
            Token key = token;
            String name = key.kind() == Kind.STRING
                    ? next().unescaped()
                    : attributeName("an attribute's name, perhaps in quotes, or '}'");
            take(":", "':' and the attribute's value");
            if (attributes.containsKey(name)) {
                throw key.error("expected each attribute once, found a second '" + Names.brief(name) + "'");
            }
            attributes.put(name, expr());
            if (!skip(",") && !token.is("}")) {
                throw token.unexpected("an operator, ',' or '}'");
            }
        }
        return new RecordOf(attributes);
    }

    private Expr named() {
        Token first = next();
        if (first.text().equals("true") || first.text().equals("false")) {
            return new Literal(BoolValue.of(first.text().equals("true")));
        } else if (first.text().equals("if")) {
            throw first.error("expected an operand, found 'if': write it in parentheses");
        } else if (Names.isReserved(first.text())) {
            throw first.unexpected("an expression");
        }
        StringBuilder path = new StringBuilder(first.text());
        while (skip("::")) {
            if (token.kind() == Kind.STRING) {
                return new Literal(new EntityUid(requireType(first, path.toString()), next().unescaped()));
            }
            append(path, take(Kind.IDENTIFIER, "a name, or the entity's id in quotes, after '::'"));
        }
        String name = path.toString();
        if (token.is("(")) {
            return function(first, name);
        }
        Variable variable = VARIABLES.get(name);
        if (variable == null) {
            throw first.error("expected principal, action, resource, context, an entity such as User::\"alice\" or a"
                    + " function, found '" + Names.brief(name) + "'");
        }
        return new Var(variable);
    }
}
