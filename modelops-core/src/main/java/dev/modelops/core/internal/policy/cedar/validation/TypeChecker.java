package dev.modelops.core.internal.policy.cedar.validation;

import static dev.modelops.core.internal.policy.cedar.schema.Type.BoolType.ANY;
import static dev.modelops.core.internal.policy.cedar.schema.Type.BoolType.FALSE;
import static dev.modelops.core.internal.policy.cedar.schema.Type.BoolType.TRUE;
import static dev.modelops.core.internal.policy.cedar.schema.Type.Primitive.LONG;
import static dev.modelops.core.internal.policy.cedar.schema.Type.Primitive.STRING;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.EvaluationException;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
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
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.schema.EntityDeclaration;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import dev.modelops.core.internal.policy.cedar.schema.Type.Attribute;
import dev.modelops.core.internal.policy.cedar.schema.Type.BoolType;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.schema.Type.SetType;
import dev.modelops.core.internal.policy.cedar.validation.Capabilities.Known;
import dev.modelops.core.internal.policy.cedar.validation.Finding.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells the type of expressions in one request environment, by the strict rules of Cedar. What an operator cannot reach,
 * because an operand before it is known to be true or false, is not looked at.
 */
final class TypeChecker {
    private final Schema schema;
    private final RequestEnvironment environment;
    private final RecordType context;
    private final ExprNumbers numbers;
    private final Effort effort;

    TypeChecker(Schema schema, RequestEnvironment environment, RecordType context, ExprNumbers numbers, Effort effort) {
        this.schema = schema;
        this.environment = environment;
        this.context = context;
        this.numbers = numbers;
        this.effort = effort;
    }

    /**
     * Returns an expression that must be a truth value, with its type.
     *
     * @throws Rejected if it is not well typed
     */
    Typed truth(Expr expr, Capabilities known) {
        Typed typed = type(expr, known);
        if (typed.type() instanceof BoolType) {
            return typed;
        }
        throw unexpected(expr, "a condition must be a Bool", typed.type(), "compare the value with something");
    }

    private Typed type(Expr expr, Capabilities known) {
        effort.spend(1 + known.size() / 16, expr);
        if (expr instanceof Literal literal) {
            return new Typed(expr, typeOf(literal));
        } else if (expr instanceof Var var) {
            return new Typed(expr, typeOf(var.variable()));
        } else if (expr instanceof Binary binary) {
            return switch (binary.operator()) {
                case AND -> and(binary, known);
                case OR -> or(binary, known);
                default -> binary(binary, known);
            };
        } else if (expr instanceof GetAttr get) {
            return getAttribute(get, known);
        } else if (expr instanceof Has has) {
            return hasAttribute(has, known);
        } else if (expr instanceof Unary unary) {
            return unary(unary, known);
        } else if (expr instanceof If choice) {
            return choice(choice, known);
        } else if (expr instanceof Is is) {
            return is(is, known);
        } else if (expr instanceof Like like) {
            Typed text = type(like.text(), known);
            if (text.type() != STRING) {
                throw unexpected(like.text(), "'like' matches a String", text.type(), "match a text");
            }
            return new Typed(expr, ANY, text);
        } else if (expr instanceof SetOf set) {
            return set(set, known);
        } else if (expr instanceof RecordOf record) {
            return record(record, known);
        } else if (expr instanceof Call call) {
            return call(call, known);
        }
        throw new IllegalStateException("no typing rule for " + expr.getClass().getSimpleName());
    }

    private Type typeOf(Literal literal) {
        Value value = literal.value();
        if (value instanceof BoolValue truth) {
            return truth.value() ? TRUE : FALSE;
        } else if (value instanceof LongValue) {
            return LONG;
        } else if (value instanceof StringValue) {
            return STRING;
        } else if (value instanceof EntityUid uid) {
            if (!schema.allows(uid)) {
                throw new Rejected(
                        Kind.UNKNOWN_ENTITY_TYPE, literal, "the schema must declare " + uid + ", but it does not");
            }
            return new EntityType(uid.type());
        }
        throw new IllegalStateException("no typing rule for a literal " + value.typeName());
    }

