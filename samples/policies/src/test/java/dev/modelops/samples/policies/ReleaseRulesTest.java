package dev.modelops.samples.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.policy.PolicyReview;
import dev.modelops.core.policy.PolicyReview.Different;
import dev.modelops.core.policy.PolicyReview.Outcome;
import dev.modelops.testkit.PolicyTests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ReleaseRulesTest {
    private static final Path TESTS = Path.of("src/test/policies/release-tests.json");

    @TestFactory
    Stream<DynamicTest> decideAsTheReleaseBoardExpects() {
        return PolicyTests.from(TESTS, 0.9);
    }

    @Test
    void fitTheSchemaAndLeaveNothingToMend() throws IOException {
        assertThat(PolicyReview.ofCedar(Bank.releaseRules()).governed().findings())
                .isEmpty();
    }

    @Test
    void areStricterWhereTheThresholdIsRaised() throws IOException {
        String rules = Bank.releaseRules();
        PolicyReview stricter = PolicyReview.ofCedar(rules.replace("decimal(\"0.75\")", "decimal(\"0.85\")"));

        assertThat(PolicyReview.ofCedar(rules).governed().compare(stricter))
                .isInstanceOfSatisfying(Different.class, different -> {
                    assertThat(different.before()).isEqualTo(Outcome.ALLOWED);
                    assertThat(different.rulesAfter()).containsExactly("gate-auc");
                });
    }
}
