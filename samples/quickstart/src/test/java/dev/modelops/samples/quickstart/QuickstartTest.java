package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
    @TempDir
    Path folder;

    @Test
    void tellsItsStoryTwiceAndLeavesNothingButTheEvidence() throws Exception {
        for (int run = 0; run < 2; run++) {
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            Quickstart.run(folder, new PrintStream(written, true, StandardCharsets.UTF_8));

            assertThat(written.toString(StandardCharsets.UTF_8).lines()).hasSizeLessThan(70);
            assertThat(written.toString(StandardCharsets.UTF_8))
                    .contains(
                            "credit-risk@1 is champion again",
                            "sound: ",
                            "the handle refuses: ",
                            "the audit finds ",
                            "VERIFIED",
                            "REJECTED");
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left.map(path -> path.getFileName().toString()))
                        .containsExactlyInAnyOrder(
                                "store", "champion.tlog-proof", "tiles", "model", "model.sig", "publisher.pub");
            }
        }
    }
}