    private Type typeOf(Variable variable) {
        return switch (variable) {
            case PRINCIPAL -> new EntityType(environment.principalType());
            case ACTION -> new EntityType(environment.action().type());
            case RESOURCE -> new EntityType(environment.resourceType());
            case CONTEXT -> context;
        };
    }

    private Typed choice(If choice, Capabilities known) {
        Typed condition = type(choice.condition(), known);
        if (condition.type() == TRUE) {
            Typed then = type(choice.then(), known.and(condition.capabilities()));
            return new Typed(
                    choice, then.type(), condition.capabilities().and(then.capabilities()), List.of(condition, then));
        }
        if (condition.type() == FALSE) {
            Typed otherwise = type(choice.otherwise(), known);
            return new Typed(choice, otherwise.type(), otherwise.capabilities(), List.of(condition, otherwise));
        }
        if (condition.type() != ANY) {
            throw unexpected(
                    choice.condition(), "the condition of 'if' must be a Bool", condition.type(), "compare the value");
        }
        Typed then = type(choice.then(), known.and(condition.capabilities()));
        Typed otherwise = type(choice.otherwise(), known);
        Type joined = join(then.type(), otherwise.type(), choice);
        if (joined == null) {
            throw incompatible(choice, "both branches of 'if'", then.type(), otherwise.type());
        }
        Capabilities after = condition.capabilities().and(then.capabilities()).or(otherwise.capabilities());
        return new Typed(choice, joined, after, List.of(condition, then, otherwise));
    }

    private Typed and(Binary and, Capabilities known) {
        Typed left = requireBool(and.left(), known, "&&");
        if (left.isFalse()) {
            return new Typed(left.expr(), FALSE, Capabilities.NONE, left.parts());
        }
        Typed right = requireBool(and.right(), known.and(left.capabilities()), "&&");
        if (right.isFalse()) {
            return new Typed(and, FALSE, left, right);
        }
        Type type = right.type() == TRUE ? left.type() : ANY;
        return new Typed(and, type, left.capabilities().and(right.capabilities()), List.of(left, right));
    }

    private Typed or(Binary or, Capabilities known) {
        Typed left = requireBool(or.left(), known, "||");
        if (left.type() == TRUE) {
            return new Typed(left.expr(), TRUE, Capabilities.NONE, left.parts());
        }
        Typed right = requireBool(or.right(), known, "||");
        if (left.isFalse()) {
            return new Typed(or, right.type(), right.capabilities(), List.of(left, right));
        }
        if (right.type() == TRUE) {
            return new Typed(or, TRUE, left, right);
        }
        Capabilities after =
                right.isFalse() ? left.capabilities() : left.capabilities().or(right.capabilities());
        return new Typed(or, ANY, after, List.of(left, right));
    }

    private Typed requireBool(Expr operand, Capabilities known, String operator) {
        Typed typed = type(operand, known);
        if (typed.type() instanceof BoolType) {
            return typed;
        }
        throw unexpected(operand, "'" + operator + "' takes Bools", typed.type(), "compare the value with something");
    }

    private Typed unary(Unary unary, Capabilities known) {
        Typed operand = type(unary.operand(), known);
        Type type = operand.type();
        return switch (unary.operator()) {
            case NOT -> {
                if (type instanceof BoolType bool) {
                    yield new Typed(unary, not(bool), operand);
                }
                throw unexpected(unary.operand(), "'!' takes a Bool", type, "compare the value with something");
            }
            case NEGATE -> {
                if (type == LONG) {
                    yield new Typed(unary, LONG, operand);
                }
                throw unexpected(unary.operand(), "'-' takes a Long", type, "negate numbers only");
            }
            case IS_EMPTY -> {
                if (type instanceof SetType) {
                    yield new Typed(unary, ANY, operand);
                }
                throw unexpected(unary.operand(), "'isEmpty' is a method of sets", type, "call it on a set");
            }
        };
    }

