package dev.modelops.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Explanation;
import dev.modelops.policy.Explanation.Determining;
import dev.modelops.policy.Explanation.Erred;
import dev.modelops.policy.Explanation.Overriding;
import dev.modelops.policy.Level;
import dev.modelops.policy.Obligation;
import dev.modelops.policy.Requirement;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecisionJsonTest {
    private static final Digest POLICY = Digest.sha256Of(Bytes.ofUtf8("policy"));
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Overriding OVERRIDING = new Overriding("INC-1", List.of("freeze"), List.of("break-glass"));

    private static Explanation explanation(
            String effect, boolean full, @Nullable Overriding overriding, boolean cedar) {
        return new Explanation(
                null,
                null,
                List.of(new Determining("rule", effect, "")),
                full ? List.of(new Erred("r", "type", "context.x"), new Erred("s", "fact", "")) : List.of(),
                full && effect.equals("permit")
                        ? List.of(new Obligation("rule", "notify", "board"), new Obligation("rule", "log", ""))
                        : List.of(),
                full
                        ? new TreeMap<>(Map.of(
                                "bool",
                                true,
                                "long",
                                3L,
                                "text",
                                "x",
                                "decimal",
                                new BigDecimal("0.81"),
                                "list",
                                List.of("a", "b")))
                        : Collections.emptySortedMap(),
                overriding,
                cedar);
    }

    static Stream<Decision> decisions() {
        Requirement soft = new Requirement("freeze", Level.SOFT, "a, b", "x", "y", "z");
        Requirement advisory = new Requirement("hint", Level.ADVISORY, "", "x", "y", "z");
        Requirement hard = new Requirement("gate", Level.HARD, "a", "x", "y", "z");
        List<String> rule = List.of("rule");
        return Stream.of(
                new Decision.Allow(
                        rule, List.of(), explanation("permit", false, null, true), POLICY, LogPosition.of(7), NOON),
                new Decision.Allow(
                        rule,
                        List.of(soft, advisory),
                        explanation("permit", true, OVERRIDING, false),
                        POLICY,
                        LogPosition.of(7),
                        NOON),
                new Decision.Deny(
                        Decision.Cause.RULE_ERROR,
                        rule,
                        List.of(hard, soft, advisory),
                        explanation("forbid", true, null, true),
                        POLICY,
                        LogPosition.of(7),
                        NOON));
    }

    @ParameterizedTest
    @MethodSource("decisions")
    void whatIsReadIsWhatWasWritten(Decision decision) {
        ObjectNode json = Json.parseObject(Json.write(DecisionJson.write(decision)));
        assertThat(DecisionJson.read(json, NOON)).isEqualTo(decision);
        assertThat(json.has("whole")).isFalse();
        assertThat(DecisionJson.isSame(decision, DecisionJson.read(json, NOON))).isTrue();
    }

    @Test
    void anAllowThatNothingSpokeAgainstTakesNoRoom() {
        assertThat(new String(
                        Json.write(DecisionJson.write(decisions().findFirst().orElseThrow())), StandardCharsets.UTF_8))
                .isEqualTo("{\"outcome\":\"allow\",\"rules\":[\"rule\"],\"policy\":\"" + POLICY + "\",\"asOf\":7}");
    }

    @Test
    void anOverrideOrAnObligationMoreOrLessIsAnotherDecision() {
        List<Decision> all = decisions().toList();
        Decision overridden = all.get(1);
        for (Explanation other : List.of(
                explanation("permit", true, null, false),
                explanation("permit", false, OVERRIDING, false),
                explanation("permit", true, new Overriding("INC-2", List.of("freeze"), List.of("break-glass")), false),
                explanation("permit", true, new Overriding("INC-1", List.of("gate"), List.of("break-glass")), false),
                explanation("permit", true, new Overriding("INC-1", List.of("freeze"), List.of("x")), false))) {
            Decision changed =
                    new Decision.Allow(overridden.rules(), overridden.unmet(), other, POLICY, overridden.asOf(), NOON);
            assertThat(DecisionJson.isSame(overridden, changed)).isFalse();
        }
        assertThat(DecisionJson.isSame(overridden, all.get(2))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u0001", "\"", "é", "€", "…", "😀", "\ud800"})
    void noDecisionMakesAnEntryTooLong(String unit) {
        String text = unit.repeat(1000);
        List<Requirement> unmet = Collections.nCopies(40, new Requirement(text, Level.SOFT, text, text, text, text));
        TreeMap<String, Object> facts = new TreeMap<>();
        for (int i = 0; i < 40; i++) {
            facts.put(i + unit, i % 2 == 0 ? text : Collections.nCopies(40, text));
        }
        Explanation explanation = new Explanation(
                null,
                null,
                List.of(),
                Collections.nCopies(40, new Erred(text, text, text)),
                Collections.nCopies(40, new Obligation(text, text, text)),
                facts,
                new Overriding(text.substring(0, 1000), Collections.nCopies(40, text), Collections.nCopies(40, text)),
                false);
        Decision decision =
                new Decision.Allow(Collections.nCopies(40, text), unmet, explanation, POLICY, LogPosition.of(7), NOON);
        byte[] bytes = Json.write(DecisionJson.write(decision));
        assertThat(bytes).hasSizeLessThan(Entry.MAX_BYTES - 30_000);
        ObjectNode json = Json.parseObject(bytes);
        assertThat(json.get("whole").textValue())
                .isEqualTo(Digest.sha256Of(Bytes.ofUtf8(decision.toJson())).toString());
        assertThat(DecisionJson.read(json, NOON).isAllowed()).isTrue();
        ObjectNode again = DecisionJson.write(DecisionJson.read(json, NOON));
        for (String member : List.of("outcome", "rules", "override", "obligations")) {
            assertThat(again.get(member)).as(member).isEqualTo(json.get(member));
        }
        assertThat(DecisionJson.isSame(DecisionJson.read(json, NOON), decision)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"outcome\":\"maybe\",\"rules\":[]}",
                "{\"outcome\":\"allow\",\"rules\":7}",
                "{\"outcome\":\"allow\",\"rules\":[],\"facts\":{\"a\":null}}",
                "{\"outcome\":\"allow\",\"rules\":[],\"facts\":{\"a\":1e999999999}}",
                "{\"outcome\":\"allow\",\"rules\":[],\"facts\":{\"a\":{}}}",
                "{\"outcome\":\"allow\",\"rules\":[],\"override\":{}}",
                "{\"outcome\":\"allow\",\"rules\":[],\"obligations\":[{}]}",
                "{\"outcome\":\"allow\",\"rules\":[],\"unmet\":[{\"rule\":\"r\",\"level\":\"firm\",\"expected\":\"\",\"actual\":\"\",\"remedy\":\"\"}]}",
                "{\"outcome\":\"allow\",\"rules\":[],\"unmet\":[{\"rule\":\"r\",\"expected\":\"\",\"actual\":\"\",\"remedy\":\"\"}]}",
                "{\"outcome\":\"deny\",\"rules\":[],\"cause\":\"FORBIDDEN\"}",
                "{\"outcome\":\"deny\",\"rules\":[],\"cause\":\"NO\",\"unmet\":[{\"rule\":\"r\",\"expected\":\"\",\"actual\":\"\",\"remedy\":\"\"}]}"
            })
    void whatIsNoDecisionIsRefused(String text) {
        ObjectNode json = Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
        json.put("policy", POLICY.toString()).put("asOf", 1);
        assertThatIllegalArgumentException().isThrownBy(() -> DecisionJson.read(json, NOON));
    }

    static Stream<Action> actions() {
        ModelRef ref = ModelRef.of("risk", 3);
        ModelName model = ref.name();
        Environment production = Environment.PRODUCTION;
        Principal bob = Principal.of("example.org", "bob");
        return Stream.of(
                Action.register(model),
                Action.importVersion(model, "example.org/elsewhere+00000000+AA==", ref),
                Action.attachEvidence(ref),
                Action.comment(ref, "hello"),
                Action.approve(ref, production),
                Action.reject(ref, production),
                Action.withdraw(ref, production),
                Action.promote(ref, production),
                Action.promote(ref, production).overriding("INC-1"),
                Action.rollback(model, production),
                Action.quarantine(ref, production),
                Action.fallBack(ref, production, VersionNumber.of(2), "5 of 5 calls failed"),
                Action.suspend(model, production),
                Action.resume(model, production),
                Action.record(model, production),
                Action.expireRecords(model, LogPosition.of(7), "retention"),
                Action.alert(ref, production),
                Action.acknowledge(ref, production, "mean:age"),
                Action.startExperiment(ref, production),
                Action.endExperiment(ref, production, "harm: latency"),
                Action.judge(ref, production),
                Action.requestRetraining(ref, production, "decay"),
                Action.setAlias(ref, Alias.of("next")),
                Action.removeAlias(model, Alias.of("next")),
                Action.setTag(ref, "k", "v"),
                Action.removeTag(ref, "k"),
                Action.setTag(model, "k", "v"),
                Action.removeTag(model, "k"),
                Action.grantRole(bob, Role.ADMIN),
                Action.revokeRole(bob, Role.ADMIN),
                Action.transition(ref, "retire"),
                Action.proposePolicies(POLICY),
                Action.installPolicies(POLICY),
                Action.installTrust(2),
                Action.erase(LogPosition.of(7), "request"),
                Action.hold("case-7"),
                Action.hold("case-7", model),
                Action.liftHold("case-7"),
                Action.readPolicies(),
                Action.read(model),
                Action.audit(),
                Action.serve(ref, production));
    }

    @ParameterizedTest
    @MethodSource("actions")
    void anActionIsReadAsItWasRefused(Action action) {
        ObjectNode data = Json.object();
        data.set(ActionJson.MEMBER, ActionJson.write(action));
        Action read = Objects.requireNonNull(ActionJson.read(Json.parseObject(Json.write(data))));
        assertThat(read.type()).isEqualTo(action.type());
        // What a refused comment said is not recorded.
        assertThat(ActionJson.write(read)).isEqualTo(ActionJson.write(action));
        if (action.type() != Action.Type.COMMENT) {
            assertThat(read).isEqualTo(action);
        }
    }

    @Test
    void everyKindOfActionThatCanBeRefusedIsRead() {
        assertThat(actions().map(Action::type).distinct()).hasSize(Action.Type.values().length - 1);
        assertThat(ActionJson.read(Json.object())).isNull();
        ObjectNode data = Json.object();
        for (String type : List.of("override", "other")) {
            data.putObject(ActionJson.MEMBER).put("type", type);
            assertThatIllegalArgumentException().isThrownBy(() -> ActionJson.read(data));
        }
    }
}
