package dev.modelops.core.internal.report;

import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.report.Report.Alarm;
import dev.modelops.core.internal.report.Report.Distance;
import dev.modelops.core.internal.report.Report.Drift;
import dev.modelops.core.internal.report.Report.Guard;
import dev.modelops.core.internal.report.Report.Look;
import dev.modelops.core.internal.report.Report.Performance;
import dev.modelops.core.internal.report.Report.Reign;
import dev.modelops.core.internal.report.Report.Retraining;
import dev.modelops.core.internal.report.Report.Sample;
import dev.modelops.core.internal.report.Report.Score;
import dev.modelops.core.internal.report.Report.Step;
import dev.modelops.core.internal.report.Report.Trial;
import dev.modelops.core.internal.report.Report.Version;
import dev.modelops.core.internal.report.Report.Watched;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Shows a report as one page that needs nothing else: no script, no network, no other file. */
public final class ReportPage {
    /** How many windows a picture shows. */
    static final int MOST_WINDOWS = 120;

    /** How many rows a table has that is not of windows. */
    static final int MOST_ROWS = 400;

    /** How many lanes the time line has. */
    static final int MOST_LANES = 12;

    /** How many pictures of drift there are for each version. */
    static final int MOST_DRIFTS = 24;

    /** How many versions and experiments are shown in full. */
    static final int MOST_PARTS = 8;

    private final Report report;
    private final Markup page = new Markup();
    private int pictures;

    private ReportPage(Report report) {
        this.report = report;
    }

    /** Returns the page: an HTML document that is well-formed XML too. */
    public static String of(Report report) {
        return new ReportPage(report).write();
    }

    private String write() {
        String title = "Model report: " + report.model() + " in " + report.environment();
        page.raw("<!DOCTYPE html>\n")
                .open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en", "xml:lang", "en")
                .open("head")
                .empty("meta", "charset", "utf-8")
                .empty("meta", "http-equiv", "Content-Security-Policy", "content", Style.policy())
                .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .empty("meta", "name", "referrer", "content", "no-referrer")
                .leaf("title", title)
                .open("style")
                .raw(Style.SHEET)
                .close()
                .close()
                .open("body")
                .open("header")
                .open("h1")
                .text("Model report: ")
                .name(report.model())
                .text(" in ")
                .name(report.environment())
                .close();
        say(
                "muted",
                "Made at " + Words.time(report.at()) + " from the first " + Words.count(report.position())
                        + " entries of the log ",
                name(report.log()),
                ". Each row that names an entry can be looked up and proved there.");
        page.close();
        contents();
        page.open("main");
        glance();
        versions();
        champions();
        experiments();
        drift();
        performance();
        alerts();
        retraining();
        glossary();
        page.close().close().close().raw("\n");
        return page.end();
    }

    private void contents() {
        page.open("nav", "aria-label", "Contents").open("ul");
        for (String[] one : new String[][] {
            {"glance", "At a glance"},
            {"versions", "Versions and approvals"},
            {"champions", "Champions"},
            {"experiments", "Experiments"},
            {"drift", "Drift of the data"},
            {"performance", "Performance"},
            {"alerts", "Alerts"},
            {"retraining", "Requests for a new version"},
            {"words", "What the words mean"}
        }) {
            page.open("li").leaf("a", one[1], "href", "#" + one[0]).close();
        }
        page.close().close();
    }

