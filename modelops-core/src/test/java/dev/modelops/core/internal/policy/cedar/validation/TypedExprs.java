package dev.modelops.core.internal.policy.cedar.validation;

import static java.util.Objects.requireNonNull;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr;
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
import dev.modelops.core.internal.policy.cedar.ExtensionFunction;
import dev.modelops.core.internal.policy.cedar.Pattern;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.schema.EntityDeclaration;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import dev.modelops.core.internal.policy.cedar.schema.Type.Attribute;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType;
import dev.modelops.core.internal.policy.cedar.schema.Type.Primitive;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.schema.Type.SetType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Expressions drawn at random that mostly are of the type asked for, and now and then are of another, read what may be
 * absent, or test one thing and read another.
 */
final class TypedExprs {
    private static final List<Type> TYPES = List.of(
            Type.BoolType.ANY,
            Primitive.LONG,
            Primitive.STRING,
            ExtensionType.DECIMAL,
            ExtensionType.IPADDR,
            ExtensionType.DATETIME,
            ExtensionType.DURATION,
            new EntityType("User"),
            new EntityType("Group"),
            new EntityType("Doc"),
            new SetType(Primitive.LONG),
            new SetType(new EntityType("Group")));
    private static final int SLIP = 60;

    private final Schema schema;
    private final RequestEnvironment environment;
    private final Random random;

    TypedExprs(Schema schema, RequestEnvironment environment, Random random) {
        this.schema = schema;
        this.environment = environment;
        this.random = random;
    }

    /** An expression and its type. */
    private record Path(Expr expr, Type type) {}

    Expr truth(int depth) {
        if (depth <= 0) {
            return choice(3) == 0 ? path(Type.BoolType.ANY) : new Literal(BoolValue.of(random.nextBoolean()));
        }
        int next = depth - 1;
        return switch (choice(19)) {
            case 0, 1 -> binary(truth(next), BinaryOperator.AND, truth(next));
            case 2 -> binary(truth(next), BinaryOperator.OR, truth(next));
            case 3 -> new Unary(UnaryOperator.NOT, truth(next));
            case 4 -> new If(truth(next), truth(next), truth(next));
            case 5, 6, 7 -> guarded(next);
            case 8 -> {
                Type type = pick(TYPES);
                yield binary(
                        of(type, next),
                        random.nextBoolean() ? BinaryOperator.EQUAL : BinaryOperator.NOT_EQUAL,
                        of(type, next));
            }
            case 9, 10 -> {
                Type type = pick(List.of(Primitive.LONG, ExtensionType.DATETIME, ExtensionType.DURATION));
                BinaryOperator operator = pick(List.of(
                        BinaryOperator.LESS,
                        BinaryOperator.LESS_OR_EQUAL,
                        BinaryOperator.GREATER,
                        BinaryOperator.GREATER_OR_EQUAL));
                yield binary(of(type, next), operator, of(type, next));
            }
            case 11 ->
                binary(
                        of(pick(TYPES.subList(7, 10)), next),
                        BinaryOperator.IN,
                        of(random.nextBoolean() ? new EntityType("Group") : TYPES.get(11), next));
            case 12 -> {
                SetType type = (SetType) pick(TYPES.subList(10, 12));
                yield random.nextBoolean()
                        ? binary(of(type, next), BinaryOperator.CONTAINS, of(type.element(), next))
                        : binary(
                                of(type, next),
                                random.nextBoolean() ? BinaryOperator.CONTAINS_ALL : BinaryOperator.CONTAINS_ANY,
                                of(type, next));
            }
            case 13 -> new Like(of(Primitive.STRING, next), Pattern.parse("a*"));
            case 14 -> new Is(of(pick(TYPES.subList(7, 10)), next), pick(List.of("User", "Doc", "Folder")), null);
            case 15 -> new Unary(UnaryOperator.IS_EMPTY, of(pick(TYPES.subList(10, 12)), next));
            case 16 ->
                call(ExtensionFunction.LESS_THAN, of(ExtensionType.DECIMAL, next), of(ExtensionType.DECIMAL, next));
            case 17 ->
                call(ExtensionFunction.IS_IN_RANGE, of(ExtensionType.IPADDR, next), of(ExtensionType.IPADDR, next));
            default -> path(Type.BoolType.ANY);
        };
    }

