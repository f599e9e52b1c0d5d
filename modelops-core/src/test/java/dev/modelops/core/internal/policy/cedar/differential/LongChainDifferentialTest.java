package dev.modelops.core.internal.policy.cedar.differential;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Policies;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Chains long enough to be joined in groups. The reference implementation decides chains of 200 operands, and gives up on
 * 300; longer ones are held against what the operators mean.
 */
class LongChainDifferentialTest {
    private static final int MOST_OF_THEIRS = 200;

    @ParameterizedTest
    @CsvSource({"&&, 128", "&&, 129", "&&, 200", "&&, 1000", "||, 128", "||, 129", "||, 200", "||, 1000"})
    void longChainsAreDecidedAsTheOperatorsMean(String operator, int size) throws Exception {
        NativeCedar engine = NativeCedar.orNull();
        boolean and = operator.equals("&&");
        for (int odd : List.of(0, 1, 31, 32, 33, 127, size - 1)) {
            // One operand differs from all others, and so decides; one that cannot be evaluated stands behind it.
            for (int broken : List.of(-1, 0, odd + 1, size - 1)) {
                String text = IntStream.range(0, size)
                        .mapToObj(i -> i == broken && i != odd
                                ? "context.absent"
                                : "context.a " + (and == (i != odd) ? "==" : "!=") + " 1")
                        .collect(Collectors.joining(" " + operator + " "));
                boolean errs = broken >= 0 && broken < odd;
                NativeCedar.Answer meant = errs
                        ? new NativeCedar.Answer(false, Set.of(), Set.of("policy0"))
                        : new NativeCedar.Answer(!and, and ? Set.of() : Set.of("policy0"), Set.of());
                String policy = "permit(principal, action, resource) when { " + text + " };";
                JsonNode set = Json.MAPPER.readTree(PolicyJson.write(PolicyParser.numbered(policy)));
                assertThat(new OurCedar(set).decide(request(), OurCedar.entities(Json.NODES.arrayNode())))
                        .as("%s operands, odd %s, broken %s", size, odd, broken)
                        .isEqualTo(meant);
                if (engine != null && size <= MOST_OF_THEIRS) {
                    ObjectNode texts = Json.NODES.objectNode();
                    texts.putObject("staticPolicies").put("policy0", policy);
                    texts.putObject("templates");
                    texts.putArray("templateLinks");
                    try (Policies policies = engine.parse(texts.toString())) {
                        assertThat(policies.decide(request())).isEqualTo(meant);
                    }
                }
            }
        }
    }

    private static ObjectNode request() {
        ObjectNode request = Json.NODES.objectNode();
        request.putObject("principal").put("type", "U").put("id", "u");
        request.putObject("action").put("type", "Action").put("id", "a");
        request.putObject("resource").put("type", "R").put("id", "r");
        request.putObject("context").put("a", 1);
        request.putArray("entities");
        return request;
    }
}
