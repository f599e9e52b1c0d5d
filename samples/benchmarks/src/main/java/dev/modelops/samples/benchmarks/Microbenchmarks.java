package dev.modelops.samples.benchmarks;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the JMH benchmarks. Of many short iterations the best is taken: what else the machine does can only make one slower.
 */
final class Microbenchmarks {
    private final int rounds;
    private final int warmUps;
    private final int iterations;

    private record Measured(double nanos, double bytes) {
        @Override
        public String toString() {
            return Report.format("%.1f ns, %.0f B", nanos, bytes);
        }
    }

    Microbenchmarks(int rounds, int warmUps, int iterations) {
        this.rounds = rounds;
        this.warmUps = warmUps;
        this.iterations = iterations;
    }

    void resolve(Report report) throws RunnerException {
        Map<String, Measured> found = run(ResolveBenchmark.class, 1);
        Measured champion = get(found, "champion");
        Measured map = get(found, "mapGet");
        double ratio = champion.nanos() / map.nanos();
        report.add(
                "resolve the champion",
                champion.toString(),
                "ConcurrentHashMap.get: " + map,
                Report.format("%.1f times", ratio),
                "at most 3 times, no allocation",
                Report.verdict(ratio <= 3 && champion.bytes() < 1));
    }

    void handles(Report report) throws RunnerException {
        for (int threads = 1; threads <= 2; threads++) {
            Map<String, Measured> found = run(HandleBenchmark.class, threads);
            handle(report, found, threads, "plain", "plain object", 5);
            handle(report, found, threads, "plainKept", "plain object, result kept", 5);
            handle(report, found, threads, "leased", "closeable object", 30);
        }
    }

    private static void handle(
            Report report, Map<String, Measured> found, int threads, String name, String what, double most) {
        Measured handle = get(found, name);
        Measured direct = get(found, "direct");
        double more = handle.nanos() - direct.nanos();
        report.add(
                "call a " + what + " through a handle, " + threads + (threads == 1 ? " thread" : " threads"),
                handle.toString(),
                "direct call: " + direct,
                Report.format("%.1f ns more", more),
                Report.format("under %.0f ns more", most),
                Report.verdict(more < most));
    }

    void policy(Report report) throws RunnerException {
        Map<String, Measured> found = run(PolicyBenchmark.class, 1);
        Measured builtIn = get(found, "check0");
        Measured hundred = get(found, "check78");
        report.add("decide a promotion, built-in policies", builtIn.toString(), "", "", "", "");
        report.add(
                "decide a promotion, 100 policies, facts computed",
                hundred.toString(),
                "built-in policies: " + builtIn,
                Report.format("%.1f times", hundred.nanos() / builtIn.nanos()),
                "at most 1 µs and 400 B",
                Report.verdict(hundred.nanos() <= 1000 && hundred.bytes() <= 400));
    }

    void engines(Report report) throws RunnerException {
        Map<String, Measured> found = run(EngineBenchmark.class, 1);
        for (int policies : new int[] {10, 100, 1000}) {
            String what = policies + " policies, the last permits";
            Measured decision = get(found, "decision" + policies);
            Measured cedar = get(found, "cedar" + policies);
            Measured cedarJava = get(found, "cedarJava" + policies);
            Measured casbin = get(found, "casbin" + policies);
            report.add(
                    "decide, facts ready: " + what,
                    decision.toString(),
                    "our Cedar alone: " + cedar,
                    Report.format("%.1f times", decision.nanos() / cedar.nanos()),
                    policies == 100 ? "at most 1 µs and 400 B" : "",
                    policies == 100 ? Report.verdict(decision.nanos() <= 1000 && decision.bytes() <= 400) : "");
            faster(
                    report,
                    "decide in Cedar: " + what,
                    cedar,
                    "cedar-java, cached",
                    cedarJava,
                    policies == 100 ? 200 : 0);
            faster(
                    report,
                    "decide in Cedar: " + what,
                    cedar,
                    "jCasbin, roles",
                    casbin,
                    policies == 100 ? 30 : policies == 1000 ? 200 : 0);
        }
        growth(report, "decide, facts ready", get(found, "decision100"), get(found, "decision1000"));
        growth(report, "decide in Cedar", get(found, "cedar100"), get(found, "cedar1000"));
        condition(report);
        Map<String, Measured> loading = run(LoadBenchmark.class, 1);
        Measured ours = get(loading, "ours");
        Measured theirs = get(loading, "cedarJava");
        report.add(
                "load 1,000 policies: parse, validate, compile",
                millis(ours),
                "cedar-java, parse and validate: " + millis(theirs),
                Report.format("%.1f times faster", theirs.nanos() / ours.nanos()),
                "at most 200 ms",
                Report.verdict(ours.nanos() <= 200e6));
    }

