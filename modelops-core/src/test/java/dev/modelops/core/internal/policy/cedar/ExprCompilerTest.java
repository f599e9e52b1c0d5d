package dev.modelops.core.internal.policy.cedar;

import static dev.modelops.core.internal.policy.cedar.Exprs.ACTION;
import static dev.modelops.core.internal.policy.cedar.Exprs.CONTEXT;
import static dev.modelops.core.internal.policy.cedar.Exprs.ERROR;
import static dev.modelops.core.internal.policy.cedar.Exprs.FALSE;
import static dev.modelops.core.internal.policy.cedar.Exprs.PRINCIPAL;
import static dev.modelops.core.internal.policy.cedar.Exprs.RESOURCE;
import static dev.modelops.core.internal.policy.cedar.Exprs.TRUE;
import static dev.modelops.core.internal.policy.cedar.Exprs.and;
import static dev.modelops.core.internal.policy.cedar.Exprs.bin;
import static dev.modelops.core.internal.policy.cedar.Exprs.call;
import static dev.modelops.core.internal.policy.cedar.Exprs.choose;
import static dev.modelops.core.internal.policy.cedar.Exprs.decimal;
import static dev.modelops.core.internal.policy.cedar.Exprs.entity;
import static dev.modelops.core.internal.policy.cedar.Exprs.eq;
import static dev.modelops.core.internal.policy.cedar.Exprs.get;
import static dev.modelops.core.internal.policy.cedar.Exprs.has;
import static dev.modelops.core.internal.policy.cedar.Exprs.in;
import static dev.modelops.core.internal.policy.cedar.Exprs.isEmpty;
import static dev.modelops.core.internal.policy.cedar.Exprs.neg;
import static dev.modelops.core.internal.policy.cedar.Exprs.not;
import static dev.modelops.core.internal.policy.cedar.Exprs.num;
import static dev.modelops.core.internal.policy.cedar.Exprs.or;
import static dev.modelops.core.internal.policy.cedar.Exprs.record;
import static dev.modelops.core.internal.policy.cedar.Exprs.set;
import static dev.modelops.core.internal.policy.cedar.Exprs.str;
import static dev.modelops.core.internal.policy.cedar.Exprs.uid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExprCompilerTest {
    private static final EntityUid ALICE = uid("User", "alice");
    private static final EntityUid STAFF = uid("Group", "staff");
    private static final Expr NOBODY = entity("User", "nobody");
    private static final Query QUERY = new StoredQuery(
            ALICE,
            uid("Action", "view"),
            uid("Photo", "sea"),
            RecordValue.of(Map.of(
                    "n",
                    new LongValue(3),
                    "s",
                    new StringValue("text"),
                    "inner",
                    RecordValue.of(Map.of("deep", BoolValue.of(true))))),
            EntityStore.of(
                    List.of(new Entity(ALICE, RecordValue.of(Map.of("age", new LongValue(40))), Set.of(STAFF)))));

    private static Value evaluate(Expr expr) {
        return ExprCompiler.compile(expr).evaluate(QUERY);
    }

    static Stream<Arguments> truths() {
        Expr one = num(1);
        Expr two = num(2);
        return Stream.of(
                arguments(eq(one, one), true),
                arguments(eq(one, two), false),
                arguments(eq(one, str("1")), false),
                arguments(eq(TRUE, one), false),
                arguments(eq(PRINCIPAL, str("alice")), false),
                arguments(eq(PRINCIPAL, entity("User", "alice")), true),
                arguments(eq(entity("A", "x"), entity("B", "x")), false),
                arguments(eq(set(one, two, two), set(two, one)), true),
                arguments(eq(set(one), set(one, two)), false),
                arguments(eq(set(set(one), set(one)), set(set(one))), true),
                arguments(eq(record(Map.of("a", one)), record(Map.of("a", one))), true),
                arguments(eq(record(Map.of("a", one)), record(Map.of("b", one))), false),
                arguments(eq(record(Map.of()), set()), false),
                arguments(eq(decimal("1.0"), decimal("1.0000")), true),
                arguments(eq(decimal("1.0"), one), false),
                arguments(bin(one, BinaryOperator.NOT_EQUAL, str("1")), true),
                arguments(bin(one, BinaryOperator.NOT_EQUAL, one), false),
                arguments(bin(one, BinaryOperator.LESS, two), true),
                arguments(bin(one, BinaryOperator.LESS, one), false),
                arguments(bin(one, BinaryOperator.LESS_OR_EQUAL, one), true),
                arguments(bin(two, BinaryOperator.LESS_OR_EQUAL, one), false),
                arguments(bin(two, BinaryOperator.GREATER, one), true),
                arguments(bin(one, BinaryOperator.GREATER, one), false),
                arguments(bin(one, BinaryOperator.GREATER_OR_EQUAL, one), true),
                arguments(bin(one, BinaryOperator.GREATER_OR_EQUAL, two), false),
                arguments(not(FALSE), true),
                arguments(and(TRUE, TRUE), true),
                arguments(and(TRUE, FALSE), false),
                arguments(and(FALSE, ERROR), false),
                arguments(and(FALSE, one), false),
                arguments(or(FALSE, TRUE), true),
                arguments(or(FALSE, FALSE), false),
                arguments(or(TRUE, ERROR), true),
                arguments(or(TRUE, one), true),
                arguments(choose(TRUE, TRUE, ERROR), true),
                arguments(choose(FALSE, ERROR, FALSE), false),
                arguments(in(PRINCIPAL, entity("Group", "staff")), true),
                arguments(in(PRINCIPAL, entity("Group", "other")), false),
                arguments(in(NOBODY, NOBODY), true),
                arguments(in(NOBODY, entity("Group", "staff")), false),
                arguments(in(PRINCIPAL, set(NOBODY, entity("Group", "staff"))), true),
                arguments(in(PRINCIPAL, set()), false),
                arguments(in(NOBODY, set(entity("Group", "staff"), NOBODY)), true),
                arguments(in(ACTION, entity("Action", "view")), true),
                arguments(has(PRINCIPAL, "age"), true),
                arguments(has(PRINCIPAL, "name"), false),
                arguments(has(NOBODY, "age"), false),
                arguments(has(CONTEXT, "n"), true),
                arguments(has(CONTEXT, "m"), false),
                arguments(and(has(CONTEXT, "inner"), has(get(CONTEXT, "inner"), "deep")), true),
                arguments(and(has(CONTEXT, "inner"), has(get(CONTEXT, "inner"), "other")), false),
                arguments(and(has(CONTEXT, "none"), has(get(CONTEXT, "none"), "deep")), false),
                arguments(get(CONTEXT, "inner", "deep"), true),
                arguments(new Is(PRINCIPAL, "User", null), true),
                arguments(new Is(PRINCIPAL, "Photo", null), false),
                arguments(new Is(PRINCIPAL, "User", entity("Group", "staff")), true),
                arguments(new Is(PRINCIPAL, "User", entity("Group", "other")), false),
                arguments(new Is(PRINCIPAL, "Photo", ERROR), false),
                arguments(new Is(NOBODY, "User", null), true),
                arguments(new Like(str("a.jpg"), Pattern.parse("*.jpg")), true),
                arguments(new Like(str("a.jpg"), Pattern.parse("*.png")), false),
                arguments(bin(set(one, two), BinaryOperator.CONTAINS, two), true),
                arguments(bin(set(one, two), BinaryOperator.CONTAINS, str("2")), false),
                arguments(bin(set(one, two), BinaryOperator.CONTAINS_ALL, set(two)), true),
                arguments(bin(set(one), BinaryOperator.CONTAINS_ALL, set(one, two)), false),
                arguments(bin(set(one), BinaryOperator.CONTAINS_ALL, set()), true),
                arguments(bin(set(one), BinaryOperator.CONTAINS_ANY, set(two, one)), true),
                arguments(bin(set(one), BinaryOperator.CONTAINS_ANY, set(two)), false),
                arguments(bin(set(one), BinaryOperator.CONTAINS_ANY, set()), false),
                arguments(isEmpty(set()), true),
                arguments(isEmpty(set(one)), false),
                arguments(call(ExtensionFunction.LESS_THAN, decimal("0.1"), decimal("0.2")), true),
                arguments(call(ExtensionFunction.LESS_THAN, decimal("0.2"), decimal("0.2")), false),
                arguments(call(ExtensionFunction.LESS_THAN_OR_EQUAL, decimal("0.2"), decimal("0.2")), true),
                arguments(call(ExtensionFunction.LESS_THAN_OR_EQUAL, decimal("0.3"), decimal("0.2")), false),
                arguments(call(ExtensionFunction.GREATER_THAN, decimal("0.3"), decimal("-0.3")), true),
                arguments(call(ExtensionFunction.GREATER_THAN, decimal("0.3"), decimal("0.3")), false),
                arguments(call(ExtensionFunction.GREATER_THAN_OR_EQUAL, decimal("0.80"), decimal("0.8")), true),
                arguments(call(ExtensionFunction.GREATER_THAN_OR_EQUAL, decimal("0.7999"), decimal("0.8")), false));
    }

    @ParameterizedTest
    @MethodSource("truths")
    void operatorsGiveTheTruthValueCedarGives(Expr expr, boolean expected) {
        assertThat(evaluate(expr)).as(CedarText.of(expr)).isEqualTo(BoolValue.of(expected));
    }

    static Stream<Arguments> values() {
        return Stream.of(
                arguments(bin(num(2), BinaryOperator.ADD, num(3)), new LongValue(5)),
                arguments(bin(num(2), BinaryOperator.SUBTRACT, num(3)), new LongValue(-1)),
                arguments(bin(num(-2), BinaryOperator.MULTIPLY, num(3)), new LongValue(-6)),
                arguments(neg(num(Long.MAX_VALUE)), new LongValue(-Long.MAX_VALUE)),
                arguments(choose(FALSE, num(1), str("no")), new StringValue("no")),
                arguments(get(PRINCIPAL, "age"), new LongValue(40)),
                arguments(get(record(Map.of("a b", num(1))), "a b"), new LongValue(1)),
                arguments(RESOURCE, uid("Photo", "sea")),
                arguments(set(num(1), num(1)), SetValue.of(List.of(new LongValue(1)))),
                arguments(decimal("-1.5"), new DecimalValue(-15000)));
    }

    @ParameterizedTest
    @MethodSource("values")
    void expressionsHaveTheValueCedarGives(Expr expr, Value expected) {
        assertThat(evaluate(expr)).as(CedarText.of(expr)).isEqualTo(expected);
    }

    static Stream<Expr> errors() {
        Expr text = str("x");
        return Stream.of(
                ERROR,
                get(PRINCIPAL, "name"),
                get(NOBODY, "age"),
                get(num(1), "x"),
                has(num(1), "x"),
                has(ERROR, "x"),
                not(num(1)),
                neg(text),
                neg(num(Long.MIN_VALUE)),
                bin(num(Long.MAX_VALUE), BinaryOperator.ADD, num(1)),
                bin(num(Long.MIN_VALUE), BinaryOperator.SUBTRACT, num(1)),
                bin(num(Long.MAX_VALUE), BinaryOperator.MULTIPLY, num(2)),
                bin(text, BinaryOperator.ADD, text),
                bin(text, BinaryOperator.LESS, text),
                bin(num(1), BinaryOperator.LESS, text),
                bin(num(1), BinaryOperator.GREATER_OR_EQUAL, decimal("1.0")),
                bin(decimal("1.0"), BinaryOperator.LESS, decimal("2.0")),
                eq(ERROR, TRUE),
                eq(TRUE, ERROR),
                and(TRUE, ERROR),
                and(ERROR, FALSE),
                and(TRUE, num(1)),
                and(num(1), TRUE),
                or(ERROR, TRUE),
                or(FALSE, num(1)),
                or(num(1), TRUE),
                choose(num(1), TRUE, TRUE),
                choose(TRUE, ERROR, TRUE),
                in(PRINCIPAL, num(1)),
                in(num(1), PRINCIPAL),
                in(PRINCIPAL, set(PRINCIPAL, num(1))),
                in(PRINCIPAL, set(entity("User", "alice"), num(1))),
                new Is(num(1), "User", null),
                new Is(PRINCIPAL, "User", num(1)),
                new Like(num(1), Pattern.parse("*")),
                bin(num(1), BinaryOperator.CONTAINS, num(1)),
                bin(set(), BinaryOperator.CONTAINS, ERROR),
                bin(set(), BinaryOperator.CONTAINS_ALL, num(1)),
                bin(num(1), BinaryOperator.CONTAINS_ANY, set()),
                isEmpty(text),
                set(TRUE, ERROR),
                record(Map.of("a", ERROR)),
                decimal("1"),
                call(ExtensionFunction.DECIMAL, num(1)),
                call(ExtensionFunction.LESS_THAN, num(1), decimal("1.0")),
                call(ExtensionFunction.LESS_THAN, decimal("1.0"), num(1)));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void expressionsErrWhereCedarErrs(Expr expr) {
        assertThatExceptionOfType(EvaluationException.class)
                .as(CedarText.of(expr))
                .isThrownBy(() -> evaluate(expr));
    }

    @Test
    void expressionsThatNestTooDeeplyAreRefusedWithoutRecursion() {
        Expr deep = TRUE;
        for (int i = 0; i < 100_000; i++) {
            deep = not(deep);
        }
        Expr tooDeep = deep;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExprCompiler.compile(tooDeep))
                .withMessageContaining("256");
    }

    @Test
    void expressionsMayNestToTheLimit() {
        Expr deep = TRUE;
        for (int i = 1; i < Expr.MAX_DEPTH; i++) {
            deep = not(deep);
        }
        Expr deepest = deep;
        assertThat(evaluate(deepest)).isEqualTo(BoolValue.of(false));
        assertThatIllegalArgumentException().isThrownBy(() -> ExprCompiler.compile(not(deepest)));
    }

    @Test
    void literalsAreValuesThatCedarCanWriteDown() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Expr.Literal(new DecimalValue(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Expr.Literal(RecordValue.EMPTY));
    }

    @Test
    void callsWithAWrongNumberOfArgumentsHaveNoValue() {
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> evaluate(call(ExtensionFunction.LESS_THAN, decimal("1.0"))))
                .withMessageContaining("takes 2 arguments");
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> evaluate(call(ExtensionFunction.DECIMAL)))
                .withMessageContaining("takes 1 argument");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> call(ExtensionFunction.LESS_THAN))
                .withMessageContaining("receiver");
    }
}
