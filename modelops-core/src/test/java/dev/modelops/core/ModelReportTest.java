package dev.modelops.core;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.SERVICE;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.Alias;
import dev.modelops.ClosedException;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Role;
import dev.modelops.Session;
import dev.modelops.core.monitoring.Baseline;
import dev.modelops.core.monitoring.Measure;
import dev.modelops.core.monitoring.MonitorPlan;
import dev.modelops.monitoring.Monitor;
import dev.modelops.monitoring.Response;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.registry.LifeCycle;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Experiment.Loss;
import dev.modelops.serving.Experiments;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Served;
import dev.modelops.serving.Trial;
import dev.modelops.serving.VerifiedArtifact;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.Traffic;
import java.io.StringReader;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The report says what the log says, and nothing else. */
class ModelReportTest {
    private static final Environment PRODUCTION = Environment.PRODUCTION;
    private static final ModelRef V1 = ref("risk", 1);
    private static final ModelRef V2 = ref("risk", 2);
    private static final ModelRef V3 = ref("risk", 3);

    @TempDir
    Path dir;

    private GovernedLog log;

    @BeforeEach
    void open() {
        log = GovernedLog.open();
        for (int i = 1; i <= 3; i++) {
            log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("v" + i), i)));
            tick();
        }
    }

    @AfterEach
    void close() {
        log.close();
    }

    private void tick() {
        log.clock().advance(Duration.ofHours(1));
    }

    private Page report() throws Exception {
        return new Page(
                ModelReport.of(log.ops().as(AUDITOR), "risk", PRODUCTION).html());
    }

    private void promoted(ModelRef ref) {
        log.as(VALIDATOR).approve(ref, PRODUCTION, "fine");
        tick();
        log.as(RELEASER).promote(ref, PRODUCTION);
        tick();
    }

    /** A page as its reader finds it. */
    private static final class Page {
        private final Document document;

        Page(String html) throws Exception {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            document = factory.newDocumentBuilder()
                    .parse(new InputSource(new StringReader(html.substring(html.indexOf('\n')))));
        }

        String text() {
            return document.getElementsByTagName("body").item(0).getTextContent();
        }

        /** The rows of the table with a caption, cells joined by a bar. */
        List<String> table(String caption) {
            List<String> found = new ArrayList<>();
            NodeList tables = document.getElementsByTagName("table");
            for (int i = 0; i < tables.getLength(); i++) {
                Element table = (Element) tables.item(i);
                if (table.getFirstChild().getTextContent().equals(caption)) {
                    NodeList rows =
                            ((Element) table.getElementsByTagName("tbody").item(0)).getElementsByTagName("tr");
                    for (int j = 0; j < rows.getLength(); j++) {
                        List<String> cells = new ArrayList<>();
                        NodeList children = rows.item(j).getChildNodes();
                        for (int k = 0; k < children.getLength(); k++) {
                            cells.add(children.item(k).getTextContent());
                        }
                        found.add(String.join(" | ", cells));
                    }
                }
            }
            return found;
        }
    }

    @Test
    void versionsDecisionsAndChampionsAreAsTheLogHasThem() throws Exception {
        promoted(V1);
        log.as(VALIDATOR).reject(V3, PRODUCTION, "<script>alert('no')</script>");
        tick();
        promoted(V2);
        log.as(AUTHOR).setTag(V2, "team", "a");
        log.as(RELEASER).setAlias(V2, Alias.of("next"));
        log.as(VALIDATOR).approve(V3, Environment.STAGING, "there only");
        tick();
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(STRANGER).promote(V3, PRODUCTION));
        log.as(RELEASER).rollback(ModelName.of("risk"), PRODUCTION, "too slow");

        Page page = report();

        assertThat(page.text())
                .contains("Version risk@1 is champion since 2026-03-01 18:00 UTC. There are 0 open alerts;");
        assertThat(page.table("Champions, one after the other"))
                .containsExactly(
                        "2026-03-01 13:00 UTC | 2026-03-01 16:00 UTC | production | risk@1 | promotion | " + RELEASER
                                + " (release-manager) | promotion of risk@2, by " + RELEASER
                                + " (release-manager) (entry 8) | 5",
                        "2026-03-01 16:00 UTC | 2026-03-01 18:00 UTC | production | risk@2 | promotion | " + RELEASER
                                + " (release-manager) | rollback to risk@1, by " + RELEASER
                                + " (release-manager) (entry 13) | 8",
                        "2026-03-01 18:00 UTC | now | production | risk@1 | rollback | " + RELEASER
                                + " (release-manager) | still champion | 13");
        assertThat(page.table("What was done with each version, and with the model"))
                .contains(
                        "2026-03-01 09:00 UTC | risk@1 | registered | " + AUTHOR
                                + " (data-scientist) | registration | 1",
                        "2026-03-01 12:00 UTC | risk@1 | approved | " + VALIDATOR
                                + " (validator) | approval in production: fine | 4",
                        "2026-03-01 14:00 UTC | risk@3 | rejected | " + VALIDATOR
                                + " (validator) | rejection in production: <script>alert('no')</script> | 6",
                        "2026-03-01 17:00 UTC | risk@3 | other | " + VALIDATOR
                                + " (validator) | approval in staging: there only | 11",
                        "2026-03-01 17:00 UTC | risk@2 | other | " + AUTHOR + " (data-scientist) | tag: team | 9")
                .filteredOn(row -> row.contains("refused by policy"))
                .hasSize(1)
                .allMatch(
                        row -> row.contains("risk@3") && row.contains(STRANGER.toString()) && row.contains("promote"));
        assertThat(page.table("Every version"))
                .hasSize(3)
                .allMatch(row -> row.contains(AUTHOR.toString()) && row.contains("sha256:"))
                .anyMatch(row -> row.startsWith("risk@1 ") && row.endsWith("approved by " + VALIDATOR))
                .anyMatch(row -> row.startsWith("risk@3 ") && row.endsWith("rejected by " + VALIDATOR));
    }

    @Test
    void aDecisionThatWasWithdrawnDoesNotStand() throws Exception {
        log.as(VALIDATOR).approve(V1, PRODUCTION, "fine");
        log.as(VALIDATOR).perform(Action.withdraw(V1, PRODUCTION));

        assertThat(report().table("Every version"))
                .anyMatch(row -> row.startsWith("risk@1 ") && row.endsWith("MISSING: none stands"));
    }

    @Test
    void aStoppedChampionIsSaidToBeStopped() throws Exception {
        promoted(V1);
        assertThat(report().text()).doesNotContain("STOPPED");

        log.as(VALIDATOR).perform(Action.quarantine(V1, PRODUCTION).because("wrong"));
        Page page = report();
        assertThat(page.text())
                .contains(
                        "STOPPED: risk@1 is champion but in quarantine, so it does not answer; no version answers for it,"
                                + " for there is no champion before it that policy lets serve");
        assertThat(page.table("What was done with each version, and with the model"))
                .anyMatch(row -> row.contains("| risk@1 | taken out of use |") && row.contains("wrong"));

        log.as(VALIDATOR).approve(V1, PRODUCTION, "fine after all");
        assertThat(report().text()).doesNotContain("STOPPED");

        log.as(RELEASER).perform(Action.suspend(ModelName.of("risk"), PRODUCTION));
        assertThat(report().text()).contains("STOPPED: the model is suspended since position");
    }

    private static final String HALTS = "When the champion did not answer, and who stood in";

    @Test
    void whoStandsInIsNamedAsLongAsItDoes() throws Exception {
        promoted(V1);
        promoted(V2);
        promoted(V3);
        log.as(SERVICE).perform(Action.fallBack(V3, PRODUCTION, V1.version(), "too many failures"));
        tick();
        Page automatic = report();
        assertThat(automatic.text())
                .contains("STOPPED: risk@3 is champion but in quarantine, so it does not answer; risk@2");
        assertThat(automatic.table("The state of the model")).contains("Champion | risk@3", "Answers now | risk@2");

        log.as(VALIDATOR).perform(Action.quarantine(V2, PRODUCTION).because("wrong too"));
        tick();
        log.as(VALIDATOR).approve(V3, PRODUCTION, "repaired");
        tick();
        log.as(VALIDATOR).perform(Action.withdraw(V3, PRODUCTION));
        tick();
        log.as(RELEASER).rollback(ModelName.of("risk"), PRODUCTION, "enough");
        tick();

        assertThat(report().table(HALTS))
                .satisfiesExactly(
                        row -> assertThat(row)
                                .startsWith("2026-03-01 18:00 UTC | 2026-03-01 19:00 UTC | production | risk@3 |"
                                        + " fallback of a deployment: too many failures | " + SERVICE)
                                .contains(" | risk@1 | quarantine of risk@2, by " + VALIDATOR),
                        row -> assertThat(row)
                                .startsWith("2026-03-01 19:00 UTC | 2026-03-01 20:00 UTC | production | risk@3 |"
                                        + " fallback of a deployment: too many failures | " + SERVICE)
                                .contains(" | risk@1, if policy let it serve | approval of risk@3, by " + VALIDATOR),
                        row -> assertThat(row)
                                .startsWith("2026-03-01 21:00 UTC | 2026-03-01 22:00 UTC | production | risk@3 |"
                                        + " withdrawal | " + VALIDATOR)
                                .contains(" | risk@1, if policy let it serve | rollback to risk@1, by " + RELEASER));
        assertThat(report().table("Champions, one after the other"))
                .anyMatch(row -> row.contains("| risk@3 | promotion |")
                        && row.contains("| rollback to risk@1, which stood in already, by " + RELEASER));
    }

    @Test
    void aSuspensionIsOfTheModelAndOfNoVersion() throws Exception {
        promoted(V1);
        log.as(RELEASER).perform(Action.suspend(ModelName.of("risk"), PRODUCTION));
        tick();
        assertThat(report().table("The state of the model")).contains("Answers now | no version");
        log.as(RELEASER).perform(Action.resume(ModelName.of("risk"), PRODUCTION));
        tick();

        Page page = report();

        assertThat(page.table("What was done with each version, and with the model"))
                .filteredOn(row -> row.contains("suspension"))
                .containsExactly(
                        "2026-03-01 14:00 UTC | risk | taken out of use | " + RELEASER
                                + " (release-manager) | suspension in production | 6",
                        "2026-03-01 15:00 UTC | risk | put into use again | " + RELEASER
                                + " (release-manager) | end of a suspension in production | 7");
        assertThat(page.table(HALTS))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .startsWith("2026-03-01 14:00 UTC | 2026-03-01 15:00 UTC | production | risk@1 | suspension | ")
                        .contains(" | nobody | end of a suspension of risk, by "));
    }

    @Test
    void aChampionThatWasRevokedDoesNotAnswer() throws Exception {
        promoted(V1);
        promoted(V2);
        log.as(RELEASER).perform(Action.transition(V2, "revoke"));
        tick();

        Page revoked = report();

        assertThat(revoked.text())
                .contains(
                        "STOPPED: risk@2 is champion, but policy, asked for whoever made this report, forbids that it is served,"
                                + " so no version answers; expected was a version whose status lets it be served");
        assertThat(revoked.table("The state of the model")).contains("Answers now | no version");
        assertThat(revoked.table(HALTS))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .startsWith("2026-03-01 16:00 UTC | now | production | risk@2 | transition: to revoked | "
                                + RELEASER)
                        .contains(" | nobody | it lasts | "));

        log.as(RELEASER).rollback(ModelName.of("risk"), PRODUCTION, "revoked");

        assertThat(report().table(HALTS))
                .singleElement()
                .satisfies(row -> assertThat(row).contains(" | nobody | rollback to risk@1, by "));
        assertThat(report().text()).doesNotContain("STOPPED");
    }

    @Test
    void eachChampionHasItsOwnStretchOfNotBeingServed() throws Exception {
        log.close();
        LifeCycle drafts = new LifeCycle(
                "draft",
                Map.of("draft", new LifeCycle.State(true, false, false), "done", new LifeCycle.State(true, true, true)),
                List.of(new LifeCycle.Transition("finish", "draft", "done")));
        log = GovernedLog.open(genesis -> genesis.lifeCycle(drafts), UnaryOperator.identity());
        for (int i = 1; i <= 2; i++) {
            log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("v" + i), i)));
            promoted(ref("risk", i));
        }
        log.as(RELEASER).perform(Action.transition(V2, "finish"));

        assertThat(report().table(HALTS))
                .satisfiesExactly(
                        row -> assertThat(row)
                                .contains(" | risk@1 | promotion | ", " | nobody | promotion of risk@2, by "),
                        row -> assertThat(row)
                                .contains(" | risk@2 | promotion | ", " | nobody | transition of risk@2, by "));
    }

    @Test
    void championsElsewhereAreShownAsSuch() throws Exception {
        promoted(V1);
        log.as(VALIDATOR).approve(V2, Environment.STAGING, "to be tried");
        log.as(RELEASER).promote(V2, Environment.STAGING);
        log.as(VALIDATOR).perform(Action.quarantine(V2, Environment.STAGING).because("no"));

        Page page = report();

        assertThat(page.text()).doesNotContain("STOPPED");
        assertThat(page.table("The state of the model"))
                .contains("Answers now | risk@1", "Champions in other environments | risk@2 in staging");
        assertThat(page.table("Champions, one after the other"))
                .hasSize(2)
                .anyMatch(row -> row.contains(" | staging | risk@2 | promotion | "));
        assertThat(page.table(HALTS))
                .singleElement()
                .satisfies(row -> assertThat(row).contains(" | staging | risk@2 | ", " | nobody | it lasts | "));
    }

    @Test
    void anErasedTextIsSaidToBeErased() throws Exception {
        long position = log.as(VALIDATOR)
                .approve(V1, PRODUCTION, "the customer's name is Ada")
                .position()
                .index();
        log.as(ADMIN).perform(Action.grantRole(AUDITOR, Role.PRIVACY_OFFICER));
        log.as(AUDITOR).perform(Action.erase(LogPosition.after(position), "request"));

        assertThat(report().text()).doesNotContain("Ada").contains("approval in production: (erased at position");
    }

    private static final ModelLoader<Integer> LOADER = new ModelLoader<>() {
        @Override
        public Integer load(VerifiedArtifact artifact) {
            return artifact.ref().version().value();
        }
    };

    @Test
    void anExperimentIsShownWithItsVerdicts() throws Exception {
        promoted(V1);
        Experiments experiments = log.ops().as(RELEASER).experiments();
        SplittableRandom random = new SplittableRandom(5);
        Trial<Integer, Double, Double> trial = Trial.<Integer, Double, Double>of((version, input) -> input * version)
                .copying(input -> input);
        try (Deployment<Integer> deployment =
                        log.ops().as(SERVICE).serving().deploy(Deployment.Spec.of("risk", PRODUCTION, LOADER));
                PredictionLog.Recorder recorder =
                        log.ops().as(SERVICE).predictions().record("risk", PRODUCTION, PredictionLog.Rules.all())) {
            // Deployments that are there are ready for it when this returns.
            experiments.start(Experiment.Plan.of("<try>", V2, PRODUCTION, "score", Loss.SQUARED_ERROR)
                    .judgedEvery(Duration.ZERO)
                    .split(0.5)
                    .conclude(0.05, 20, 0.01));
            tick();
            experiments.judge("risk", PRODUCTION);
            for (int i = 0; i < 400; i++) {
                Served<Double> served = deployment.apply("unit" + i, 1 + random.nextDouble(), trial);
                Prediction prediction = Prediction.of(served).output(Map.of("score", Double.toString(served.value())));
                recorder.record(prediction);
                recorder.outcome(prediction.id(), 3 + random.nextDouble());
            }
        }
        tick();
        experiments.judge("risk", PRODUCTION);
        tick();

        Page running = report();
        assertThat(running.text())
                .contains("Experiment <try>, stage 1: risk@2 against risk@1")
                .contains("It is running. So far: the challenger is better.")
                .contains("less champion")
                .contains("the squared error of score");
        List<String> verdicts = running.table("Verdicts of the experiment <try>");
        assertThat(verdicts).hasSize(2);
        assertThat(verdicts.get(0)).contains("| NOT KNOWN | NOT KNOWN | NOT KNOWN |", "nothing can be concluded yet");
        assertThat(verdicts.get(1))
                .contains("fits: 0.", "the challenger is better")
                .contains("| 400 | -3");

        log.as(VALIDATOR).approve(V2, PRODUCTION, "won");
        log.as(RELEASER).promote(V2, PRODUCTION);
        assertThat(report().text())
                .contains("It ended at 2026-03-01 17:00 UTC: the champion changed (entry")
                .contains("Running experimentnone");
    }

    private static double score(Traffic.Row row) {
        return 1 / (1 + Math.exp(-row.number("income")));
    }

    /** Registers a version whose baseline is the traffic before it changes. */
    private ModelRef watched(Traffic traffic) throws Exception {
        int count = 4000;
        double[] incomes = new double[count];
        double[] scores = new double[count];
        boolean[] happened = new boolean[count];
        List<String> homes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Traffic.Row row = traffic.row(1_000_000 + i);
            incomes[i] = row.number("income");
            homes.add(row.text("home"));
            scores[i] = score(row);
            happened[i] = "1".equals(traffic.outcome(1_000_000 + i));
        }
        Path folder = Files.createDirectories(dir.resolve("watched"));
        Files.writeString(folder.resolve("model.txt"), "w");
        MonitorPlan.of(Baseline.of()
                        .numeric("income", incomes)
                        .categorical("home", homes)
                        .probability("score", scores, happened))
                .windows(Duration.ofHours(1))
                .alarmingIn(1, 2)
                .clearAfter(2)
                .grace(Duration.ofMinutes(5))
                .outcomesWithin(Duration.ofHours(3))
                .check(Measure.PSI, "income", 0.1)
                .then(Response.REQUEST_RETRAINING)
                .check(Measure.PSI, "home", 0.1)
                .check(Measure.BRIER, 0.05)
                .check(Measure.DDM, 0.1)
                .check(Measure.STATISTICAL_PARITY, "home", "own", 0.2)
                .slice("home")
                .writeTo(folder);
        ModelRef ref = log.as(AUTHOR).register(VersionSpec.of("risk", folder)).ref();
        promoted(ref);
        return ref;
    }

    @Test
    void driftDecayAlertsAndRequestsAreShown() throws Exception {
        Traffic usual = Traffic.seeded(3)
                .every(Duration.ofSeconds(10))
                .number("income", 0, 1)
                .category("home", Map.of("own", 2.0, "rent", 1.0))
                .outcome(Duration.ofHours(2), ModelReportTest::score);
        promoted(V1);
        ModelRef ref = watched(usual);
        Traffic changing = usual.shift(720, "income", 1).turn(1080, row -> 1 - score(row));
        try (ModelHandle<Integer> handle = log.ops().as(SERVICE).serving().open("risk", PRODUCTION, LOADER);
                Monitor monitor = log.ops().as(SERVICE).monitoring().open("risk", PRODUCTION);
                PredictionLog.Recorder recorder =
                        log.ops().as(SERVICE).predictions().record("risk", PRODUCTION, PredictionLog.Rules.all())) {
            Traffic.Player player = changing.on(
                    log.clock(),
                    row -> {
                        Prediction prediction = Prediction.of(handle.apply(model -> 0))
                                .input(row.toMap())
                                .output(Map.of("score", score(row)));
                        assertThat(recorder.record(prediction)).isTrue();
                        assertThat(monitor.observe(prediction)).isTrue();
                        return prediction.id();
                    },
                    recorder::outcome);
            player.steps(1440);
            monitor.flush();
            recorder.flush();

            Page soon = report();
            assertThat(soon.table("income, population stability index, version " + ref))
                    .hasSize(3)
                    .filteredOn(row -> row.endsWith("BEYOND BOUNDS"))
                    .hasSize(1)
                    .allMatch(row -> row.contains(" | 360 | "));
            log.clock().advance(Duration.ofHours(3));
            player.settle();
            recorder.flush();
            log.clock().advance(Duration.ofHours(3));
            var unused = monitor.evaluate();
        }
        log.as(RELEASER).perform(Action.acknowledge(ref, PRODUCTION, "psi:income"));
        tick();

        Page page = report();

        assertThat(page.text())
                .contains("There are 3 open alerts; each needs somebody to look into it.")
                .contains("1 of 3 checks of the champion is beyond bounds in the latest window.")
                .contains("Version risk@1MISSING: it does not say how it is to be watched, so nothing was counted.")
                .contains("income, population stability index: beyond bounds in the latest window.")
                .contains("home, population stability index: never beyond bounds.")
                .contains("1 request is without an answer.");
        assertThat(page.table("income, population stability index, version " + ref))
                .hasSize(5)
                .satisfies(rows -> assertThat(rows.subList(2, 4)).allMatch(row -> row.endsWith("| BEYOND BOUNDS")))
                .satisfies(rows -> assertThat(rows.subList(0, 2)).allMatch(row -> row.endsWith("| within")));
        List<String> brier = page.table("Brier score of version " + ref);
        assertThat(brier).hasSize(5);
        double expected = Double.parseDouble(brier.get(3).split(" \\| ")[4]);
        double found = Double.parseDouble(brier.get(3).split(" \\| ")[5]);
        assertThat(found)
                .as("the world turned, and the estimate beforehand cannot know")
                .isGreaterThan(expected + 0.1);
        assertThat(Double.parseDouble(brier.get(1).split(" \\| ")[5]))
                .isCloseTo(Double.parseDouble(brier.get(1).split(" \\| ")[4]), within(0.03));
        assertThat(page.table("AUC of version " + ref)).hasSize(5);
        assertThat(page.table("Checks of the performance of " + ref + ", the worst first"))
                .hasSize(2)
                .allMatch(row -> row.contains("BEYOND BOUNDS"))
                .anyMatch(row -> row.startsWith("score | rise of the Brier score | "))
                .anyMatch(row -> row.startsWith("score | change seen by DDM | "));
        assertThat(page.table("score, change seen by DDM, version " + ref))
                .anyMatch(row -> row.contains("BEYOND BOUNDS | at entry "))
                .anyMatch(row -> row.endsWith("| within | none | -"));
        assertThat(page.table("Every alert"))
                .containsExactlyInAnyOrder(
                        ref + " | yes | psi:income | open: somebody has taken it on | 2",
                        ref + " | yes | brier | open: nobody has taken it on | 1",
                        ref + " | yes | ddm | open: nobody has taken it on | 1");
        assertThat(page.table("How the alerts changed"))
                .hasSize(4)
                .anyMatch(row -> row.contains("open: somebody has taken it on | " + RELEASER));
        assertThat(page.table("Requests"))
                .singleElement()
                .satisfies(row -> assertThat(row).contains(SERVICE.toString(), "psi:income", "MISSING: none yet"));
    }

    @Test
    void policyIsAskedForTheReadingOfTheLog() {
        for (var who : List.of(STRANGER, SERVICE)) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> ModelReport.of(log.ops().as(who), "risk", PRODUCTION))
                    .satisfies(e -> assertThat(e.getMessage()).contains("audit"));
        }
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> ModelReport.of(log.ops().as(AUDITOR), "unheard-of", PRODUCTION));
        Session session = log.ops().as(AUDITOR);
        log.ops().close();
        assertThatExceptionOfType(ClosedException.class).isThrownBy(() -> ModelReport.of(session, "risk", PRODUCTION));
        assertThatExceptionOfType(ClosedException.class)
                .isThrownBy(() -> ModelReport.of(log.ops(), "risk", PRODUCTION));
    }

    @Test
    void aSessionOfSomethingElseIsRefused() {
        Session foreign = (Session) Proxy.newProxyInstance(
                Session.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, arguments) -> {
                    throw new AssertionError(method);
                });
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelReport.of(foreign, "risk", PRODUCTION))
                .withMessageContaining("a log that this library opened");
    }

    @Test
    void anotherModelsEntriesAreNotInIt() throws Exception {
        log.as(AUTHOR).register(VersionSpec.of("other", Models.small(dir.resolve("other"), 9)));
        log.as(VALIDATOR).approve(ref("other", 1), PRODUCTION, "not of this model");
        log.as(RELEASER).promote(ref("other", 1), PRODUCTION);

        assertThat(report().text()).doesNotContain("other@1").doesNotContain("not of this model");
    }
}
