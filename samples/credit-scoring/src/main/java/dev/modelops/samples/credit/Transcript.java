package dev.modelops.samples.credit;

import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells the story: numbered steps with indented lines. */
final class Transcript {
    private final PrintStream out;
    private int steps;

    Transcript(PrintStream out) {
        this.out = out;
    }

    void step(String format, @Nullable Object... arguments) {
        steps++;
        out.printf(Locale.ROOT, "%2d  %s%n", steps, String.format(Locale.ROOT, format, arguments));
    }

    void line(String format, @Nullable Object... arguments) {
        String.format(Locale.ROOT, format, arguments).lines().forEach(line -> out.println("      " + line));
    }
}
