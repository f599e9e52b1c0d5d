package dev.modelops.samples.cli;

import static dev.modelops.Environment.PRODUCTION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.PolicyReview;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.PolicyTestReport.Trial;
import dev.modelops.registry.VersionSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps the files in the folder {@code policies}, and what the README says about them, true. */
class ExamplePoliciesTest {
    private static final Path BUILT_IN = Path.of("policies/built-in.cedar");
    private static final Path TWO_APPROVALS = Path.of("policies/two-approvals.cedar");
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal VERA = Principal.of("example.org", "vera");
    private static final Principal RITA = Principal.of("example.org", "rita");
    private static final Principal ALICE = Principal.of("example.org", "alice");
    private static final Principal BOB = Principal.of("example.org", "bob");
    private static final Map<Principal, Role> TEAM = Map.of(
            ADA, Role.DATA_SCIENTIST,
            VERA, Role.VALIDATOR,
            RITA, Role.RELEASE_MANAGER,
            ALICE, Role.ADMIN,
            BOB, Role.ADMIN);

    private static String text(Path file) throws IOException {
        return Files.readString(file).lines().collect(Collectors.joining("\n"));
    }

    private static String gate() throws IOException {
        return text(TWO_APPROVALS)
                .lines()
                .skip(2)
                .takeWhile(line -> !line.isEmpty())
                .collect(Collectors.joining("\n"));
    }

    @Test
    void theFileOfTheBuiltInRulesIsTheBuiltInRules() throws IOException {
        assertThat(text(BUILT_IN))
                .isEqualTo(PolicyReview.of(Policies.builtIn()).toCedar().lines().collect(Collectors.joining("\n")));
        assertThat(PolicyReview.read(BUILT_IN).compare(PolicyReview.of(Policies.builtIn())))
                .isInstanceOf(PolicyReview.Same.class);
    }

    @Test
    void theOtherFileAddsOneGate() throws IOException {
        assertThat(text(TWO_APPROVALS)).endsWith(gate() + "\n\n" + text(BUILT_IN));
        PolicyReview next = PolicyReview.read(TWO_APPROVALS).governed();
        assertThat(next.findings()).isEmpty();
        assertThat(PolicyReview.read(BUILT_IN).governed().compare(next)).isInstanceOf(PolicyReview.Different.class);
    }

    @Test
    void itsTestsPass() {
        assertThat(PolicyReview.test(Path.of("policies/two-approvals.test.json"))
                        .trials())
                .hasSizeGreaterThanOrEqualTo(3)
                .allMatch(trial -> trial.failure().isEmpty(), "as expected")
                .extracting(Trial::name)
                .doesNotHaveDuplicates();
    }

    @Test
    void twoPeoplePutItIntoForceAndThenItRefusesAsTheReadmeShows(@TempDir Path dir) throws IOException {
        String readme = text(Path.of("../../README.md"));
        Files.writeString(Files.createDirectory(dir.resolve("files")).resolve("model.txt"), "0.5");
        try (ModelOps ops = ModelOps.embedded(dir.resolve("store"))) {
            TEAM.forEach((who, role) -> ops.registry().grantRole(who, role));
            ModelRef v1 = ops.as(ADA)
                    .registry()
                    .register(VersionSpec.of("credit-risk", dir.resolve("files")))
                    .ref();

            PolicySet next = PolicyReview.read(TWO_APPROVALS).policySet();
            ops.as(ALICE).policies().propose(next, "two judges from now on");
            assertThatThrownBy(() -> ops.as(ALICE).policies().install(next.digest()))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining(Policies.GATE_POLICY_AUTHOR);
            ops.as(BOB).policies().install(next.digest());

            assertThatThrownBy(() -> ops.as(RITA).registry().promote(v1, PRODUCTION))
                    .isInstanceOfSatisfying(
                            AccessDeniedException.class,
                            refused -> assertThat(readme).contains("```\n" + refused.getMessage() + "\n```"));
        }
        assertThat(readme).contains("```cedar\n" + gate() + "\n```");
    }
}
