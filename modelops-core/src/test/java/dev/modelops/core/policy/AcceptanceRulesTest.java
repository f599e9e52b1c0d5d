package dev.modelops.core.policy;

import static dev.modelops.core.internal.policy.Requests.ADA;
import static dev.modelops.core.internal.policy.Requests.BOB;
import static dev.modelops.core.internal.policy.Requests.NOON;
import static dev.modelops.core.internal.policy.Requests.RISK;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.Role;
import dev.modelops.core.internal.log.FactJson;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.FactException;
import dev.modelops.policy.Facts;
import dev.modelops.policy.PolicySet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AcceptanceRulesTest {
    /** These ask for nothing but who acts, what is done and where, which are never unknown. */
    private static final Set<String> CANNOT_FAIL = Set.of("R05", "R07");

    private static final SortedMap<String, CedarPolicy> RULES =
            PolicyParser.policySet(text("rules.cedar")).policies();

    record Case(String rule, String action, Environment environment, Set<Role> roles, JsonNode facts, String expect) {
        @Override
        public String toString() {
            return rule + " " + action + " in " + environment + " by " + roles + " with " + facts + ": " + expect;
        }
    }

    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        for (JsonNode json : new ObjectMapper().readTree(text("rules-cases.json"))) {
            Set<Role> roles = new HashSet<>();
            json.get("roles").forEach(role -> roles.add(Role.of(role.asText())));
            cases.add(new Case(
                    json.get("rule").asText(),
                    json.get("action").asText(),
                    Environment.of(json.get("env").asText()),
                    roles,
                    json.get("facts"),
                    json.get("expect").asText()));
        }
        return cases;
    }

    @Test
    void theBuilderAndTheTextSayTheSame() {
        SortedMap<String, CedarPolicy> built =
                PolicyJson.read(AcceptanceRules.all().document()).policies();
        assertThat(built.keySet()).isEqualTo(RULES.keySet());
        RULES.forEach((id, rule) -> assertThat(built.get(id)).as(id).isEqualTo(rule));
    }

    @Test
    void everyRuleHasCasesOfEachKind() throws IOException {
        Map<String, Set<String>> seen = new TreeMap<>();
        cases().forEach(one ->
                seen.computeIfAbsent(one.rule(), rule -> new TreeSet<>()).add(one.expect()));
        Set<String> expected = new TreeSet<>();
        RULES.keySet().forEach(id -> expected.add(id.substring(0, 3)));
        assertThat(expected).hasSize(32);
        assertThat(seen.keySet()).isEqualTo(expected);
        seen.forEach((rule, kinds) -> assertThat(kinds)
                .as(rule)
                .isEqualTo(CANNOT_FAIL.contains(rule) ? Set.of("allow", "deny") : Set.of("allow", "deny", "error")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decidesAsExpected(Case one) {
        SortedMap<String, CedarPolicy> rules = new TreeMap<>();
        RULES.forEach((id, rule) -> {
            if (id.substring(0, 3).equals(one.rule())) {
                rules.put(id, rule);
            }
        });
        boolean isGate = rules.values().stream().noneMatch(rule -> rule.effect() == CedarPolicy.Effect.PERMIT);
        if (isGate) {
            rules.put("open", PolicyParser.policy("@id(\"open\") permit (principal, action, resource);"));
        }
        PolicyEngine engine = PolicyEngine.compile(new PolicySet(PolicyJson.write(new CedarPolicySet(rules))));
        Decision decision = engine.decide(request(one), Set.of());
        switch (one.expect()) {
            case "allow" -> assertThat(decision).isInstanceOf(Decision.Allow.class);
            case "deny" ->
                assertThat(decision)
                        .isInstanceOfSatisfying(
                                Decision.Deny.class,
                                deny -> assertThat(deny.cause())
                                        .isIn(Decision.Cause.FORBIDDEN, Decision.Cause.NOT_PERMITTED));
            default ->
                assertThat(decision)
                        .isInstanceOfSatisfying(
                                Decision.Deny.class,
                                deny -> assertThat(deny.cause())
                                        .isIn(
                                                Decision.Cause.RULE_ERROR,
                                                Decision.Cause.FACT_ERROR,
                                                Decision.Cause.NOT_PERMITTED));
        }
    }

    private static AccessRequest request(Case one) {
        return new AccessRequest(
                Identity.asserted(ADA), one.roles(), action(one), facts(one.facts()), LogPosition.of(7), NOON);
    }

    private static Action action(Case one) {
        return switch (one.action()) {
            case "register" -> Action.register(RISK);
            case "read" -> Action.read(RISK);
            case "audit" -> Action.audit();
            case "serve" -> Action.serve(RISK_3, one.environment());
            case "promote" -> Action.promote(RISK_3, one.environment());
            case "approve" -> Action.approve(RISK_3, one.environment());
            case "rollback" -> Action.rollback(RISK, one.environment());
            case "setTag" -> Action.setTag(RISK_3, "k", "v");
            case "setAlias" -> Action.setAlias(RISK_3, Alias.of("best"));
            case "grantBob" -> Action.grantRole(BOB, Role.VALIDATOR);
            case "grantSelf" -> Action.grantRole(ADA, Role.VALIDATOR);
            case "installPolicies" -> Action.installPolicies(Digest.sha256Of(Bytes.ofUtf8("a set")));
            case "override" -> Action.override(Action.promote(RISK_3, one.environment()));
            default -> throw new IllegalArgumentException(one.action());
        };
    }

    private static Facts facts(JsonNode json) {
        Map<String, Object> values = new HashMap<>();
        Map<String, String> failed = new HashMap<>();
        json.properties().forEach(member -> {
            if (member.getValue().has("failed")) {
                failed.put(member.getKey(), member.getValue().get("failed").asText());
            } else {
                values.put(member.getKey(), FactJson.read(member.getValue()));
            }
        });
        Facts known = Facts.of(values);
        return new Facts() {
            @Override
            public Optional<Object> get(String name) {
                if (failed.containsKey(name)) {
                    throw new FactException("fact '" + name + "': " + failed.get(name));
                }
                return known.get(name);
            }

            @Override
            public Set<String> names() {
                Set<String> names = new TreeSet<>(values.keySet());
                names.addAll(failed.keySet());
                return names;
            }
        };
    }

    private static String text(String resource) {
        try (InputStream in = AcceptanceRulesTest.class.getResourceAsStream(resource)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
