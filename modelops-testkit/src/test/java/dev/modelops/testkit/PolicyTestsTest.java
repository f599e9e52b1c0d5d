package dev.modelops.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;

class PolicyTestsTest {
    private static final Path FILE = Path.of("any.json");

    @Test
    void eachRequestIsATestThatFailsWithTheExplanation() {
        List<DynamicTest> tests = PolicyTests.from(FILE).toList();

        assertThat(tests).extracting(DynamicTest::getDisplayName).containsExactly("as expected", "otherwise");
        assertThatCode(() -> tests.get(0).getExecutable().execute()).doesNotThrowAnyException();
        assertThatThrownBy(() -> tests.get(1).getExecutable().execute())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("expected the decision deny");
    }

    @Test
    void coverageBelowTheThresholdFails() {
        List<DynamicTest> low = PolicyTests.from(FILE, 0.5).toList();
        List<DynamicTest> high = PolicyTests.from(FILE, 0.9).toList();

        assertThat(high.get(2).getDisplayName()).isEqualTo("coverage is at least 90 %");
        assertThatCode(() -> low.get(2).getExecutable().execute()).doesNotThrowAnyException();
        assertThatThrownBy(() -> high.get(2).getExecutable().execute())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("at least 90.0 %, but is 66.7 %")
                .hasMessageContaining("rule 'rule': when { context.ok } always held");
    }
}
