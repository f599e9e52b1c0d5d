package dev.modelops.core.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.TestReporter;

/** Counts what was run, and says so to the reporter and in {@code target/faults.md}. */
public final class Figures {
    private static final Path FILE = Path.of("target", "faults.md");
    private static final String HEAD =
            "| fault | store | rounds | acts acknowledged | in doubt | refused |\n|---|---|---|---|---|---|\n";

    private Figures() {}

    /** Tells of a kind of fault, how often it happened, and what callers were told. */
    static synchronized void tell(TestReporter reporter, String fault, Object store, int rounds, History history)
            throws IOException {
        tell(
                reporter,
                fault,
                store,
                rounds,
                history.acknowledged().size(),
                history.inDoubt(),
                history.failures().size() - history.inDoubt());
    }

    /** Tells of a kind of fault by its figures. */
    public static synchronized void tell(
            TestReporter reporter, String fault, Object store, int rounds, long acknowledged, int inDoubt, int refused)
            throws IOException {
        String line = "| " + fault + " | " + store + " | " + rounds + " | " + acknowledged + " | " + inDoubt + " | "
                + refused + " |\n";
        reporter.publishEntry("faults", line.strip());
        if (Files.isDirectory(FILE.getParent())) {
            if (Files.notExists(FILE)) {
                Files.writeString(FILE, HEAD);
            }
            Files.writeString(FILE, line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        }
    }
}
