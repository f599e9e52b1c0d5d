package dev.modelops.core.internal.policy.cedar;

import static dev.modelops.core.internal.policy.cedar.Exprs.CONTEXT;
import static dev.modelops.core.internal.policy.cedar.Exprs.decimal;
import static dev.modelops.core.internal.policy.cedar.Exprs.entity;
import static dev.modelops.core.internal.policy.cedar.Exprs.get;
import static dev.modelops.core.internal.policy.cedar.Exprs.num;
import static dev.modelops.core.internal.policy.cedar.Exprs.record;
import static dev.modelops.core.internal.policy.cedar.Exprs.set;
import static dev.modelops.core.internal.policy.cedar.Exprs.uid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyJsonTest {
    private static String document(String policies) {
        return "{\"templates\":{},\"staticPolicies\":{" + policies + "},\"templateLinks\":[]}";
    }

    private static String policy(String body) {
        return "{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":{\"op\":\"All\"},\"resource\":{\"op\":\"All\"},"
                + "\"annotations\":{},\"conditions\":[" + body + "]}";
    }

    private static String when(String expr) {
        return document("\"p\":" + policy("{\"kind\":\"when\",\"body\":" + expr + "}"));
    }

    private static Expr body(String expr) {
        CedarPolicy policy = PolicyJson.read(when(expr)).policies().get("p");
        return policy == null ? Exprs.ERROR : policy.clauses().get(0).body();
    }

    @Test
    void writtenValuesAndPathsAreReadAsTheCallsTheyStandFor() {
        assertThat(body("{\"Value\":{\"__extn\":{\"fn\":\"offset\",\"args\":[{\"__extn\":{\"fn\":\"datetime\",\"arg\":"
                        + "\"1970-01-01\"}},{\"__extn\":{\"fn\":\"duration\",\"arg\":\"1ms\"}}]}}}"))
                .isEqualTo(PolicyParser.expr("datetime(\"1970-01-01\").offset(duration(\"1ms\"))"));
        assertThat(body("{\"has\":{\"left\":{\"Var\":\"context\"},\"attr\":[\"a\",\"b\",\"c\"]}}"))
                .isEqualTo(PolicyParser.expr("context has a.b.c"));
    }

    @Test
    void theDocumentedExampleReads() {
        String example = """
                {"staticPolicies": {"view": {
                    "effect": "permit",
                    "principal": {"op": "==", "entity": {"type": "User", "id": "12UA45"}},
                    "action": {"op": "==", "entity": {"type": "Action", "id": "view"}},
                    "resource": {"op": "in", "entity": {"type": "Folder", "id": "abc"}},
                    "conditions": [{"kind": "when", "body": {"==": {
                        "left": {".": {"left": {"Var": "context"}, "attr": "tls_version"}},
                        "right": {"Value": "1.3"}}}}]}}}
                """;
        CedarPolicy policy = new CedarPolicy(
                Effect.PERMIT,
                new Scope.Eq(uid("User", "12UA45")),
                new Scope.Eq(uid("Action", "view")),
                new Scope.In(uid("Folder", "abc")),
                new TreeMap<>(),
                List.of(new Clause(Clause.Kind.WHEN, Exprs.eq(get(CONTEXT, "tls_version"), Exprs.str("1.3")))));
        assertThat(PolicyJson.read(example).policies()).isEqualTo(Map.of("view", policy));
    }

    @Test
    void theWrittenDocumentHasAFixedForm() {
        CedarPolicy policy = new CedarPolicy(
                Effect.FORBID,
                new Scope.IsIn("User", uid("Role", "r")),
                new Scope.InAny(List.of(uid("Action", "b"), uid("Action", "a"))),
                new Scope.Is("Model"),
                new TreeMap<>(Map.of("id", "x", "expects", "é")),
                List.of(new Clause(Clause.Kind.UNLESS, new Like(get(CONTEXT, "s"), Pattern.parse("a*\\*")))));
        assertThat(PolicyJson.write(new CedarPolicySet(new TreeMap<>(Map.of("x", policy)))))
                .isEqualTo(
                        "{\"templates\":{},\"staticPolicies\":{\"x\":{\"effect\":\"forbid\","
                                + "\"principal\":{\"op\":\"is\",\"entity_type\":\"User\",\"in\":{\"entity\":{\"type\":\"Role\",\"id\":\"r\"}}},"
                                + "\"action\":{\"op\":\"in\",\"entities\":[{\"type\":\"Action\",\"id\":\"b\"},{\"type\":\"Action\",\"id\":\"a\"}]},"
                                + "\"resource\":{\"op\":\"is\",\"entity_type\":\"Model\"},"
                                + "\"annotations\":{\"expects\":\"é\",\"id\":\"x\"},"
                                + "\"conditions\":[{\"kind\":\"unless\",\"body\":{\"like\":{\"left\":{\".\":{\"left\":{\"Var\":\"context\"},\"attr\":\"s\"}},"
                                + "\"pattern\":[{\"Literal\":\"a\"},\"Wildcard\",{\"Literal\":\"*\"}]}}}]}},\"templateLinks\":[]}");
    }

    @Test
    void valuesMayBeWrittenAsInEntityData() {
        assertThat(body("{\"Value\":[1,{\"a\":-2}]}")).isEqualTo(set(num(1), record(Map.of("a", num(-2)))));
        assertThat(body("{\"Value\":{\"__entity\":{\"type\":\"A::B\",\"id\":\"\"}}}"))
                .isEqualTo(entity("A::B", ""));
        assertThat(body("{\"Value\":{\"__extn\":{\"fn\":\"decimal\",\"arg\":\"1.0\"}}}"))
                .isEqualTo(decimal("1.0"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '^',
            value = {
                "{\"like\":{\"left\":{\"Value\":\"\"},\"pattern\":\"a*\"}}; 'pattern' must be an array",
                "{\"nope\":[]}; unknown operator 'nope'; known are Value Var",
                "{\"ipaddr\":[{\"Value\":\"1.1.1.1\"}]}; unknown operator 'ipaddr'",
                "{\"tag\":{\"left\":{\"Value\":1},\"right\":{\"Value\":1}}}; unknown operator 'tag'",
                "{}; expression must be an object with one member",
                "[]; expression must be an object",
                "null; expression must be an object",
                "{\"Value\":1,\"Var\":\"action\"}; one member",
                "{\"Value\":1.5}; whole number",
                "{\"Value\":1.0}; whole number",
                "{\"Value\":1e5}; whole number",
                "{\"Value\":9223372036854775808}; whole number",
                "{\"Value\":null}; value must be",
                "{\"Value\":{\"__entity\":{\"type\":\"A\"}}}; 'id' is missing",
                "{\"Value\":{\"__entity\":{\"type\":\"a b\",\"id\":\"x\"}}}; entity type",
                "{\"Value\":{\"__entity\":{\"type\":\"in\",\"id\":\"x\"}}}; entity type",
                "{\"Value\":{\"__entity\":{\"type\":\"A::\",\"id\":\"x\"}}}; entity type",
                "{\"Value\":{\"__extn\":{\"fn\":\"ipaddr\",\"arg\":\"x\"}}}; unknown operator 'ipaddr'",
                "{\"Value\":{\"__extn\":{\"fn\":\"lessThan\",\"arg\":\"x\",\"args\":[]}}}; unknown member 'arg",
                "{\"Value\":{\"__entity\":{\"type\":\"A\",\"id\":\"x\"},\"b\":1}}; must be alone",
                "{\"Var\":\"user\"}; principal, action, resource or context",
                "{\"Var\":7}; principal, action, resource or context",
                "{\"Slot\":\"?principal\"}; unknown operator 'Slot'",
                "{\"==\":{\"left\":{\"Value\":1}}}; 'right' is missing",
                "{\"==\":{\"left\":{\"Value\":1},\"right\":{\"Value\":1},\"x\":1}}; unknown member 'x'",
                "{\"!\":{\"Value\":true}}; unknown member 'Value'",
                "{\".\":{\"left\":{\"Var\":\"context\"},\"attr\":1}}; must be a text",
                "{\"Set\":{}}; must be an array",
                "{\"has\":{\"left\":{\"Var\":\"context\"},\"attr\":[]}}; an array of 1 to 256",
                "{\"has\":{\"left\":{\"Var\":\"context\"},\"attr\":[1]}}; an array of texts",
                "{\"Value\":{\"__extn\":{\"fn\":\"ip\"}}}; 'arg' is missing",
                "{\"Record\":[]}; must be an object",
                "{\"lessThan\":[]}; receiver",
                "{\"is\":{\"left\":{\"Var\":\"resource\"},\"entity_type\":\"1\"}}; entity type",
                "{\"like\":{\"left\":{\"Value\":\"\"},\"pattern\":[\"Star\"]}}; expected an object with Literal",
                "{\"Value\":\"\\ud800\"}; half of a surrogate pair"
            })
    void expressionsThatAreNotUnderstoodAreRefused(String expr, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> body(expr))
                .withMessageStartingWith("policy 'p': ")
                .withMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"staticPolicies\":[]}",
                "{\"staticPolicies\":{}} {}",
                "{\"staticPolicies\":{},\"staticPolicies\":{}}",
                "{\"staticPolicies\":{},\"extra\":1}",
                "{\"staticPolicies\":{},\"templates\":{\"t\":{}}}",
                "{\"staticPolicies\":{},\"templateLinks\":[{}]}",
                "{\"staticPolicies\":{\"p\":1}}",
                "{\"staticPolicies\":{\"p\":{}}}",
                "{\"staticPolicies\":{},}",
                "{'staticPolicies':{}}",
                "\uFEFF{\"staticPolicies\":{}}",
                "{\"staticPolicies\":{}"
            })
    void documentsThatAreNoPolicySetsAreRefused(String document) {
        assertThatIllegalArgumentException().isThrownBy(() -> PolicyJson.read(document));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '^',
            value = {
                "\"effect\":\"permit\"; \"effect\":\"allow\"; permit or forbid",
                "\"principal\":{\"op\":\"All\"}; \"principal\":{\"op\":\"all\"}; must be All",
                "\"principal\":{\"op\":\"All\"}; \"principal\":{\"op\":\"==\",\"slot\":\"?principal\"}; is a template",
                "\"principal\":{\"op\":\"All\"}; \"principal\":{\"op\":\"==\"}; 'entity' is missing",
                "\"principal\":{\"op\":\"All\"}; \"principal\":{\"op\":\"All\",\"entity\":{\"type\":\"A\",\"id\":\"\"}}; unknown member",
                "\"principal\":{\"op\":\"All\"}; \"principal\":{\"op\":\"in\",\"entities\":[]}; only the action",
                "\"action\":{\"op\":\"All\"}; \"action\":{\"op\":\"is\",\"entity_type\":\"A\"}; but was 'is'",
                "\"annotations\":{}; \"annotations\":{\"a-b\":\"x\"}; identifier",
                "\"annotations\":{}; \"annotations\":{\"a\":1}; must be a text",
                "\"annotations\":{}; \"annotations\":{\"a\":\"1\",\"a\":\"2\"}; Duplicate",
                "\"annotations\":{}; \"note\":{}; unknown member 'note'",
                "\"conditions\":[]; \"conditions\":{}; must be an array",
                "\"conditions\":[]; \"conditions\":[{\"kind\":\"if\",\"body\":{\"Value\":true}}]; when or unless",
                "\"conditions\":[]; \"conditions\":[{\"kind\":\"when\"}]; 'body' is missing"
            })
    void policiesThatAreNotUnderstoodAreRefused(String part, String replacement, String problem) {
        String document = document("\"p\":" + policy("").replace(part, replacement));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyJson.read(document))
                .withMessageContaining(problem);
    }

    @Test
    void duplicatePoliciesAndAttributesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyJson.read(document("\"p\":" + policy("") + ",\"p\":" + policy(""))))
                .withMessageContaining("Duplicate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> body("{\"Record\":{\"a\":{\"Value\":1},\"a\":{\"Value\":1}}}"))
                .withMessageContaining("Duplicate");
    }

    @Test
    void deepDocumentsAreRefusedWithoutRecursion() {
        int depth = 100_000;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> body("{\"!\":{\"arg\":".repeat(depth) + "{\"Value\":true}" + "}}".repeat(depth)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> body("{\"Value\":" + "[".repeat(depth) + "]".repeat(depth) + "}"));
        assertThatIllegalArgumentException().isThrownBy(() -> PolicyJson.read("[".repeat(depth)));
    }

    @Test
    void expressionsNestToTheLimitAndNotBeyond() {
        int most = Expr.MAX_DEPTH - 1;
        assertThat(body("{\"!\":{\"arg\":".repeat(most) + "{\"Value\":true}" + "}}".repeat(most)))
                .isInstanceOf(Expr.Unary.class);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> body("{\"!\":{\"arg\":".repeat(most + 1) + "{\"Value\":true}" + "}}".repeat(most + 1)))
                .withMessageContaining("256");
    }

    @Test
    void hugeNumbersTextsAndDocumentsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> body("{\"Value\":" + "9".repeat(100_000) + "}"));
        assertThatIllegalArgumentException().isThrownBy(() -> body("{\"Value\":\"" + "a".repeat(100_000) + "\"}"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyJson.read(" ".repeat(5_000_000) + document("")))
                .withMessageContaining("at most");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyJson.read(document("\"" + "p".repeat(300) + "\":" + policy(""))))
                .withMessageContaining("1 to 200");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyJson.read(document("\" \":" + policy(""))))
                .withMessageContaining("blank");
    }

    @Test
    void longPathsOfLongNamesCompileInReasonableSpace() {
        String name = "a".repeat(8_000);
        String open = "{\".\":{\"left\":".repeat(250);
        String close = (",\"attr\":\"" + name + "\"}}").repeat(250);
        CedarPolicySet set = PolicyJson.read(when(open + "{\"Var\":\"context\"}" + close));
        assertThat(new Authorizer(set).policies()).hasSize(1);
    }
}
