package dev.modelops.core.internal.report;

import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.report.Report.Alarm;
import dev.modelops.core.internal.report.Report.Distance;
import dev.modelops.core.internal.report.Report.Drift;
import dev.modelops.core.internal.report.Report.Guard;
import dev.modelops.core.internal.report.Report.Halt;
import dev.modelops.core.internal.report.Report.Look;
import dev.modelops.core.internal.report.Report.Performance;
import dev.modelops.core.internal.report.Report.Place;
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
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Shows a report as one page that needs nothing else: no script, no network, no other file. */
public final class ReportPage {
    /** How many windows a picture shows. */
    static final int MOST_WINDOWS = 120;

    /** How many rows a table has that is not of windows. */
    static final int MOST_ROWS = 400;

    /** How many lanes the time line has. */
    static final int MOST_LANES = 12;

    /** How many pictures of checks of one kind there are for the champion. */
    static final int MOST_CHECKS = 48;

    /** How many there are for each other version. */
    static final int MOST_FORMER_CHECKS = 12;

    /** How many pictures of checks that were never beyond bounds are shown without being asked for. */
    static final int MOST_CALM = 4;

    /** How many versions and experiments are shown in full. */
    static final int MOST_PARTS = 8;

    private final Report report;
    private final Markup page = new Markup();
    private int pictures;
    private int checks;

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
                ". Each row that names an ",
                word(Glossary.ENTRY),
                " can be looked up and proved there.");
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
        begin("glance", "At a glance", true);
        Reign now = current();
        List<Alarm> open = open(now, true);
        List<Alarm> others = open(now, false);
        if (now == null) {
            lead("Nothing is ", word(Glossary.CHAMPION), " here now, so nothing answers as such." + ofOthers(others));
        } else {
            lead(
                    "Version ",
                    name(now.version()),
                    " is ",
                    word(Glossary.CHAMPION),
                    " since " + Words.time(now.from()) + (report.halted() == null ? "" : " and does not answer")
                            + ". There " + Words.isAre(open.size()) + " " + Words.count(open.size()) + " open ",
                    link(Glossary.ALERT, open.size() == 1 ? "alert" : "alerts"),
                    (open.isEmpty()
                                    ? report.halted() == null
                                            ? isKnown(watched(now))
                                                    ? "; nothing needs to be done now."
                                                    : "; but nothing is known of its data or performance."
                                            : "; somebody has to decide who is to answer."
                                    : open.size() == 1
                                            ? "; it needs somebody to look into it."
                                            : "; each needs somebody to look into it.")
                            + ofOthers(others));
        }
        if (report.halted() != null) {
            missing("STOPPED: ", report.halted());
        }
        List<List<?>> rows = new ArrayList<>();
        rows.add(List.of("Champion", now == null ? "none" : now.version()));
        rows.add(List.of("Answers now", report.answers() == null ? "no version" : report.answers()));
        rows.add(List.of(
                "Made champion by", now == null ? "nobody" : now.who() + ", entry " + Words.count(now.entry())));
        rows.add(List.of("Champions in other environments", elsewhere()));
        rows.add(List.of("Open alerts of the champion", checks(open)));
        rows.add(List.of("Open alerts of other versions", checks(others)));
        Watched watched = now == null ? null : watched(now);
        rows.add(List.of("Checks of the data beyond bounds", ofDrifts(watched == null ? List.of() : watched.drifts())));
        rows.add(List.of(
                "Checks of the performance beyond bounds", ofDrifts(watched == null ? List.of() : watched.decays())));
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
        rows.add(List.of(
                link(Glossary.NOT_KNOWN, "Not known"),
                report.unknown().isEmpty() ? "nothing that should be" : joined(report.unknown())));
        table("The state of the model", List.of("What", "State"), rows);
        Thinned<String> unknown = Thinned.latest(report.unknown(), MOST_ROWS, "things that are not known");
        for (String gap : unknown.shown()) {
            missing(Words.NOT_KNOWN + ": ", gap);
        }
        note(unknown.note());
        end();
    }

    private @Nullable Reign current() {
        return last(report.reigns());
    }

    private static @Nullable Reign last(List<Reign> reigns) {
        Reign last = reigns.isEmpty() ? null : reigns.get(reigns.size() - 1);
        return last == null || last.until() != null ? null : last;
    }

    private @Nullable Watched watched(Reign champion) {
        return report.watched().stream()
                .filter(one -> isOf(champion, one.version()))
                .findFirst()
                .orElse(null);
    }

    private static boolean isKnown(@Nullable Watched watched) {
        return watched != null
                && Stream.concat(watched.drifts().stream(), watched.decays().stream())
                        .anyMatch(Drift::isKnown);
    }

    private String elsewhere() {
        List<String> champions = new ArrayList<>();
        for (Place place : report.places()) {
            Reign last = last(place.reigns());
            if (last != null && !place.environment().equals(report.environment())) {
                champions.add(last.version() + " in " + place.environment());
            }
        }
        return champions.isEmpty() ? "none" : joined(champions);
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

    private static String ofDrifts(List<Drift> checks) {
        if (checks.isEmpty()) {
            return Words.NOT_KNOWN + ": nothing was checked";
        }
        long beyond = checks.stream().filter(Drift::isBeyond).count();
        long unknown = checks.stream().filter(one -> !one.isKnown()).count();
        return Words.count(beyond) + " of " + Words.count(checks.size())
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
        begin("versions", "Versions and approvals", true);
        lead(
                "This shows which versions there are and what people decided about them. What is not written here was not"
                        + " recorded: a version without an ",
                word(Glossary.APPROVAL),
                " was approved by nobody. An act elsewhere names its environment and is marked as ",
                "other.");
        if (report.versions().isEmpty()) {
            missing("MISSING: ", "no version is registered.");
            end();
            return;
        }
        Thinned<Version> lanes = Thinned.latest(report.versions(), MOST_LANES, "versions");
        Thinned<Reign> reigns = Thinned.latest(report.reigns(), MOST_ROWS, "times of a champion");
        Lanes picture = new Lanes(
                "Versions over time",
                "One line for each version: marks for what was done with it, a bar while it was champion in "
                        + report.environment() + ". The first line is what was done with the model as a whole. Marks of"
                        + " acts that came close upon one another are set below one another. The table below says the same.");
        if (!report.acts().isEmpty()) {
            picture.lane(report.model(), marks(report.acts()), List.of());
        }
        for (Version version : lanes.shown()) {
            picture.lane(
                    version.name(),
                    marks(version.steps()),
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
        report.acts().forEach(step -> steps.add(row(report.model(), step)));
        report.versions().forEach(version -> version.steps().forEach(step -> steps.add(row(version.name(), step))));
        steps.sort(Comparator.comparing(Row::at).thenComparing(Row::entry));
        rows(
                "What was done with each version, and with the model",
                List.of("When", "Version or model", "Act", "Who", "What", "Entry"),
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
                List.of(
                        "Version",
                        "Status",
                        "Registered by",
                        "Signed by",
                        "Decisions that stand in " + report.environment()),
                all,
                "versions");
        end();
    }

    private static List<Lanes.Mark> marks(List<Step> steps) {
        return Thinned.latest(steps, MOST_WINDOWS, "acts").shown().stream()
                .map(step -> new Lanes.Mark(seconds(step.at()), step.kind()))
                .toList();
    }

    private static Row row(String subject, Step step) {
        return new Row(
                step.at(),
                step.entry(),
                List.of(
                        Words.time(step.at()),
                        subject,
                        Words.of(step.kind()),
                        step.who(),
                        step.what(),
                        Words.count(step.entry())));
    }

    private static String decisions(Version version) {
        return version.decisions().isEmpty() ? "MISSING: none stands" : joined(version.decisions());
    }

    private void champions() {
        begin("champions", "Champions in every environment", false);
        Reign now = current();
        if (report.places().isEmpty()) {
            lead("This shows which version answered when. No version has ever been champion in any environment.");
            end();
            return;
        }
        List<Object> said = new ArrayList<>(List.of(
                "This shows which version was ",
                word(Glossary.CHAMPION),
                " when, in each ",
                word(Glossary.ENVIRONMENT),
                ", and when that did not answer. In ",
                name(report.environment())));
        if (now == null) {
            said.add(report.reigns().isEmpty() ? " no version has ever been champion." : " there is none now.");
        } else {
            said.addAll(List.of(", ", name(now.version()), " is champion since " + Words.time(now.from())));
            String answers = report.answers();
            if (report.halted() == null) {
                said.add(" and answers.");
            } else if (answers == null) {
                said.add("; no version answers now.");
            } else {
                said.addAll(
                        List.of("; ", name(answers), " answers now, as ", link(Glossary.STAND_IN, "stand-in"), "."));
            }
        }
        said.add(" A decision of the model is to be judged by the version of its time.");
        lead(said.toArray());
        List<Place> places = new ArrayList<>(report.places());
        places.sort(Comparator.comparing(place -> !place.environment().equals(report.environment())));
        Bands picture = new Bands(
                "Champions over time",
                "One row for each environment: above, the champions one after the other; hatched, when the champion was in"
                        + " quarantine or the model suspended; below, who stood in then. The tables below say the same.",
                130);
        Thinned<Place> shown = Thinned.latest(places, MOST_LANES, "environments");
        boolean isCut = false;
        for (Place place : shown.shown()) {
            isCut |= place.reigns().size() > MOST_WINDOWS || place.halts().size() > MOST_WINDOWS;
            picture.row(place.environment(), stretches(place), marks(place));
        }
        say("", "A version becomes champion by a ", word(Glossary.PROMOTION), " or a ", word(Glossary.ROLLBACK), ".");
        page.open("figure");
        picture.write(page, id());
        page.close();
        note(shown.note());
        if (isCut) {
            note("The picture has the latest " + MOST_WINDOWS + " champions of each environment.");
        }
        List<List<String>> reigns = new ArrayList<>();
        List<List<String>> halts = new ArrayList<>();
        for (Place place : places) {
            place.reigns().forEach(reign -> reigns.add(row(place, reign)));
            place.halts().forEach(halt -> halts.add(row(place, halt)));
        }
        rows(
                "Champions, one after the other",
                List.of("From", "Until", "Environment", "Version", "By", "Who", "Ended by", "Entry"),
                reigns,
                "champions");
        if (halts.isEmpty()) {
            note(
                    "No champion was ever in quarantine or in a status that is not served, and the model was never suspended.");
        } else {
            say(
                    "",
                    "A champion did not answer while it was in ",
                    word(Glossary.QUARANTINE),
                    " or in a ",
                    link(Glossary.STATUS, "status"),
                    " that is not served, or while the model was under ",
                    word(Glossary.SUSPENSION),
                    ". ",
                    link(Glossary.FALLBACK, "A fallback"),
                    " is what a deployment does by itself; all else was done by those who are named.");
        }
        rows(
                "When the champion did not answer, and who stood in",
                List.of("From", "Until", "Environment", "Champion", "Why", "Who", "Who stood in", "Ended by", "Entry"),
                halts,
                "times");
        end();
    }

    private List<Bands.Stretch> stretches(Place place) {
        List<Bands.Stretch> stretches = new ArrayList<>();
        for (Reign reign : Thinned.latest(place.reigns(), MOST_WINDOWS, "").shown()) {
            stretches.add(
                    new Bands.Stretch(Bands.Look.CHAMPION, seconds(reign.from()), end(reign.until()), reign.version()));
        }
        for (Halt halt : Thinned.latest(place.halts(), MOST_WINDOWS, "").shown()) {
            double from = seconds(halt.from());
            double until = end(halt.until());
            String standIn = standIn(place, halt);
            Bands.Look look = switch (halt.stop()) {
                case QUARANTINE -> Bands.Look.QUARANTINE;
                case STATUS -> Bands.Look.STATUS;
                case SUSPENSION -> Bands.Look.SUSPENSION;
            };
            stretches.add(new Bands.Stretch(look, from, until, ""));
            stretches.add(
                    standIn == null
                            ? new Bands.Stretch(Bands.Look.NOBODY, from, until, "nobody")
                            : new Bands.Stretch(Bands.Look.STAND_IN, from, until, standIn));
        }
        return stretches;
    }

    private static List<Bands.Mark> marks(Place place) {
        List<Bands.Mark> marks = new ArrayList<>();
        for (Reign reign : Thinned.latest(place.reigns(), MOST_WINDOWS, "").shown()) {
            marks.add(new Bands.Mark(
                    reign.isRollback() ? Bands.Event.ROLLBACK : Bands.Event.PROMOTION, seconds(reign.from())));
        }
        for (Halt halt : Thinned.latest(place.halts(), MOST_WINDOWS, "").shown()) {
            if (halt.stop() == Report.Stop.QUARANTINE && halt.isNamed()) {
                marks.add(new Bands.Mark(Bands.Event.FALLBACK, seconds(halt.from())));
            }
        }
        return marks;
    }

    /** Returns who stands in: who policy lets serve, where that is known, and else what the log says. */
    private @Nullable String standIn(Place place, Halt halt) {
        return isNow(place, halt) ? report.answers() : halt.standIn();
    }

    private boolean isNow(Place place, Halt halt) {
        return halt.until() == null && place.environment().equals(report.environment());
    }

    private static List<String> row(Place place, Reign reign) {
        return List.of(
                Words.time(reign.from()),
                reign.until() == null ? "now" : Words.time(reign.until()),
                place.environment(),
                reign.version(),
                reign.how(),
                reign.who(),
                reign.end() == null ? "still champion" : reign.end(),
                Words.count(reign.entry()));
    }

    private List<String> row(Place place, Halt halt) {
        String standIn = standIn(place, halt);
        return List.of(
                Words.time(halt.from()),
                halt.until() == null ? "now" : Words.time(halt.until()),
                place.environment(),
                halt.version() == null ? "none" : halt.version(),
                halt.how(),
                halt.who(),
                standIn == null
                        ? "nobody"
                        : standIn + (halt.isNamed() || isNow(place, halt) ? "" : ", if policy let it serve"),
                halt.end() == null ? "it lasts" : halt.end(),
                Words.count(halt.entry()));
    }

    private double end(@Nullable Instant until) {
        return seconds(until == null ? report.at() : until);
    }

    private void experiments() {
        begin("experiments", "Experiments", true);
        if (report.trials().isEmpty()) {
            lead("This shows how a new version was compared with the champion. There was no experiment.");
            end();
            return;
        }
        lead(
                "This shows how a ",
                word(Glossary.CHALLENGER),
                " was compared with the champion. A verdict counts as evidence; whether a version becomes champion, people"
                        + " and ",
                word(Glossary.POLICY),
                " decide.");
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
                ": less is better, so below zero the challenger is ahead. The range at each verdict is a ",
                word(Glossary.SEQUENCE),
                ": a wrong conclusion has a chance of at most " + Words.percent(trial.alpha())
                        + ", however often one looks. Each verdict says too whether the ",
                word(Glossary.SHARE),
                " is as planned.");
        if (trial.looks().isEmpty()) {
            missing(
                    Words.NOT_KNOWN + ": ",
                    trial.until() == null ? "there is no verdict yet." : "it ended without a verdict.");
            return;
        }
        Thinned<Look> looks = Thinned.spread(trial.looks(), MOST_WINDOWS, "verdicts", Look::state);
        if (looks.shown().stream().anyMatch(look -> look.difference() != null)) {
            LineChart chart = new LineChart(
                    "Difference between challenger and champion",
                    "The mean loss of the challenger less that of the champion at each verdict, with the range in which the"
                            + " true value lies. The range must be wholly below zero for the challenger to be better.",
                    "challenger less champion, " + trial.measure());
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
                rows,
                true);
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
        begin("drift", "Drift of the data", true);
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
        lead(
                "This shows whether the model is asked about other cases than it was built on, which is called ",
                word(Glossary.DRIFT),
                "." + drift);
        say(
                "",
                "Each check compares a ",
                word(Glossary.WINDOW),
                " with the ",
                word(Glossary.REFERENCE),
                ", for example by the ",
                link(Glossary.PSI, "population stability index"),
                ". From a ",
                word(Glossary.BOUND),
                " on it may be ",
                link(Glossary.BEYOND, "beyond bounds"),
                ".");
        for (Watched watched : watched()) {
            version(watched.version());
            if (watched.missing() != null) {
                missing("MISSING: ", watched.missing());
            } else if (watched.drifts().isEmpty()) {
                missing(Words.NOT_KNOWN + ": ", "no check of the data was evaluated.");
            }
            checks("Checks of the data of " + watched.version(), watched.version(), watched.drifts());
        }
        end();
    }

    /** Returns the latest versions that were watched: the champion first, and then the newer ones before the older. */
    private List<Watched> watched() {
        Thinned<Watched> shown = Thinned.latest(report.watched(), MOST_PARTS, "watched versions");
        note(shown.note());
        List<Watched> watched = new ArrayList<>(shown.shown());
        Collections.reverse(watched);
        Reign now = current();
        watched.sort(Comparator.comparing(one -> !isOf(now, one.version())));
        return watched;
    }

    private void version(String version) {
        page.open("h3").text("Version ").name(version);
        page.text(isOf(current(), version) ? ", the champion" : "").close();
    }

    private List<Drift> drifts(@Nullable Reign champion, boolean ofChampion) {
        return report.watched().stream()
                .filter(one -> ofChampion == isOf(champion, one.version()))
                .flatMap(one -> one.drifts().stream())
                .toList();
    }

    /** What is worst comes first; what is not known comes before what is known to be well. */
    private static int rank(Drift drift) {
        return drift.isBeyond() ? 0 : drift.wasBeyond() ? 1 : drift.isKnown() ? 3 : 2;
    }

    private static double excess(Drift drift) {
        Double worst = drift.worst();
        return worst == null ? Double.NEGATIVE_INFINITY : drift.bound() == 0 ? worst : worst / drift.bound();
    }

    /** Writes a table of all checks, and then a picture of each. */
    private void checks(String caption, String version, List<Drift> all) {
        List<Drift> drifts = new ArrayList<>(all);
        drifts.sort(Comparator.comparingInt(ReportPage::rank)
                .thenComparing(Comparator.comparingDouble(ReportPage::excess).reversed())
                .thenComparing(Drift::subject));
        List<Drift> known = drifts.stream().filter(Drift::isKnown).toList();
        List<Drift> pictured =
                known.subList(0, Math.min(isOf(current(), version) ? MOST_CHECKS : MOST_FORMER_CHECKS, known.size()));
        int first = checks + 1;
        checks += pictured.size();
        List<List<?>> rows = new ArrayList<>();
        int next = first;
        for (Drift drift : drifts) {
            boolean isPictured = drift.isKnown() && next < first + pictured.size();
            rows.add(List.of(
                    drift.subject(),
                    drift.measure(),
                    Words.number(drift.worst()),
                    Words.number(drift.bound()),
                    windows(drift),
                    state(drift),
                    isPictured ? new Link("check-" + next, "picture") : "no picture"));
            next += isPictured ? 1 : 0;
        }
        rows(
                caption + ", the worst first",
                List.of("Of what", "Measure", "Worst value", "Bound", "Windows beyond", "State", "Picture"),
                rows,
                "checks");
        if (pictured.size() < known.size()) {
            note("The " + Words.count(pictured.size()) + " worst checks have pictures; "
                    + Words.counted(known.size() - pictured.size(), "other") + " "
                    + Words.isAre(known.size() - pictured.size()) + " in the table alone.");
        }
        if (known.size() < drifts.size()) {
            missing(
                    Words.NOT_KNOWN + ": ",
                    "of " + Words.counted(drifts.size() - known.size(), "check")
                            + " no window has enough observations, so there is nothing to draw.");
        }
        long calm = pictured.stream().filter(one -> rank(one) == 3).count();
        boolean isFolded = calm > MOST_CALM;
        for (int i = 0; i < pictured.size(); i++) {
            if (isFolded && i == pictured.size() - calm) {
                page.open("details")
                        .leaf(
                                "summary",
                                "Pictures of the " + Words.count(calm) + " checks that were never beyond bounds");
            }
            check(version, pictured.get(i), "check-" + (first + i));
        }
        if (isFolded) {
            page.close();
        }
    }

    private static String windows(Drift drift) {
        long known =
                drift.distances().stream().filter(one -> one.effect() != null).count();
        long unknown = drift.distances().size() - known;
        return Words.count(drift.beyond()) + " of " + Words.count(known)
                + (unknown == 0 ? "" : "; " + Words.count(unknown) + " not known");
    }

    private static String state(Drift drift) {
        return drift.isBeyond()
                ? "BEYOND BOUNDS"
                : drift.wasBeyond()
                        ? "within now, was beyond"
                        : !drift.isKnown()
                                ? Words.NOT_KNOWN
                                : drift.distances().stream().anyMatch(one -> isChance(drift, one))
                                        ? "within: what is above the bound may be chance"
                                        : "within";
    }

    /** Returns whether a value reaches the bound and chance may have made it so. */
    private static boolean isChance(Drift drift, Distance one) {
        return one.effect() != null && one.effect() >= drift.bound() && !one.beyond();
    }

    private void check(String version, Drift drift, String id) {
        Thinned<Distance> shown = Thinned.worst(
                drift.distances(),
                MOST_WINDOWS,
                one -> one.effect() == null ? -1 : one.effect() + (one.beyond() ? 1e9 : 0),
                one -> one.effect() == null);
        String what = drift.subject() + ", " + drift.measure();
        LineChart chart = new LineChart(
                what + ", of version " + version,
                drift.ofChange()
                        ? "By how much the loss is above what it was before the change that the detector saw, window by"
                                + " window; 0 where it saw none."
                        : "How far " + drift.subject() + " is from what version " + version
                                + " was built on, window by window. A window is beyond bounds if its distance reaches"
                                + " the bound and is more than chance would make it.",
                drift.measure() + " (" + drift.unit() + ")");
        chart.line(
                        LineChart.Look.FOUND,
                        drift.measure(),
                        shown.shown().stream()
                                .map(one -> new LineChart.Point(
                                        middle(one.from(), one.until()), one.effect(), one.beyond()))
                                .toList())
                .level("bound: " + Words.number(drift.bound()), drift.bound())
                .fromZero()
                .events("a change was seen", shifts(drift.distances()));
        page.open("h4", "id", id)
                .name(drift.subject())
                .text(", ")
                .name(drift.measure())
                .text(
                        drift.isBeyond()
                                ? ": beyond bounds in the latest window."
                                : drift.wasBeyond()
                                        ? ": within bounds now, but was beyond them."
                                        : ": never beyond bounds.")
                .close();
        picture(chart);
        note(shown.note());
        List<String> heads =
                new ArrayList<>(List.of("Window from", "until", "Observations", "Value", "Bound", "Result"));
        if (drift.ofChange()) {
            heads.addAll(List.of("Change seen", "Mean loss before it"));
        }
        folded(
                what + ", version " + version,
                heads,
                shown.shown().stream().map(one -> row(drift, one)).toList(),
                false);
    }

    /** Returns when a detector saw a change that it had not seen in the window before. */
    private static List<Double> shifts(List<Distance> distances) {
        List<Double> times = new ArrayList<>();
        long known = -1;
        for (Distance one : distances) {
            Report.Shift shift = one.shift();
            if (shift != null && shift.entry() != known && times.size() < MOST_WINDOWS) {
                times.add(middle(one.from(), one.until()));
            }
            known = shift == null ? -1 : shift.entry();
        }
        return times;
    }

    private static List<String> row(Drift drift, Distance one) {
        List<String> row = new ArrayList<>(List.of(
                Words.time(one.from()),
                Words.time(one.until()),
                Words.count(one.count()),
                Words.number(one.effect()),
                Words.number(drift.bound()),
                one.effect() == null
                        ? Words.NOT_KNOWN + ": too few observations"
                        : one.beyond()
                                ? "BEYOND BOUNDS"
                                : isChance(drift, one) ? "within: it may be chance" : "within"));
        if (drift.ofChange()) {
            Report.Shift shift = one.shift();
            row.add(
                    shift == null
                            ? "none"
                            : "at entry " + Words.count(shift.entry()) + ", after "
                                    + Words.counted(shift.after(), "case"));
            row.add(shift == null ? "-" : Words.number(shift.before()));
        }
        return row;
    }

    private void performance() {
        begin("performance", "Performance", true);
        boolean any = report.watched().stream()
                .anyMatch(one -> !one.performances().isEmpty() || !one.decays().isEmpty());
        lead(
                "This shows how often and how far the model is right. The ",
                link(Glossary.OUTCOME, "outcome"),
                " is known only later, so an estimate made beforehand (",
                link(Glossary.CBPE, "CBPE"),
                ") stands beside it. "
                        + (any
                                ? "Where what was found is worse than the estimate, the world has changed in a way that the data"
                                        + " alone do not show."
                                : "It is not known: nothing was measured."));
        if (any) {
            say(
                    "",
                    "Measures are, among others, the ",
                    word(Glossary.AUC),
                    " and the ",
                    word(Glossary.BRIER),
                    ". Checks compare them with their values when the version was built; detectors such as ",
                    word(Glossary.HINKLEY),
                    ", ",
                    word(Glossary.DDM),
                    " and ",
                    word(Glossary.ADWIN),
                    " look for a ",
                    link(Glossary.CHANGE, "change of the losses"),
                    " instead.");
        }
        for (Watched watched : watched()) {
            version(watched.version());
            if (watched.missing() != null) {
                missing("MISSING: ", watched.missing());
            } else if (watched.performances().isEmpty()) {
                missing(Words.NOT_KNOWN + ": ", "no prediction of it can be compared with what happened.");
            }
            Thinned<Performance> performances = Thinned.latest(watched.performances(), MOST_CHECKS, "measures");
            note(performances.note());
            performances.shown().forEach(one -> performance(watched.version(), one));
            checks("Checks of the performance of " + watched.version(), watched.version(), watched.decays());
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
        page.open("h4").name(performance.measure());
        page.text(" (" + (performance.moreIsBetter() ? "more" : "less") + " is better): latest known "
                        + Words.number(latest) + ", when the version was built " + Words.number(performance.reference())
                        + ".")
                .close();
        LineChart chart = new LineChart(
                performance.measure() + " of version " + version,
                "What was found once outcomes were known, and what had been expected before, window by window.",
                performance.measure() + " (" + (performance.moreIsBetter() ? "more" : "less") + " is better)");
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
        if (shown.shown().stream().anyMatch(one -> one.found() != null || one.expected() != null)) {
            picture(chart);
        }
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
                        .toList(),
                false);
    }

    private void alerts() {
        begin("alerts", "Alerts", true);
        Reign now = current();
        List<Alarm> open = open(now, true);
        lead(
                "This shows each ",
                word(Glossary.ALERT),
                ": what was found to be wrong, and who took it on. "
                        + (report.alarms().isEmpty()
                                ? "There never was an alert; see above whether anything was measured at all."
                                : Words.counted(open.size(), "alert") + " of the champion " + Words.isAre(open.size())
                                        + " open"
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
        if (!report.alarms().isEmpty()) {
            Thinned<Alarm> shown = Thinned.latest(report.alarms(), MOST_LANES, "alerts");
            Bands picture = new Bands(
                    "Alerts over time",
                    "One row for each alert: when it was suspect, when it was open, and whether somebody had taken it on."
                            + " The table below says the same.",
                    230);
            shown.shown().forEach(alarm -> row(picture, alarm));
            page.open("figure");
            picture.write(page, id());
            page.close();
            note(shown.note());
        }
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

    private void row(Bands picture, Alarm alarm) {
        List<Bands.Stretch> stretches = new ArrayList<>();
        List<Bands.Mark> marks = new ArrayList<>();
        List<Report.Change> changes =
                Thinned.latest(alarm.changes(), MOST_WINDOWS, "").shown();
        for (int i = 0; i < changes.size(); i++) {
            double from = seconds(changes.get(i).at());
            Instant until = i + 1 < changes.size() ? changes.get(i + 1).at() : null;
            Bands.Look look = switch (changes.get(i).to()) {
                case SUSPECT -> Bands.Look.SUSPECT;
                case FIRING -> Bands.Look.OPEN;
                case ACKNOWLEDGED -> Bands.Look.TAKEN_ON;
                case OK, RESOLVED -> null;
            };
            if (look == null) {
                marks.add(new Bands.Mark(Bands.Event.OVER, from));
            } else {
                stretches.add(new Bands.Stretch(look, from, end(until), ""));
            }
        }
        picture.row(alarm.version() + " " + alarm.check(), stretches, marks);
    }

    private void retraining() {
        begin("retraining", "Requests for a new version", true);
        long open = report.retrainings().stream()
                .filter(one -> one.answer() == null)
                .count();
        lead(
                "This shows each ",
                link(Glossary.RETRAINING, "request for a new version"),
                ": when and why, and what came of it. "
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
        begin("words", "What the words mean", false);
        lead("This explains the words and numbers above; no knowledge of statistics is needed.");
        page.open("dl");
        for (Glossary one : Glossary.values()) {
            page.leaf("dt", one.word(), "id", one.id()).leaf("dd", one.meaning());
        }
        page.close();
        end();
    }

    private void begin(String id, String heading, boolean isOfEnvironment) {
        page.open("section", "id", id).open("h2").text(heading);
        if (isOfEnvironment) {
            page.text(" in ").name(report.environment());
        }
        page.close();
    }

    private void end() {
        page.close();
    }

    private record Name(String text) {}

    private record Row(Instant at, long entry, List<String> cells) {}

    /** A link within the page. */
    private record Link(String id, String text) {}

    private static Name name(String text) {
        return new Name(text);
    }

    /** A word, with a link to where it is explained. */
    private static Link word(Glossary word) {
        boolean isName = word == Glossary.AUC
                || word == Glossary.ADWIN
                || word == Glossary.DDM
                || word == Glossary.HINKLEY
                || word == Glossary.BRIER;
        return link(word, isName ? word.word() : word.word().toLowerCase(Locale.ROOT));
    }

    private static Link link(Glossary word, String text) {
        return new Link(word.id(), text);
    }

    private void lead(Object... parts) {
        say("lead", parts);
    }

    private void say(String style, Object... parts) {
        page.open("p", style.isEmpty() ? new String[0] : new String[] {"class", style});
        for (Object part : parts) {
            part(part);
        }
        page.close();
    }

    private void part(Object part) {
        if (part instanceof Name name) {
            page.name(name.text());
        } else if (part instanceof Link link) {
            page.leaf("a", link.text(), "href", "#" + link.id());
        } else {
            page.text(part.toString());
        }
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

    private void rows(String caption, List<String> heads, List<? extends List<?>> rows, String what) {
        if (rows.isEmpty()) {
            return;
        }
        Thinned<? extends List<?>> shown = Thinned.latest(rows, MOST_ROWS, what);
        folded(caption, heads, shown.shown(), true);
        note(shown.note());
    }

    private void folded(String caption, List<String> heads, List<? extends List<?>> rows, boolean isOpen) {
        page.open("details", isOpen ? new String[] {"open", "open"} : new String[0])
                .leaf("summary", "Table: " + caption)
                .open("div", "class", "scroll", "role", "region", "tabindex", "0", "aria-label", caption);
        table(caption, heads, rows);
        page.close().close();
    }

    private void table(String caption, List<String> heads, List<? extends List<?>> rows) {
        page.open("table").leaf("caption", caption).open("thead").open("tr");
        heads.forEach(head -> page.leaf("th", head, "scope", "col"));
        page.close().close().open("tbody");
        for (List<?> row : rows) {
            page.open("tr");
            for (int i = 0; i < row.size(); i++) {
                if (i == 0) {
                    page.open("th", "scope", "row", "dir", "auto");
                } else {
                    page.open("td", "dir", "auto");
                }
                part(row.get(i));
                page.close();
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
