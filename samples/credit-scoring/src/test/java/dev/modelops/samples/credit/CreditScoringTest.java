package dev.modelops.samples.credit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Leaves the summary, the report and the transcript in {@code target/out}. */
class CreditScoringTest {
    private static final Path OUT = Path.of("target", "out");

    @Test
    void tellsItsStory() throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Summary summary = CreditScoring.run(OUT, new PrintStream(written, true, StandardCharsets.UTF_8));
        Files.write(OUT.resolve("transcript.txt"), written.toByteArray());

        assertThat(summary.aucServed()).isLessThan(summary.aucReference());
        assertThat(summary.brierServed()).isGreaterThan(summary.brierReference() + 0.04);
        assertThat(summary.cbpeServed()).isLessThan(summary.brierServed() - 0.04);
        assertThat(summary.driftAlerts()).isPositive();
        assertThat(summary.performanceAlerts()).isPositive();
        assertThat(summary.verdict()).isEqualTo("CHALLENGER_BETTER");
        assertThat(summary.challengerPromotedBy()).isEqualTo(Bank.RITA.id());
        assertThat(summary.autoRollback()).isTrue();
        assertThat(summary.negativeControl().driftAlerts()).isPositive();
        assertThat(summary.negativeControl().performanceAlerts()).isZero();
        assertThat(Files.readString(OUT.resolve("summary.json"))).contains("\"negativeControl\"", "\"cbpeServed\"");
        assertThat(Files.readString(OUT.resolve("report.html"))).contains("credit-risk", "psi:Seniority", "jobs-too");
    }
}