    private static BoolType not(BoolType type) {
        return switch (type) {
            case ANY -> ANY;
            case TRUE -> FALSE;
            case FALSE -> TRUE;
        };
    }

    private Typed binary(Binary binary, Capabilities known) {
        Typed left = type(binary.left(), known);
        Typed right = type(binary.right(), known);
        return switch (binary.operator()) {
            case EQUAL -> new Typed(binary, equal(binary, left, right), left, right);
            case NOT_EQUAL -> new Typed(binary, not(equal(binary, left, right)), left, right);
            case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> compare(binary, left, right);
            case ADD, SUBTRACT, MULTIPLY -> {
                String rule = "'" + binary.operator().cedarName() + "' takes two Longs";
                for (Typed operand : List.of(left, right)) {
                    if (operand.type() != LONG) {
                        throw unexpected(operand.expr(), rule, operand.type(), "calculate with numbers only");
                    }
                }
                yield new Typed(binary, LONG, left, right);
            }
            case IN -> new Typed(binary, in(binary.left(), left.type(), binary.right(), right.type()), left, right);
            case CONTAINS -> {
                if (left.type() instanceof SetType set) {
                    if (join(right.type(), set.element(), binary) == null) {
                        throw incompatible(
                                binary, "the elements of the set and what is looked for", set.element(), right.type());
                    }
                    yield new Typed(binary, ANY, left, right);
                }
                throw unexpected(binary.left(), "'contains' is a method of sets", left.type(), "call it on a set");
            }
            case CONTAINS_ALL, CONTAINS_ANY -> {
                String rule = "'" + binary.operator().cedarName() + "' takes two sets";
                if (!(left.type() instanceof SetType one)) {
                    throw unexpected(binary.left(), rule, left.type(), "call it on a set");
                }
                if (!(right.type() instanceof SetType other)) {
                    throw unexpected(binary.right(), rule, right.type(), "write the argument in brackets");
                }
                if (join(one.element(), other.element(), binary) == null) {
                    throw incompatible(binary, "the elements of both sets", one.element(), other.element());
                }
                yield new Typed(binary, ANY, left, right);
            }
            case HAS_TAG -> hasTag(binary, left, right, known);
            case GET_TAG -> getTag(binary, left, right, known);
            case AND, OR -> throw new IllegalStateException("typed before");
        };
    }

    private BoolType equal(Binary equal, Typed left, Typed right) {
        Value one = literal(equal.left());
        Value other = literal(equal.right());
        if (one != null && other != null) {
            return one.equals(other) ? TRUE : FALSE;
        }
        if (join(left.type(), right.type(), equal) != null) {
            return ANY;
        }
        if (left.type() instanceof EntityType && right.type() instanceof EntityType) {
            return FALSE;
        }
        throw incompatible(equal, "both sides of '" + equal.operator().cedarName() + "'", left.type(), right.type());
    }

    private Typed compare(Binary compare, Typed left, Typed right) {
        String rule = "'" + compare.operator().cedarName() + "' compares two Longs, two datetimes or two durations";
        if (!isOrdered(left.type())) {
            throw unexpected(compare.left(), rule, left.type(), orderHint(left.type()));
        }
        if (right.type() != left.type()) {
            throw unexpected(
                    compare.right(), rule + ", here after a " + left.type(), right.type(), orderHint(right.type()));
        }
        return new Typed(compare, ANY, left, right);
    }

    private static boolean isOrdered(Type type) {
        return type == LONG || type == Type.ExtensionType.DATETIME || type == Type.ExtensionType.DURATION;
    }

    private static String orderHint(Type type) {
        return type == Type.ExtensionType.DECIMAL
                ? "compare decimals by lessThan, lessThanOrEqual, greaterThan or greaterThanOrEqual"
                : "give both sides one of these types";
    }

