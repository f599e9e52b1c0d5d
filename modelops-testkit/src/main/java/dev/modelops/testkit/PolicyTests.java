package dev.modelops.testkit;

import dev.modelops.ModelOpsProvider;
import dev.modelops.policy.PolicyTestReport;
import dev.modelops.policy.PolicyTestReport.Trial;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;

/**
 * Makes tests of a file of requests and the decisions expected of them, so that those who write rules need not write Java:
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> ourPolicies() {
 *     return PolicyTests.from(Path.of("src/test/policies/credit.test.json"), 0.9);
 * }
 * }</pre>
 *
 * <p>The file is JSON. {@code policies} names a file beside it, {@code .cedar} or {@code .json}; {@code requests} holds at
 * least one request:
 *
 * <pre>{@code
 * {
 *   "policies": "credit.cedar",
 *   "requests": [
 *     {
 *       "description": "nobody promotes what nobody approved",
 *       "principal": "https://id.example.org|ada",
 *       "roles": ["release-manager"],
 *       "action": "promote",
 *       "resource": "credit-risk@3",
 *       "environment": "production",
 *       "facts": {"approvals.independent": 0, "signature.trusted": true},
 *       "at": "2026-03-31T12:00:00Z",
 *       "decision": "deny",
 *       "unmet": ["gate-approval"]
 *     }
 *   ]
 * }
 * }</pre>
 *
 * <p>Required are {@code principal}, {@code action} and {@code decision}, and what the action is about: {@code resource} is a
 * version, a model or a principal, {@code environment} an environment, {@code name} an alias, tag, role, transition or the
 * key of the log to import from, {@code value} a tag's value, a policy set's digest, the version of a trust policy or the version in that
 * log. {@code assurance} is {@code asserted} unless given, {@code at} is 1
 * January 2030, 09:00 UTC, {@code requiredGates} none, and
 * {@code overriding} the reason for which soft rules are overridden. {@code rules} and {@code unmet} are compared if they are there: the
 * ids of the rules that determined the decision, and of those whose conditions were not met. Any other key is an error.
 *
 * <p>The values of {@code facts} have the forms that entries of a log give them: true, false, a whole number, a text, an
 * array of these, or an object with one text: {@code {"decimal": "0.80"}}, {@code {"datetime": "2026-03-31T12:00:00Z"}},
 * {@code {"duration": "PT72H"}}, {@code {"user": "https://id.example.org|ada"}}, {@code {"role": ...}}, {@code
 * {"environment": ...}}, {@code {"model": ...}} or {@code {"version": "credit-risk@3"}}. {@code {"failed": "the
 * calendar does not answer"}} is a fact that could not be established. The fact {@code now} is {@code at}
 * unless given. A fact that no rule can read of the action, for want of that name in the schema of what rules may speak of,
 * or that has another type there, is an error: a misspelt fact would be an absent one. A metric has that name once a rule
 * reads it, a fact of the host's own once a rule declares it, {@code @facts("ticket.open: Bool")}.
 */
public final class PolicyTests {
    private PolicyTests() {}

    /**
     * Returns a test for each request of a file.
     *
     * @param file the file
     * @return the tests; each fails with an explanation of the decision if that is another than expected
     * @throws dev.modelops.policy.InvalidPolicyException if the file or the policies it names are not as they must be
     */
    public static Stream<DynamicTest> from(Path file) {
        return tests(report(file));
    }

    /**
     * Returns a test for each request of a file, and one that enough of the policies was exercised.
     *
     * @param file the file
     * @param leastCoverage the smallest {@linkplain dev.modelops.policy.PolicyCoverage#ratio ratio} that will do, from 0 to
     *     1
     * @return the tests
     * @throws dev.modelops.policy.InvalidPolicyException if the file or the policies it names are not as they must be
     */
    public static Stream<DynamicTest> from(Path file, double leastCoverage) {
        PolicyTestReport report = report(file);
        String name = String.format(Locale.ROOT, "coverage is at least %.0f %%", 100 * leastCoverage);
        return Stream.concat(
                tests(report),
                Stream.of(DynamicTest.dynamicTest(name, () -> report.coverage().requireAtLeast(leastCoverage))));
    }

    private static PolicyTestReport report(Path file) {
        return ModelOpsProvider.load().testPolicies(file);
    }

    private static Stream<DynamicTest> tests(PolicyTestReport report) {
        return report.trials().stream().map(trial -> DynamicTest.dynamicTest(trial.name(), () -> check(trial)));
    }

    private static void check(Trial trial) {
        trial.failure().ifPresent(Assertions::fail);
    }
}