    void recording(Report report) throws RunnerException {
        Map<String, Measured> alone = run(RecordBenchmark.class, 1);
        Map<String, Measured> two = run(RecordBenchmark.class, 2);
        Measured one = get(alone, "record");
        report.add(
                "record a prediction with 20 numbers",
                one.toString(),
                "counting alone, shared cells: " + get(alone, "sharedCells"),
                Report.format(
                        "%.1f times", one.nanos() / get(alone, "sharedCells").nanos()),
                "at most 500 ns, no allocation",
                Report.verdict(one.nanos() <= 500 && one.bytes() < 1));
        Measured each = get(two, "record");
        double more = 2 * one.nanos() / each.nanos();
        report.add(
                "record a prediction with 20 numbers, 2 threads",
                each.toString(),
                "counting alone, shared cells: " + get(two, "sharedCells"),
                Report.format("%.2f times as many as 1 thread", more),
                "at least 1.5 times",
                Report.verdict(more >= 1.5));
    }

    private void condition(Report report) throws RunnerException {
        Map<String, Measured> found = run(ConditionBenchmark.class, 1);
        Measured policy = get(found, "policy");
        Measured cel = get(found, "cel");
        Measured lambda = get(found, "lambda");
        report.add(
                "one policy with one condition",
                policy.toString(),
                "CEL, compiled: " + cel,
                Report.format("%.1f times faster", cel.nanos() / policy.nanos()),
                "no slower, a tenth of the allocation",
                Report.verdict(policy.nanos() <= cel.nanos() && policy.bytes() * 10 <= cel.bytes()));
        double ratio = policy.nanos() / lambda.nanos();
        report.add(
                "one policy with one condition",
                policy.toString(),
                "lambda: " + lambda,
                Report.format("%.1f times", ratio),
                "at most 30 times",
                Report.verdict(ratio <= 30));
    }

    private static void faster(Report report, String what, Measured ours, String peer, Measured theirs, int atLeast) {
        double ratio = theirs.nanos() / ours.nanos();
        report.add(
                what,
                ours.toString(),
                peer + ": " + theirs,
                Report.format("%.0f times faster", ratio),
                atLeast == 0 ? "" : "at least " + atLeast + " times",
                atLeast == 0 ? "" : Report.verdict(ratio >= atLeast));
    }

    private static void growth(Report report, String what, Measured hundred, Measured thousand) {
        double ratio = thousand.nanos() / hundred.nanos();
        report.add(
                what + ", from 100 to 1,000 policies",
                thousand.toString(),
                "100 policies: " + hundred,
                Report.format("%.1f times", ratio),
                "at most 2 times",
                Report.verdict(ratio <= 2));
    }

    private static String millis(Measured measured) {
        return Report.format("%.1f ms, %.1f MB", measured.nanos() / 1e6, measured.bytes() / 1e6);
    }

    private Map<String, Measured> run(Class<?> benchmarks, int threads) throws RunnerException {
        Map<String, Measured> best = new HashMap<>();
        for (int round = 0; round < rounds; round++) {
            Options options = new OptionsBuilder()
                    .include("\\b" + benchmarks.getSimpleName() + "\\.")
                    .mode(Mode.AverageTime)
                    .timeUnit(TimeUnit.NANOSECONDS)
                    .forks(1)
                    .threads(threads)
                    .warmupIterations(warmUps)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(iterations)
                    .measurementTime(TimeValue.milliseconds(100))
                    .addProfiler(GCProfiler.class)
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build();
            Collection<RunResult> results = new Runner(options).run();
            for (RunResult result : results) {
                String name = result.getPrimaryResult().getLabel();
                for (String parameter : result.getParams().getParamsKeys()) {
                    name += result.getParams().getParam(parameter);
                }
                best.merge(name, measured(result), Microbenchmarks::better);
            }
        }
        return best;
    }

    private static Measured measured(RunResult result) {
        double bytes = 0;
        for (Map.Entry<String, Result> secondary : result.getSecondaryResults().entrySet()) {
            if (secondary.getKey().endsWith("gc.alloc.rate.norm")) {
                bytes = secondary.getValue().getScore();
            }
        }
        double nanos = result.getAggregatedResult().getIterationResults().stream()
                .mapToDouble(iteration -> iteration.getPrimaryResult().getScore())
                .min()
                .orElseThrow();
        return new Measured(nanos, bytes);
    }

    private static Measured better(Measured one, Measured other) {
        return one.nanos() <= other.nanos() ? one : other;
    }

    private static Measured get(Map<String, Measured> found, String name) {
        Measured measured = found.get(name);
        if (measured == null) {
            throw new IllegalStateException("benchmark '" + name + "' was not run; there are " + found.keySet());
        }
        return measured;
    }
}