    /** Returns a test for something that may be absent, joined with an expression that reads it, or something else. */
    private Expr guarded(int depth) {
        List<Path> optional = new ArrayList<>();
        List<Expr> tests = new ArrayList<>();
        for (Path path : paths(true)) {
            if (path.expr() instanceof GetAttr get) {
                optional.add(path);
                tests.add(new Has(get.of(), get.name()));
            } else if (path.expr() instanceof Binary tag) {
                optional.add(path);
                tests.add(new Binary(BinaryOperator.HAS_TAG, tag.left(), tag.right()));
            }
        }
        int chosen = random.nextInt(optional.size());
        Path read = choice(8) == 0 ? pick(optional) : optional.get(chosen);
        Expr test = tests.get(chosen);
        if (choice(6) == 0) {
            test = binary(test, BinaryOperator.AND, truth(depth - 1));
        } else if (choice(10) == 0) {
            test = binary(test, BinaryOperator.OR, truth(depth - 1));
        } else if (choice(20) == 0) {
            test = new Unary(UnaryOperator.NOT, test);
        }
        Expr use = use(read, depth);
        return choice(4) == 0 ? new If(test, use, truth(depth - 1)) : binary(test, BinaryOperator.AND, use);
    }

    private Expr use(Path read, int depth) {
        if (read.type() == Type.BoolType.ANY) {
            return read.expr();
        } else if (read.type() == Primitive.LONG) {
            return binary(read.expr(), BinaryOperator.LESS, of(Primitive.LONG, depth));
        } else if (read.type() instanceof SetType set) {
            return binary(read.expr(), BinaryOperator.CONTAINS, of(set.element(), depth));
        }
        return binary(read.expr(), BinaryOperator.EQUAL, of(read.type(), depth));
    }

    private Expr of(Type type, int depth) {
        if (choice(SLIP) == 0) {
            return ofExactly(pick(TYPES), depth);
        }
        return ofExactly(type, depth);
    }

    private Expr ofExactly(Type type, int depth) {
        if (type instanceof Type.BoolType) {
            return truth(depth);
        }
        if (depth > 0 && choice(8) == 0) {
            return new If(truth(depth - 1), of(type, depth - 1), of(type, depth - 1));
        }
        if (depth > 0 && choice(12) == 0) {
            return new GetAttr(RecordOf.of(Map.of("a", of(type, depth - 1), "b", of(pick(TYPES), 0))), "a");
        }
        if (choice(2) == 0) {
            return path(type);
        }
        return depth > 0 ? made(type, depth - 1) : literal(type);
    }

    private Expr made(Type type, int depth) {
        if (type == Primitive.LONG) {
            return switch (choice(5)) {
                case 0 -> new Unary(UnaryOperator.NEGATE, of(type, depth));
                case 1 -> call(ExtensionFunction.TO_SECONDS, of(ExtensionType.DURATION, depth));
                default ->
                    binary(
                            of(type, depth),
                            pick(List.of(BinaryOperator.ADD, BinaryOperator.SUBTRACT, BinaryOperator.MULTIPLY)),
                            of(type, depth));
            };
        } else if (type == ExtensionType.DATETIME) {
            return random.nextBoolean()
                    ? call(ExtensionFunction.OFFSET, of(type, depth), of(ExtensionType.DURATION, depth))
                    : call(ExtensionFunction.TO_DATE, of(type, depth));
        } else if (type == ExtensionType.DURATION) {
            return random.nextBoolean()
                    ? call(
                            ExtensionFunction.DURATION_SINCE,
                            of(ExtensionType.DATETIME, depth),
                            of(ExtensionType.DATETIME, depth))
                    : call(ExtensionFunction.TO_TIME, of(ExtensionType.DATETIME, depth));
        } else if (type instanceof SetType set) {
            List<Expr> elements = new ArrayList<>();
            for (int i = choice(20) == 0 ? 0 : 1 + choice(3); i > 0; i--) {
                elements.add(of(set.element(), depth));
            }
            return new SetOf(elements);
        }
        return literal(type);
    }

