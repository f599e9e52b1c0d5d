package dev.modelops.samples.quickstart;

import dev.modelops.policy.Decision;
import dev.modelops.policy.Requirement;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells the story on a terminal: numbered steps with indented lines. */
final class Transcript {
    private final PrintStream out;
    private int steps;

    Transcript(PrintStream out) {
        this.out = out;
    }

    void title(String text) {
        out.println(text);
    }

    void step(String format, Object... arguments) {
        steps++;
        out.printf(Locale.ROOT, "%2d  %s%n", steps, String.format(Locale.ROOT, format, arguments));
    }

    void line(String format, @Nullable Object... arguments) {
        String.format(Locale.ROOT, format, arguments).lines().forEach(line -> out.println("      " + line));
    }

    /** Tells what policy said; of a refusal, every requirement that was not met. */
    void decision(Decision decision) {
        if (decision instanceof Decision.Deny deny) {
            for (Requirement unmet : deny.unmet()) {
                line("no: needs %s; found %s; %s [%s]", unmet.expected(), unmet.actual(), unmet.remedy(), unmet.rule());
            }
        } else {
            line("yes, by %s", String.join(", ", decision.rules()));
        }
    }
}
