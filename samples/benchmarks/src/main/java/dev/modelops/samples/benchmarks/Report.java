package dev.modelops.samples.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A table of what was measured, what stood beside it, and the budget. */
final class Report {
    private static final String HEAD = """
            | what | measured | beside it, in the same run | ratio | budget | stands |
            |---|---|---|---|---|---|
            """;

    private final PrintStream out;
    private final List<String> rows = new ArrayList<>();

    Report(PrintStream out) {
        this.out = out;
    }

    void add(String what, String measured, String beside, String ratio, String budget, String stands) {
        String row = "| " + String.join(" | ", what, measured, beside, ratio, budget, stands) + " |";
        rows.add(row);
        out.println(row);
    }

    void write(Path file, String mode) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file, "# Benchmarks\n\n" + machine() + "\n\n" + mode + "\n\n" + HEAD + String.join("\n", rows) + "\n");
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    static double best(List<Double> rates) {
        return rates.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    static String rate(double perSecond) {
        return perSecond >= 1e6
                ? format("%.2f M/s", perSecond / 1e6)
                : perSecond >= 1e4 ? format("%.1f k/s", perSecond / 1e3) : format("%.0f /s", perSecond);
    }

    static String percent(double ratio) {
        return format("%.0f %%", 100 * ratio);
    }

    static String percents(List<Double> ratios) {
        return ratios.stream().map(Report::percent).collect(Collectors.joining(", "));
    }

    static String verdict(boolean met) {
        return met ? "met" : "not met";
    }

    static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }

    private static String machine() throws IOException {
        return "%d cores of %s; %s %s; %s %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        processor(),
                        System.getProperty("java.vm.name"),
                        System.getProperty("java.vm.version"),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"));
    }

    private static String processor() throws IOException {
        Path description = Path.of("/proc/cpuinfo");
        if (Files.isReadable(description)) {
            for (String line : Files.readAllLines(description)) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        }
        return System.getProperty("os.arch");
    }
}