    private void glance() {
        begin("glance", "At a glance");
        Reign now = current();
        List<Alarm> open = open(now, true);
        List<Alarm> others = open(now, false);
        if (now == null) {
            lead("Nothing is champion here now, so nothing answers as such." + ofOthers(others));
        } else {
            lead(
                    "Version ",
                    name(now.version()),
                    " is champion since " + Words.time(now.from()) + ". There "
                            + Words.isAre(open.size()) + " " + Words.counted(open.size(), "open alert") + "; "
                            + (open.isEmpty()
                                    ? "nothing needs to be done now."
                                    : open.size() == 1
                                            ? "it needs somebody to look into it."
                                            : "each needs somebody to look into it.")
                            + ofOthers(others));
        }
        if (report.halted() != null) {
            missing("STOPPED: ", report.halted());
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Champion", now == null ? "none" : now.version()));
        rows.add(List.of(
                "Made champion by", now == null ? "nobody" : now.who() + ", entry " + Words.count(now.entry())));
        rows.add(List.of("Open alerts of the champion", checks(open)));
        rows.add(List.of("Open alerts of other versions", checks(others)));
        Watched watched = now == null
                ? null
                : report.watched().stream()
                        .filter(one -> one.version().equals(now.version()))
                        .findFirst()
                        .orElse(null);
        rows.add(List.of("Checks of the data beyond bounds", ofDrifts(watched)));
        rows.add(List.of("Performance, latest known", ofPerformance(watched)));
        Trial running = report.trials().stream()
                .filter(trial -> trial.until() == null)
                .reduce((one, other) -> other)
                .orElse(null);
        rows.add(List.of(
                "Running experiment",
                running == null
                        ? "none"
                        : running.id() + ": " + running.challenger() + " against " + running.champion() + ", "
                                + verdict(running)));
        long asked = report.retrainings().stream()
                .filter(one -> one.answer() == null)
                .count();
        rows.add(List.of("Requests for a new version without an answer", asked == 0 ? "none" : Words.count(asked)));
        rows.add(
                List.of("Not known", report.unknown().isEmpty() ? "nothing that should be" : joined(report.unknown())));
        table("The state of the model", List.of("What", "State"), rows);
        Thinned<String> unknown = Thinned.latest(report.unknown(), MOST_ROWS, "things that are not known");
        for (String gap : unknown.shown()) {
            missing(Words.NOT_KNOWN + ": ", gap);
        }
        note(unknown.note());
        end();
    }

    private @Nullable Reign current() {
        Reign last = report.reigns().isEmpty()
                ? null
                : report.reigns().get(report.reigns().size() - 1);
        return last == null || last.until() != null ? null : last;
    }

    /** Returns the alerts that are open: those of the champion, or those of all other versions. */
    private List<Alarm> open(@Nullable Reign champion, boolean ofChampion) {
        return report.alarms().stream()
                .filter(alarm -> alarm.state() == Alert.State.FIRING || alarm.state() == Alert.State.ACKNOWLEDGED)
                .filter(alarm -> ofChampion == isOf(champion, alarm.version()))
                .toList();
    }

    private static boolean isOf(@Nullable Reign champion, String version) {
        return champion != null && version.equals(champion.version());
    }

    private static String ofOthers(List<Alarm> open) {
        return open.isEmpty()
                ? ""
                : " Of versions that are not champion, " + Words.counted(open.size(), "alert") + " "
                        + Words.isAre(open.size()) + " open.";
    }

    private static String checks(List<Alarm> open) {
        return open.isEmpty()
                ? "none"
                : open.size() + ": " + joined(open.stream().map(Alarm::check).toList());
    }

    private static String ofDrifts(@Nullable Watched watched) {
        if (watched == null || watched.drifts().isEmpty()) {
            return Words.NOT_KNOWN;
        }
        long beyond = watched.drifts().stream().filter(Drift::isBeyond).count();
        long unknown = watched.drifts().stream().filter(one -> !one.isKnown()).count();
        return Words.count(beyond) + " of " + Words.count(watched.drifts().size())
                + (unknown == 0 ? "" : "; " + Words.count(unknown) + " " + Words.NOT_KNOWN);
    }

    private static String ofPerformance(@Nullable Watched watched) {
        if (watched == null || watched.performances().isEmpty()) {
            return Words.NOT_KNOWN;
        }
        return watched.performances().stream()
                .map(one -> one.measure() + " " + Words.number(latest(one)) + ", was " + Words.number(one.reference())
                        + " when built")
                .collect(Collectors.joining("; "));
    }

    private static @Nullable Double latest(Performance performance) {
        for (int i = performance.scores().size() - 1; i >= 0; i--) {
            if (performance.scores().get(i).found() != null) {
                return performance.scores().get(i).found();
            }
        }
        return null;
    }

    private static String verdict(Trial trial) {
        return trial.looks().isEmpty()
                ? trial.until() == null ? "no verdict yet" : "no verdict"
                : Words.of(trial.looks().get(trial.looks().size() - 1).state());
    }

    private void versions() {
        begin("versions", "Versions and approvals");
        lead("This shows which versions there are and what people decided about them. What is not written here was not"
                + " recorded: a version without an approval was approved by nobody.");
        if (report.versions().isEmpty()) {
            missing("MISSING: ", "no version is registered.");
            end();
            return;
        }
        Thinned<Version> lanes = Thinned.latest(report.versions(), MOST_LANES, "versions");
        Thinned<Reign> reigns = Thinned.latest(report.reigns(), MOST_ROWS, "times of a champion");
        Lanes picture = new Lanes(
                "Versions over time",
                "One line for each version: marks for what was done with it, a bar while it was champion. The table below"
                        + " says the same.");
        for (Version version : lanes.shown()) {
            picture.lane(
                    version.name(),
                    Thinned.latest(version.steps(), MOST_WINDOWS, "acts").shown().stream()
                            .map(step -> new Lanes.Mark(seconds(step.at()), step.kind()))
                            .toList(),
                    reigns.shown().stream()
                            .filter(reign -> reign.version().equals(version.name()))
                            .map(reign -> new Lanes.Bar(
                                    seconds(reign.from()),
                                    seconds(reign.until() == null ? report.at() : reign.until())))
                            .toList());
        }
        page.open("figure");
        picture.write(page, id());
        page.close();
        note(lanes.note());
        note(reigns.note());
        if (lanes.shown().stream().anyMatch(version -> version.steps().size() > MOST_WINDOWS)) {
            note("The picture has the latest " + MOST_WINDOWS + " acts of each version.");
        }
        List<Row> steps = new ArrayList<>();
        for (Version version : report.versions()) {
            for (Step step : version.steps()) {
                steps.add(new Row(
                        step.at(),
                        step.entry(),
                        List.of(
                                Words.time(step.at()),
                                version.name(),
                                Words.of(step.kind()),
                                step.who(),
                                step.what(),
                                Words.count(step.entry()))));
            }
        }
        steps.sort(Comparator.comparing(Row::at).thenComparing(Row::entry));
        rows(
                "What was done with each version",
                List.of("When", "Version", "Act", "Who", "What", "Entry"),
                steps.stream().map(Row::cells).toList(),
                "acts");
        List<List<String>> all = report.versions().stream()
                .map(version -> List.of(
                        version.name(),
                        version.status(),
                        version.author(),
                        version.publisher() == null ? "MISSING: nobody who is trusted" : version.publisher(),
                        decisions(version)))
                .toList();
        rows(
                "Every version",
                List.of("Version", "Status", "Registered by", "Signed by", "Decisions that stand"),
                all,
                "versions");
        end();
    }

    private static String decisions(Version version) {
        return version.decisions().isEmpty() ? "MISSING: none stands" : joined(version.decisions());
    }

    private void champions() {
        begin("champions", "Champions");
        Reign now = current();
        if (report.reigns().isEmpty()) {
            lead("This shows which version answered when. No version has ever been champion here.");
            end();
            return;
        }
        long changes = report.reigns().size();
        if (now == null) {
            lead("This shows which version answered when. There were " + Words.counted(changes, "time")
                    + " of a champion; there is none now.");
        } else {
            lead(
                    "This shows which version answered when. ",
                    name(now.version()),
                    " answers since " + Words.time(now.from())
                            + ". A decision of the model is to be judged by the version of" + " its time.");
        }
        List<List<String>> rows = report.reigns().stream()
                .map(reign -> List.of(
                        Words.time(reign.from()),
                        reign.until() == null ? "now" : Words.time(reign.until()),
                        reign.version(),
                        reign.how(),
                        reign.who(),
                        Words.count(reign.entry())))
                .toList();
        rows(
                "Champions, one after the other",
                List.of("From", "Until", "Version", "By", "Who", "Entry"),
                rows,
                "champions");
        end();
    }

    private void experiments() {
        begin("experiments", "Experiments");
        if (report.trials().isEmpty()) {
            lead("This shows how a new version was compared with the champion. There was no experiment.");
            end();
            return;
        }
        lead(
                "This shows how new versions were compared with the champion. A verdict counts as evidence; whether a version"
                        + " becomes champion, people and policy decide.");
        Thinned<Trial> shown = Thinned.latest(report.trials(), MOST_PARTS, "experiments");
        note(shown.note());
        for (Trial trial : shown.shown()) {
            trial(trial);
        }
        end();
    }

    private void trial(Trial trial) {
        page.open("h3")
                .text("Experiment ")
                .name(trial.id())
                .text(", stage " + trial.stage() + ": ")
                .name(trial.challenger())
                .text(" against ")
                .name(trial.champion())
                .close();
        String until = trial.until() == null
                ? "It is running."
                : "It ended at " + Words.time(trial.until()) + ": " + (trial.end() == null ? "" : trial.end()) + ".";
        say(
                "",
                "It began at " + Words.time(trial.from()) + " (",
                name(trial.mode()),
                "). " + until + (trial.until() == null ? " So far: " : " Concluded was: ") + verdict(trial)
                        + ". Compared is ",
                name(trial.measure()),
                ": less is better, so below zero the challenger is ahead. A wrong conclusion has a chance of at most "
                        + Words.percent(trial.alpha()) + ", however often one looks.");
        if (trial.looks().isEmpty()) {
            missing(
                    Words.NOT_KNOWN + ": ",
                    trial.until() == null ? "there is no verdict yet." : "it ended without a verdict.");
            return;
        }
        Thinned<Look> looks = Thinned.latest(trial.looks(), MOST_WINDOWS, "verdicts");
        if (looks.shown().stream().anyMatch(look -> look.difference() != null)) {
            LineChart chart = new LineChart(
                    "Difference between challenger and champion",
                    "The mean loss of the challenger less that of the champion at each verdict, with the range in which the"
                            + " true value lies. The range must be wholly below zero for the challenger to be better.");
            List<LineChart.Point> points = new ArrayList<>();
            for (Look look : looks.shown()) {
                Report.Difference difference = look.difference();
                points.add(new LineChart.Point(
                        seconds(look.at()), difference == null ? null : difference.estimate(), false));
                if (difference != null) {
                    chart.range(seconds(look.at()), difference.lower(), difference.upper());
                }
            }
            chart.line(LineChart.Look.FOUND, "challenger less champion", points).zero("no difference");
            if (trial.margin() > 0) {
                chart.level("between these, too small to matter", -trial.margin())
                        .level("between these, too small to matter", trial.margin());
            }
            picture(chart);
        }
        note(looks.note());
        List<List<String>> rows = new ArrayList<>();
        for (Look look : looks.shown()) {
            Report.Difference difference = look.difference();
            rows.add(List.of(
                    Words.time(look.at()),
                    difference == null ? Words.NOT_KNOWN : Words.count(difference.count()),
                    difference == null ? Words.NOT_KNOWN : Words.number(difference.estimate()),
                    difference == null
                            ? Words.NOT_KNOWN
                            : Words.number(difference.lower()) + " to " + Words.number(difference.upper()),
                    sample(look.sampleRatio()),
                    sample(look.coverage()),
                    guards(look.guards()),
                    Words.of(look.state()) + " (" + look.reason() + ")",
                    Words.count(look.entry())));
        }
        folded(
                "Verdicts of the experiment " + trial.id(),
                List.of(
                        "When",
                        "Cases",
                        "Difference",
                        "Range",
                        "Share of the challenger",
                        "Known outcomes",
                        "Must not get worse",
                        "Verdict",
                        "Entry"),
                rows);
    }

    private static String sample(@Nullable Sample sample) {
        return sample == null
                ? "not looked at"
                : (sample.passed() ? "fits: " : "DOES NOT FIT: ") + Words.number(sample.found()) + ", expected "
                        + Words.number(sample.expected());
    }

    private static String guards(List<Guard> guards) {
        return guards.isEmpty()
                ? "nothing named"
                : guards.stream()
                        .map(guard -> guard.name() + ": " + (guard.harmful() ? "WORSE, by " : "no harm shown, ")
                                + Words.number(guard.estimate()))
                        .collect(Collectors.joining("; "));
    }

    private void drift() {
        begin("drift", "Drift of the data");
        Reign now = current();
        List<Drift> present = drifts(now, true);
        List<Drift> others = drifts(now, false);
        long known = present.stream().filter(Drift::isKnown).count();
        long beyond = present.stream().filter(Drift::isBeyond).count();
        String drift = now == null
                ? " There is no champion."
                : known == 0
                        ? " Of the champion it is not known: nothing was measured."
                        : " " + Words.count(beyond) + " of " + Words.counted(present.size(), "check")
                                + " of the champion " + Words.isAre(beyond) + " beyond bounds in the latest window.";
        if (known > 0 && known < present.size()) {
            drift += " " + Words.count(present.size() - known)
                    + " could not be judged, for there were too few observations.";
        }
        if (beyond > 0) {
            drift += " The model may be wrong on such cases: see whether its performance holds.";
        } else if (known > 0 && known == present.size()) {
            drift += " The cases are like those it was built on.";
        }
        if (!others.isEmpty()) {
            drift += " Of versions that are not champion, "
                    + Words.count(others.stream().filter(Drift::isBeyond).count()) + " of "
                    + Words.counted(others.size(), "check") + " ended beyond bounds.";
        }
        lead("This shows whether the model is asked about other cases than it was built on." + drift);
        Thinned<Watched> shown = Thinned.latest(report.watched(), MOST_PARTS, "watched versions");
        note(shown.note());
        for (Watched watched : shown.shown()) {
            page.open("h3").text("Version ").name(watched.version()).close();
            if (watched.missing() != null) {
                missing("MISSING: ", watched.missing());
            } else if (watched.drifts().isEmpty()) {
                missing(Words.NOT_KNOWN + ": ", "no check of the data was evaluated.");
            }
            List<Drift> drifts = new ArrayList<>(watched.drifts());
            drifts.sort(Comparator.comparing((Drift one) -> !one.isBeyond()).thenComparing(one -> !one.wasBeyond()));
            List<Drift> pictured = drifts.subList(0, Math.min(MOST_DRIFTS, drifts.size()));
            pictured.forEach(one -> drift(watched.version(), one));
            List<Drift> rest = drifts.subList(pictured.size(), drifts.size());
            if (!rest.isEmpty()) {
                note("The " + Words.count(pictured.size())
                        + " checks that are or were beyond bounds come first and have" + " pictures; the other "
                        + Words.count(rest.size()) + " are in the next table.");
                rows(
                        "Checks of " + watched.version() + " without a picture",
                        List.of("Of what", "Measure", "Bound", "Latest distance", "Latest window"),
                        rest.stream().map(ReportPage::latestRow).toList(),
                        "checks");
            }
        }
        end();
    }

    private List<Drift> drifts(@Nullable Reign champion, boolean ofChampion) {
        return report.watched().stream()
                .filter(one -> ofChampion == isOf(champion, one.version()))
                .flatMap(one -> one.drifts().stream())
                .toList();
    }

    private static List<String> latestRow(Drift drift) {
        Distance last = drift.distances().isEmpty()
                ? null
                : drift.distances().get(drift.distances().size() - 1);
        return List.of(
                drift.subject(),
                drift.measure(),
                Words.number(drift.bound()),
                last == null ? Words.NOT_KNOWN : Words.number(last.effect()),
                last == null || last.effect() == null ? Words.NOT_KNOWN : last.beyond() ? "BEYOND BOUNDS" : "within");
    }

    private void drift(String version, Drift drift) {
        Thinned<Distance> shown = Thinned.worst(
                drift.distances(),
                MOST_WINDOWS,
                one -> one.effect() == null ? -1 : one.effect() + (one.beyond() ? 1e9 : 0),
                one -> one.effect() == null);
        String what = drift.subject() + ", " + drift.measure();
        LineChart chart = new LineChart(
                "Drift of " + what,
                "How far " + drift.subject() + " is from what version " + version + " was built on, window by window."
                        + " A window is beyond bounds if its distance reaches the bound and is more than chance would make"
                        + " it.");
        chart.line(
                        LineChart.Look.FOUND,
                        "distance from the reference",
                        shown.shown().stream()
                                .map(one -> new LineChart.Point(
                                        middle(one.from(), one.until()), one.effect(), one.beyond()))
                                .toList())
                .level("bound: " + Words.number(drift.bound()), drift.bound());
        page.open("p")
                .name(drift.subject())
                .text(", ")
                .name(drift.measure())
                .text(
                        drift.isBeyond()
                                ? ": beyond bounds in the latest window."
                                : drift.wasBeyond()
                                        ? ": within bounds now, but was beyond them."
                                        : drift.isKnown()
                                                ? ": never beyond bounds."
                                                : ": " + Words.NOT_KNOWN + ", no window has enough observations.")
                .close();
        picture(chart);
        note(shown.note());
        folded(
                "Drift of " + what + ", version " + version,
                List.of("Window from", "until", "Observations", "Distance", "Bound", "Result"),
                shown.shown().stream()
                        .map(one -> List.of(
                                Words.time(one.from()),
                                Words.time(one.until()),
                                Words.count(one.count()),
                                Words.number(one.effect()),
                                Words.number(drift.bound()),
                                one.effect() == null
                                        ? Words.NOT_KNOWN + ": too few observations"
                                        : one.beyond() ? "BEYOND BOUNDS" : "within"))
                        .toList());
    }

    private void performance() {
        begin("performance", "Performance");
        boolean any =
                report.watched().stream().anyMatch(one -> !one.performances().isEmpty());
        lead(
                "This shows how often and how far the model is right. What happened is known only later, so an estimate made"
                        + " beforehand stands beside it. "
                        + (any
                                ? "Where what was found is worse than the estimate, the world has changed in a way that the data"
                                        + " alone do not show."
                                : "It is not known: nothing was measured."));
        Thinned<Watched> shown = Thinned.latest(report.watched(), MOST_PARTS, "watched versions");
        note(shown.note());
        for (Watched watched : shown.shown()) {
            page.open("h3").text("Version ").name(watched.version()).close();
            if (watched.missing() != null) {
                missing("MISSING: ", watched.missing());
            } else if (watched.performances().isEmpty()) {
                missing(Words.NOT_KNOWN + ": ", "no prediction of it can be compared with what happened.");
            }
            Thinned<Performance> performances = Thinned.latest(watched.performances(), MOST_DRIFTS, "measures");
            note(performances.note());
            performances.shown().forEach(one -> performance(watched.version(), one));
        }
        end();
    }

    private void performance(String version, Performance performance) {
        int sign = performance.moreIsBetter() ? -1 : 1;
        Thinned<Score> shown = Thinned.worst(
                performance.scores(),
                MOST_WINDOWS,
                one -> one.found() == null ? Double.NEGATIVE_INFINITY : sign * one.found(),
                one -> one.found() == null);
        Double latest = latest(performance);
        page.open("p").name(performance.measure());
        page.text(" (" + (performance.moreIsBetter() ? "more" : "less") + " is better): latest known "
                        + Words.number(latest) + ", when the version was built " + Words.number(performance.reference())
                        + ".")
                .close();
        LineChart chart = new LineChart(
                performance.measure() + " of version " + version,
                "What was found once outcomes were known, and what had been expected before, window by window.");
        chart.line(
                LineChart.Look.FOUND,
                "found, with outcomes",
                shown.shown().stream()
                        .map(one -> new LineChart.Point(middle(one.from(), one.until()), one.found(), false))
                        .toList());
        if (shown.shown().stream().anyMatch(one -> one.expected() != null)) {
            chart.line(
                    LineChart.Look.EXPECTED,
                    "expected, before outcomes",
                    shown.shown().stream()
                            .map(one -> new LineChart.Point(middle(one.from(), one.until()), one.expected(), false))
                            .toList());
        }
        if (performance.reference() != null) {
            chart.level("when it was built: " + Words.number(performance.reference()), performance.reference());
        }
        picture(chart);
        note(shown.note());
        folded(
                performance.measure() + " of version " + version,
                List.of("Window from", "until", "Predictions", "Outcomes known", "Expected", "Found"),
                shown.shown().stream()
                        .map(one -> List.of(
                                Words.time(one.from()),
                                Words.time(one.until()),
                                Words.count(one.predictions()),
                                Words.count(one.labelled()),
                                one.expected() == null ? Words.NOT_KNOWN : Words.number(one.expected()),
                                one.found() == null
                                        ? Words.NOT_KNOWN + (one.labelled() == 0 ? ": no outcome yet" : "")
                                        : Words.number(one.found())))
                        .toList());
    }

    private void alerts() {
        begin("alerts", "Alerts");
        Reign now = current();
        List<Alarm> open = open(now, true);
        lead("This shows what was found to be wrong, and who took it on. "
                + (report.alarms().isEmpty()
                        ? "There never was an alert; see above whether anything was measured at all."
                        : Words.counted(open.size(), "alert") + " of the champion " + Words.isAre(open.size()) + " open"
                                + (open.isEmpty()
                                        ? "."
                                        : open.size() == 1
                                                ? ": somebody has to look into it."
                                                : ": somebody has to look into each.")
                                + ofOthers(open(now, false))));
        rows(
                "Every alert",
                List.of("Version", "Champion now", "Check", "State", "Changes"),
                report.alarms().stream()
                        .map(one -> List.of(
                                one.version(),
                                isOf(now, one.version()) ? "yes" : "no",
                                one.check(),
                                Words.of(one.state()),
                                Words.count(one.changes().size())))
                        .toList(),
                "alerts");
        List<Row> changes = new ArrayList<>();
        for (Alarm alarm : report.alarms()) {
            for (Report.Change change : alarm.changes()) {
                changes.add(new Row(
                        change.at(),
                        change.entry(),
                        List.of(
                                Words.time(change.at()),
                                alarm.version(),
                                alarm.check(),
                                Words.of(change.from()),
                                Words.of(change.to()),
                                change.who(),
                                Words.count(change.entry()))));
            }
        }
        changes.sort(Comparator.comparing(Row::at).thenComparing(Row::entry));
        rows(
                "How the alerts changed",
                List.of("When", "Version", "Check", "From", "To", "Who", "Entry"),
                changes.stream().map(Row::cells).toList(),
                "changes");
        end();
    }

    private void retraining() {
        begin("retraining", "Requests for a new version");
        long open = report.retrainings().stream()
                .filter(one -> one.answer() == null)
                .count();
        lead("This shows when a new version was asked for, why, and what came of it. "
                + (report.retrainings().isEmpty()
                        ? "None was asked for."
                        : Words.counted(open, "request") + " " + Words.isAre(open) + " without an answer."));
        rows(
                "Requests",
                List.of("When", "For version", "Who", "Why", "Data from", "until", "Answer", "Entry"),
                report.retrainings().stream().map(ReportPage::row).toList(),
                "requests");
        end();
    }

    private static List<String> row(Retraining one) {
        return List.of(
                Words.time(one.at()),
                one.version(),
                one.who(),
                one.cause(),
                Words.time(one.from()),
                Words.time(one.until()),
                one.answer() == null ? "MISSING: none yet" : one.answer(),
                Words.count(one.entry()));
    }

    private void glossary() {
        begin("words", "What the words mean");
        lead("This explains the words and numbers above; no knowledge of statistics is needed.");
        page.open("dl");
        word(
                "Champion, challenger",
                "The champion is the version whose answers are used. A challenger is a version that is"
                        + " tried against it.");
        word("Window", "A stretch of time, such as a day, whose cases are counted together.");
        word(
                "Distance and bound",
                "A distance says how much the cases of a window differ from those the version was built"
                        + " on: 0 is no difference. From the bound on, the people who registered the version want to know of it."
                        + " The bound is signed with the version.");
        word("Beyond bounds", "The distance reaches the bound, and chance alone would hardly make it so large.");
        word("AUC", "How well a score tells good cases from bad ones: 1 is always, 0.5 is no better than a coin.");
        word(
                "Brier score",
                "How far stated probabilities are from what happened, squared: 0 is perfect, and less is" + " better.");
        word(
                "Expected performance",
                "What the performance should be if the model's own probabilities are right on the new"
                        + " cases. It comes before outcomes are known, and cannot see that the world works differently now.");
        word(
                "Range in which the true value lies",
                "However often one looks, it misses the true value at no look, but for"
                        + " the stated chance. A range that holds zero says: not decided.");
        word(
                "Share of the challenger",
                "Cases are divided as planned. If the shares do not fit the plan, the comparison is" + " not valid.");
        word(
                Words.NOT_KNOWN + ", MISSING",
                "Nothing is left out silently: where something should stand and does not, one of"
                        + " these words does.");
        page.close();
        end();
    }

    private void word(String word, String meaning) {
        page.leaf("dt", word).leaf("dd", meaning);
    }

    private void begin(String id, String heading) {
        page.open("section", "id", id).leaf("h2", heading);
    }

    private void end() {
        page.close();
    }

    private record Name(String text) {}

    private record Row(Instant at, long entry, List<String> cells) {}

    private static Name name(String text) {
        return new Name(text);
    }

    private void lead(Object... parts) {
        say("lead", parts);
    }

    private void say(String style, Object... parts) {
        page.open("p", style.isEmpty() ? new String[0] : new String[] {"class", style});
        for (Object part : parts) {
            if (part instanceof Name name) {
                page.name(name.text());
            } else {
                page.text(part.toString());
            }
        }
        page.close();
    }

    private void missing(String word, String what) {
        page.open("p", "class", "missing").leaf("strong", word).name(what).close();
    }

    private void note(String note) {
        if (!note.isEmpty()) {
            say("muted", note);
        }
    }

    private void picture(LineChart chart) {
        page.open("figure");
        chart.write(page, id());
        page.close();
    }

    private String id() {
        pictures++;
        return "p" + pictures;
    }

    private void rows(String caption, List<String> heads, List<List<String>> rows, String what) {
        if (rows.isEmpty()) {
            return;
        }
        Thinned<List<String>> shown = Thinned.latest(rows, MOST_ROWS, what);
        folded(caption, heads, shown.shown());
        note(shown.note());
    }

    private void folded(String caption, List<String> heads, List<List<String>> rows) {
        page.open("details", "open", "open")
                .leaf("summary", "Table: " + caption)
                .open("div", "class", "scroll", "role", "region", "tabindex", "0", "aria-label", caption);
        table(caption, heads, rows);
        page.close().close();
    }

    private void table(String caption, List<String> heads, List<List<String>> rows) {
        page.open("table").leaf("caption", caption).open("thead").open("tr");
        heads.forEach(head -> page.leaf("th", head, "scope", "col"));
        page.close().close().open("tbody");
        for (List<String> row : rows) {
            page.open("tr");
            for (int i = 0; i < row.size(); i++) {
                if (i == 0) {
                    page.leaf("th", row.get(i), "scope", "row", "dir", "auto");
                } else {
                    page.leaf("td", row.get(i), "dir", "auto");
                }
            }
            page.close();
        }
        page.close().close();
    }

    private static String joined(List<String> texts) {
        int most = 5;
        String shown = texts.stream().limit(most).collect(Collectors.joining("; "));
        return texts.size() <= most ? shown : shown + "; and " + Words.count(texts.size() - most) + " more";
    }

    private static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / 1e9;
    }

    private static double middle(Instant from, Instant until) {
        return (seconds(from) + seconds(until)) / 2;
    }
}