    private BoolType in(Expr left, Type leftType, Expr right, Type rightType) {
        if (!(leftType instanceof EntityType member)) {
            throw unexpected(
                    left, "'in' asks for an entity in another", leftType, "use 'contains' for values in a set");
        }
        boolean many = rightType instanceof SetType;
        Type group = rightType instanceof SetType set ? set.element() : rightType;
        if (!(group instanceof EntityType ancestor)) {
            throw unexpected(
                    right,
                    "the right side of 'in' must be an entity or a set of entities",
                    rightType,
                    "use 'contains' for values in a set");
        }
        EntityUid action = action(left);
        List<EntityUid> groups = many ? entities(right) : entity(right);
        if (action != null && groups != null) {
            return groups.stream().anyMatch(uid -> schema.isActionIn(action, uid)) ? TRUE : FALSE;
        }
        return schema.mayBeIn(member.name(), ancestor.name()) ? ANY : FALSE;
    }

    private @Nullable EntityUid action(Expr expr) {
        return literal(expr) instanceof EntityUid uid && schema.action(uid) != null ? uid : null;
    }

    private @Nullable List<EntityUid> entity(Expr expr) {
        return literal(expr) instanceof EntityUid uid ? List.of(uid) : null;
    }

    private @Nullable List<EntityUid> entities(Expr expr) {
        if (!(expr instanceof SetOf set)) {
            return null;
        }
        List<EntityUid> uids = new ArrayList<>();
        for (Expr element : set.elements()) {
            if (!(literal(element) instanceof EntityUid uid)) {
                return null;
            }
            uids.add(uid);
        }
        return uids;
    }

    /** Returns what an expression is known to be without evaluating anything; the action counts, as each has its own check. */
    private @Nullable Value literal(Expr expr) {
        if (expr instanceof Literal literal) {
            return literal.value();
        }
        return expr instanceof Var var && var.variable() == Variable.ACTION ? environment.action() : null;
    }

    private Typed is(Is is, Capabilities known) {
        Typed entity = type(is.entity(), known);
        if (!(entity.type() instanceof EntityType type)) {
            throw unexpected(is.entity(), "'is' tests the type of an entity", entity.type(), "use it on entities only");
        }
        if (!type.name().equals(is.type())) {
            return new Typed(is, FALSE, entity);
        }
        Expr group = is.in();
        if (group == null) {
            return new Typed(is, TRUE, entity);
        }
        Typed in = type(group, known);
        return new Typed(is, in(is.entity(), entity.type(), group, in.type()), entity, in);
    }

    private Typed hasAttribute(Has has, Capabilities known) {
        Typed of = type(has.of(), known);
        RecordType attributes;
        if (of.type() instanceof RecordType record) {
            attributes = record;
        } else if (of.type() instanceof EntityType entity) {
            attributes = attributesOf(entity);
        } else {
            throw unexpected(has.of(), "'has' tests an entity or a record", of.type(), "use it on one of these");
        }
        Attribute attribute = attributes.get(has.name());
        if (attribute == null) {
            return new Typed(has, FALSE, of);
        }
        if ((of.type() instanceof RecordType && attribute.required())
                || known.include(attribute(has.of(), has.name()))) {
            return new Typed(has, TRUE, of);
        }
        return new Typed(has, ANY, Capabilities.of(attribute(has.of(), has.name())), List.of(of));
    }

