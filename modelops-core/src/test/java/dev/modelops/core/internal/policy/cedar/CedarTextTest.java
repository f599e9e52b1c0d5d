package dev.modelops.core.internal.policy.cedar;

import static dev.modelops.core.internal.policy.cedar.Exprs.CONTEXT;
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
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CedarTextTest {
    static Stream<Arguments> texts() {
        return Stream.of(
                arguments(and(or(TRUE, FALSE), TRUE), "(true || false) && true"),
                arguments(or(and(TRUE, FALSE), TRUE), "true && false || true"),
                arguments(and(and(TRUE, FALSE), TRUE), "true && false && true"),
                arguments(and(TRUE, and(FALSE, TRUE)), "true && (false && true)"),
                arguments(eq(eq(TRUE, FALSE), TRUE), "(true == false) == true"),
                arguments(
                        bin(bin(num(1), BinaryOperator.SUBTRACT, num(2)), BinaryOperator.SUBTRACT, num(3)),
                        "1 - 2 - 3"),
                arguments(
                        bin(num(1), BinaryOperator.SUBTRACT, bin(num(2), BinaryOperator.SUBTRACT, num(3))),
                        "1 - (2 - 3)"),
                arguments(
                        bin(bin(num(1), BinaryOperator.ADD, num(2)), BinaryOperator.MULTIPLY, num(-3)), "(1 + 2) * -3"),
                arguments(not(and(TRUE, FALSE)), "!(true && false)"),
                arguments(neg(num(1)), "-(1)"),
                arguments(neg(get(CONTEXT, "n")), "-context.n"),
                arguments(get(CONTEXT, "a", "b c", "if"), "context.a[\"b c\"][\"if\"]"),
                arguments(has(get(CONTEXT, "a"), "b c"), "context.a has \"b c\""),
                arguments(get(choose(TRUE, PRINCIPAL, RESOURCE), "x"), "(if true then principal else resource).x"),
                arguments(in(PRINCIPAL, set(entity("Role", "a"))), "principal in [Role::\"a\"]"),
                arguments(new Is(RESOURCE, "Model", null), "resource is Model"),
                arguments(new Is(RESOURCE, "Model", entity("Team", "x")), "resource is Model in Team::\"x\""),
                arguments(new Like(str("a"), Pattern.parse("*\\*\"")), "\"a\" like \"*\\*\\\"\""),
                arguments(isEmpty(set()), "[].isEmpty()"),
                arguments(bin(set(), BinaryOperator.CONTAINS, num(1)), "[].contains(1)"),
                arguments(record(Map.of("a", num(1), "b c", TRUE)), "{a: 1, \"b c\": true}"),
                arguments(
                        call(ExtensionFunction.LESS_THAN, get(CONTEXT, "auc"), decimal("0.8")),
                        "context.auc.lessThan(decimal(\"0.8\"))"),
                arguments(str("\"\\\n\u0001"), "\"\\\"\\\\\\n\\u{1}\""));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void expressionsReadAsInCedar(Expr expr, String expected) {
        assertThat(CedarText.of(expr)).isEqualTo(expected);
    }

    @Test
    void valuesReadTheSameWhateverTheOrderOfTheirSets() {
        Value one = new LongValue(1);
        Value two = new StringValue("b");
        assertThat(CedarText.of(SetValue.of(List.of(one, two))))
                .isEqualTo(CedarText.of(SetValue.of(List.of(two, one))))
                .isEqualTo("[\"b\", 1]");
        assertThat(CedarText.of(RecordValue.of(Map.of("x", one, "a", two)))).isEqualTo("{a: \"b\", x: 1}");
        assertThat(CedarText.of(RecordValue.EMPTY)).isEqualTo("{}");
        assertThat(CedarText.of(new DecimalValue(5000))).isEqualTo("decimal(\"0.5\")");
    }
}
