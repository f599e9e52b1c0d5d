package dev.modelops.samples.policies;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoliciesInUseTest {
    @TempDir
    Path folder;

    @Test
    void refusesOverridesExplainsAndTriesOut() throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PoliciesInUse.run(folder, new PrintStream(written, true, StandardCharsets.UTF_8));

        assertThat(written.toString(StandardCharsets.UTF_8))
                .contains(
                        "in force: revision 2",
                        "5 conditions are",
                        "[gate-approval]",
                        "who may approve: validator",
                        "[gate-documents]",
                        "1 condition is overridden",
                        "open-review(within 1d), notify(risk-board)",
                        "permit managers-release",
                        "permitted by  on-call-breaks-glass",
                        "{\"v\":1,\"id\":\"",
                        "\"outcome\":\"allow\"",
                        "entry 11, ALLOW_TO_DENY",
                        "[gate-auc]")
                .doesNotContain("UNDECIDABLE");
    }
}