    private Typed getAttribute(GetAttr get, Capabilities known) {
        Typed of = type(get.of(), known);
        RecordType attributes;
        String owner;
        if (of.type() instanceof RecordType record) {
            attributes = record;
            owner = "the record";
        } else if (of.type() instanceof EntityType entity) {
            attributes = attributesOf(entity);
            owner = "'" + entity.name() + "'";
        } else {
            throw unexpected(
                    get.of(),
                    "only entities and records have attributes",
                    of.type(),
                    "read '" + get.name() + "' of one");
        }
        Attribute attribute = attributes.get(get.name());
        if (attribute == null) {
            throw new Rejected(
                    Kind.UNKNOWN_ATTRIBUTE,
                    get,
                    owner + " has no attribute '" + get.name() + "': "
                            + Spelling.hint(get.name(), attributes.attributes().keySet()));
        }
        if (!attribute.required() && !known.include(attribute(get.of(), get.name()))) {
            throw new Rejected(
                    Kind.UNGUARDED_ATTRIBUTE,
                    get,
                    "the attribute '" + get.name() + "' of " + owner
                            + " is optional and may be absent here; test it by 'has' first, joined by '&&'");
        }
        return new Typed(get, attribute.type(), of);
    }

    /** Returns what an entity has; actions have nothing. */
    private RecordType attributesOf(EntityType type) {
        EntityDeclaration declared = schema.entityType(type.name());
        return declared == null ? RecordType.EMPTY : declared.attributes();
    }

    private Typed hasTag(Binary hasTag, Typed entity, Typed key, Capabilities known) {
        Type tags = tagsOf(hasTag, entity, key);
        if (tags == null) {
            return new Typed(hasTag, FALSE, entity, key);
        }
        if (known.include(tag(hasTag))) {
            return new Typed(hasTag, TRUE, entity, key);
        }
        return new Typed(hasTag, ANY, Capabilities.of(tag(hasTag)), List.of(entity, key));
    }

    private Typed getTag(Binary getTag, Typed entity, Typed key, Capabilities known) {
        Type tags = tagsOf(getTag, entity, key);
        if (tags == null) {
            throw new Rejected(
                    Kind.TAGS_NOT_DECLARED,
                    getTag,
                    "'getTag' needs an entity type with tags, but " + entity.type()
                            + " declares none; declare them in the schema or read an attribute");
        }
        if (!known.include(tag(getTag))) {
            throw new Rejected(
                    Kind.UNGUARDED_TAG,
                    getTag,
                    "the tag may be absent here; test it by 'hasTag' with the same key first, joined by '&&'");
        }
        return new Typed(getTag, tags, entity, key);
    }

    private Known attribute(Expr of, String name) {
        return new Known(numbers.of(of), name);
    }

    private Known tag(Binary access) {
        return new Known(numbers.of(access.left()), numbers.of(access.right()));
    }

    private @Nullable Type tagsOf(Binary access, Typed entity, Typed key) {
        String rule = "'" + access.operator().cedarName() + "' takes an entity and a String";
        if (!(entity.type() instanceof EntityType type)) {
            throw unexpected(access.left(), rule, entity.type(), "call it on an entity");
        }
        if (key.type() != STRING) {
            throw unexpected(access.right(), rule, key.type(), "give the key as a text");
        }
        EntityDeclaration declared = schema.entityType(type.name());
        return declared == null ? null : declared.tags();
    }

    private Typed set(SetOf set, Capabilities known) {
        if (set.elements().isEmpty()) {
            throw new Rejected(
                    Kind.EMPTY_SET,
                    set,
                    "a set literal must have an element, as the type of '[]' cannot be told; use 'isEmpty' to test a set");
        }
        List<Typed> elements = new ArrayList<>(set.elements().size());
        for (Expr element : set.elements()) {
            elements.add(type(element, known));
        }
        Type joined = elements.get(0).type();
        for (Typed element : elements) {
            Type both = join(joined, element.type(), set);
            if (both == null) {
                throw incompatible(set, "all elements of a set", joined, element.type());
            }
            joined = both;
        }
        return new Typed(set, new SetType(joined), Capabilities.NONE, elements);
    }

    private Typed record(RecordOf record, Capabilities known) {
        SortedMap<String, Attribute> attributes = new TreeMap<>();
        List<Typed> parts = new ArrayList<>(record.attributes().size());
        record.attributes().forEach((name, value) -> {
            Typed typed = type(value, known);
            attributes.put(name, new Attribute(typed.type(), true));
            parts.add(typed);
        });
        return new Typed(record, new RecordType(attributes), Capabilities.NONE, parts);
    }

