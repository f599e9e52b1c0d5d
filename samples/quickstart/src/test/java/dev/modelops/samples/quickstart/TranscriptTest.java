package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Requirement;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TranscriptTest {
    private static final Digest POLICY = Digest.sha256Of(Bytes.ofUtf8("policy"));

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Transcript say = new Transcript(new PrintStream(written, true, StandardCharsets.UTF_8));

    @Test
    void numbersStepsAndIndentsEveryLine() {
        say.step("first of %d", 2);
        say.line("one\ntwo");
        say.step("second");

        assertThat(written.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(" 1  first of 2", "      one", "      two", " 2  second");
    }

    @Test
    void tellsEveryUnmetRequirementOfARefusal() {
        say.decision(new Decision.Deny(
                Decision.Cause.FORBIDDEN,
                List.of("r1", "r2"),
                List.of(
                        new Requirement("r1", "an approval", "none", "ask a validator"),
                        new Requirement("r2", "a report", "100% nothing", "attach one")),
                POLICY,
                LogPosition.of(7),
                Instant.EPOCH));

        assertThat(written.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "      no: needs an approval; found none; ask a validator [r1]",
                        "      no: needs a report; found 100% nothing; attach one [r2]");
    }

    @Test
    void tellsWhichRulesPermit() {
        say.decision(new Decision.Allow(List.of("a", "b"), POLICY, LogPosition.of(7), Instant.EPOCH));

        assertThat(written.toString(StandardCharsets.UTF_8).strip()).isEqualTo("yes, by a, b");
    }
}
