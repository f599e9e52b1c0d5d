package dev.modelops.core.internal.policy;

import static dev.modelops.core.internal.policy.Requests.PRODUCTION;
import static dev.modelops.core.internal.policy.Requests.RISK;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicySet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for any policies and facts where our decisions go beyond Cedar's. */
class PolicyEngineProperties {
    private static final List<String> CONDITIONS = List.of(
            "context.a >= 2",
            "context has a && context.a < 3",
            "context.b",
            "!context.b",
            "context has b && context.b",
            "context.s like \"x*\"",
            "context.missing > 3",
            "context.a + 9223372036854775807 > 0",
            "context.s.inner == 1",
            "context has s && context.s == \"y\"");
    private static final List<String> ACTIONS =
            List.of("action", "action == Action::\"promote\"", "action in [Action::\"read\", Action::\"promote\"]");
    private static final String ERRING =
            "@id(\"erring\") forbid (principal, action, resource) when { context.missing > 3 };";

    static List<Long> seeds() {
        return LongStream.range(0, 300).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aGateMoreNeverAllowsMore(long seed) {
        Random random = new Random(seed);
        String rules = rules(random, true);
        AccessRequest request = request(random);
        if (!allows(rules, request)) {
            assertThat(allows(rules + rule(random, "extra", "forbid", false), request))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void requiringAGateNeverAllowsMore(long seed) {
        Random random = new Random(seed);
        PolicyEngine engine = engine(rules(random, true));
        AccessRequest request = request(random);
        Set<String> gates = Set.of("p" + random.nextInt(6));
        if (!engine.decide(request, Set.of()).isAllowed()) {
            assertThat(engine.decide(request, gates).isAllowed()).isFalse();
        }
        if (!engine.gateIds().containsAll(gates)) {
            assertThat(engine.decide(request, gates).isAllowed()).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aForbidThatErrsDeniesWhateverElseThereIs(long seed) {
        Random random = new Random(seed);
        PolicyEngine engine = engine(rules(random, true) + "permit (principal, action, resource);" + ERRING);
        AccessRequest request = request(random);
        assertThat(engine.decide(request, Set.of()).isAllowed()).isFalse();
        assertThat(engine.decide(request, Set.of()).rules()).contains("erring");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatWeAllowCedarAllows(long seed) {
        Random random = new Random(seed);
        PolicyEngine engine = engine(rules(random, false));
        AccessRequest request = request(random);
        if (engine.decide(request, Set.of()).isAllowed()) {
            assertThat(engine.cedarAllows(request)).isTrue();
        }
    }

    private static boolean allows(String rules, AccessRequest request) {
        return engine(rules).decide(request, Set.of()).isAllowed();
    }

    private static PolicyEngine engine(String rules) {
        return PolicyEngine.compile(new PolicySet(PolicyJson.write(PolicyParser.policySet(rules))));
    }

    private static String rules(Random random, boolean levels) {
        StringBuilder rules = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            rules.append(rule(random, "p" + i, random.nextInt(3) == 0 ? "forbid" : "permit", levels));
        }
        return rules.toString();
    }

    private static String rule(Random random, String id, String effect, boolean levels) {
        String level = levels && effect.equals("forbid")
                ? List.of("", "@level(\"advisory\") ", "@level(\"soft\") ").get(random.nextInt(3))
                : "";
        String head = "@id(\"" + id + "\") " + level + effect + " (principal, "
                + ACTIONS.get(random.nextInt(ACTIONS.size())) + ", resource)";
        return random.nextInt(4) == 0
                ? head + ";\n"
                : head + (random.nextBoolean() ? " when { " : " unless { ")
                        + CONDITIONS.get(random.nextInt(CONDITIONS.size())) + " };\n";
    }

    private static AccessRequest request(Random random) {
        Map<String, Object> facts = new HashMap<>();
        if (random.nextInt(3) > 0) {
            facts.put("a", (long) random.nextInt(5));
        }
        if (random.nextInt(3) > 0) {
            facts.put("b", random.nextBoolean());
        }
        if (random.nextInt(3) > 0) {
            facts.put("s", random.nextBoolean() ? "xy" : "y");
        }
        Action action = random.nextBoolean() ? Action.promote(RISK_3, PRODUCTION) : Action.read(RISK);
        return Requests.request(Role.ADMIN, action, facts);
    }
}