    private Typed call(Call call, Capabilities known) {
        List<Typed> arguments = new ArrayList<>(call.arguments().size());
        for (Expr argument : call.arguments()) {
            arguments.add(type(argument, known));
        }
        Signature signature = Signature.of(call.function());
        if (arguments.size() != signature.parameters().size()) {
            throw new Rejected(
                    Kind.WRONG_ARGUMENTS,
                    call,
                    "'" + call.function().cedarName() + "' takes "
                            + count(call, signature.parameters().size()) + ", but is given "
                            + count(call, arguments.size()));
        }
        if (!call.function().isMethod()) {
            requireLiteral(call);
        } else {
            for (int i = 0; i < arguments.size(); i++) {
                if (arguments.get(i).type() != signature.parameters().get(i)) {
                    throw unexpected(
                            call.arguments().get(i),
                            "'" + call.function().cedarName() + "' "
                                    + (i == 0 ? "is a method of " : "takes as argument a ")
                                    + signature.parameters().get(i),
                            arguments.get(i).type(),
                            "give it one");
                }
            }
        }
        return new Typed(call, signature.result(), Capabilities.NONE, arguments);
    }

    private static String count(Call call, int arguments) {
        int written = call.function().isMethod() ? arguments - 1 : arguments;
        return written == 0 ? "no argument" : written == 1 ? "1 argument" : written + " arguments";
    }

    private static void requireLiteral(Call call) {
        String name = call.function().cedarName();
        if (!(call.arguments().get(0) instanceof Literal literal && literal.value() instanceof StringValue text)) {
            throw new Rejected(
                    Kind.EXTENSION_LITERAL,
                    call,
                    "'" + name + "' must be called with a text written in the policy, so that it cannot fail later; "
                            + "declare the attribute itself as "
                            + Signature.of(call.function()).result());
        }
        try {
            call.function().construct(text.value());
        } catch (EvaluationException e) {
            throw new Rejected(Kind.EXTENSION_LITERAL, call, "the text is no " + name + ": " + e.getMessage());
        }
    }

    /** Returns the least type of which both are, null if there is none. */
    private @Nullable Type join(Type one, Type other, Expr at) {
        if (one == other) {
            return one;
        }
        effort.spend(1, at);
        if (one instanceof BoolType && other instanceof BoolType) {
            return ANY;
        }
        if (one instanceof SetType first && other instanceof SetType second) {
            Type element = join(first.element(), second.element(), at);
            return element == null ? null : new SetType(element);
        }
        if (one instanceof RecordType first && other instanceof RecordType second) {
            return join(first, second, at);
        }
        return one instanceof EntityType && one.equals(other) ? one : null;
    }

    private @Nullable Type join(RecordType one, RecordType other, Expr at) {
        if (!one.attributes().keySet().equals(other.attributes().keySet())) {
            return null;
        }
        SortedMap<String, Attribute> joined = new TreeMap<>();
        for (Map.Entry<String, Attribute> entry : one.attributes().entrySet()) {
            Attribute first = entry.getValue();
            Attribute second = other.get(entry.getKey());
            if (second == null || first.required() != second.required()) {
                return null;
            }
            Type type = join(first.type(), second.type(), at);
            if (type == null) {
                return null;
            }
            joined.put(entry.getKey(), new Attribute(type, first.required()));
        }
        return new RecordType(joined);
    }

    private static Rejected unexpected(Expr at, String rule, Type found, String advice) {
        return new Rejected(Kind.UNEXPECTED_TYPE, at, rule + ", but this is a " + TypeText.of(found) + "; " + advice);
    }

    private static Rejected incompatible(Expr at, String what, Type one, Type other) {
        return new Rejected(
                Kind.INCOMPATIBLE_TYPES,
                at,
                what + " must have one type, but they have " + TypeText.of(one) + " and " + TypeText.of(other)
                        + "; use values of one type");
    }
}