    private Expr literal(Type type) {
        if (type == Primitive.LONG) {
            return new Literal(
                    new LongValue(choice(6) == 0 ? pick(List.of(Long.MIN_VALUE, Long.MAX_VALUE)) : random.nextInt(5)));
        } else if (type == Primitive.STRING) {
            return new Literal(new StringValue(pick(List.of("a", "ab", "b"))));
        } else if (type instanceof ExtensionType extension) {
            return switch (extension) {
                case DECIMAL ->
                    text(ExtensionFunction.DECIMAL, pick(List.of("0.5", "-3.25", choice(5) == 0 ? "x" : "1.0")));
                case IPADDR -> text(ExtensionFunction.IP, pick(List.of("10.0.0.1", "10.0.0.0/8", "::1")));
                case DATETIME -> text(ExtensionFunction.DATETIME, pick(List.of("2024-01-01", "1969-12-31T23:59:59Z")));
                case DURATION ->
                    text(ExtensionFunction.DURATION, pick(List.of("1d2h", "-5ms", "9223372036854775807ms")));
            };
        } else if (type instanceof EntityType entity) {
            return new Literal(new EntityUid(entity.name(), pick(Worlds.ids(schema, entity.name()))));
        } else if (type instanceof SetType set) {
            return new SetOf(List.of(literal(set.element())));
        }
        return new Literal(BoolValue.of(random.nextBoolean()));
    }

    /** Returns something of the request that has a type; sometimes it may be absent. */
    private Expr path(Type type) {
        List<Path> fitting = paths(choice(SLIP) == 0).stream()
                .filter(path -> path.type().equals(type))
                .toList();
        return fitting.isEmpty() ? literal(type) : pick(fitting).expr();
    }

    /** Returns what the request leads to: what is always there, or all that may be absent. */
    private List<Path> paths(boolean optional) {
        List<Path> paths = new ArrayList<>();
        walk(new Path(new Var(Variable.PRINCIPAL), new EntityType(environment.principalType())), optional, 3, paths);
        walk(new Path(new Var(Variable.RESOURCE), new EntityType(environment.resourceType())), optional, 3, paths);
        RecordType context = requireNonNull(schema.action(environment.action())).context();
        walk(new Path(new Var(Variable.CONTEXT), context), optional, 3, paths);
        return paths;
    }

    private void walk(Path at, boolean optional, int depth, List<Path> paths) {
        if (!optional) {
            paths.add(at);
        }
        if (depth == 0) {
            return;
        }
        SortedMap<String, Attribute> attributes = new TreeMap<>();
        if (at.type() instanceof RecordType record) {
            attributes.putAll(record.attributes());
        } else if (at.type() instanceof EntityType entity) {
            EntityDeclaration declared = requireNonNull(schema.entityType(entity.name()));
            attributes.putAll(declared.attributes().attributes());
            if (optional && declared.tags() != null) {
                Expr key = new Literal(new StringValue(pick(List.of("a", "b"))));
                paths.add(new Path(binary(at.expr(), BinaryOperator.GET_TAG, key), declared.tags()));
            }
        }
        attributes.forEach((name, attribute) -> {
            Path path = new Path(new GetAttr(at.expr(), name), attribute.type());
            if (attribute.required()) {
                walk(path, optional, depth - 1, paths);
            } else if (optional) {
                paths.add(path);
            }
        });
    }

    private static Expr binary(Expr left, BinaryOperator operator, Expr right) {
        return new Binary(operator, left, right);
    }

    private static Expr call(ExtensionFunction function, Expr... arguments) {
        return new Call(function, List.of(arguments));
    }

    private static Expr text(ExtensionFunction function, String text) {
        return call(function, new Literal(new StringValue(text)));
    }

    private int choice(int count) {
        return random.nextInt(count);
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
