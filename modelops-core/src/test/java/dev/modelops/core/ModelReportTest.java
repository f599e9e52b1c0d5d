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

import dev.modelops.Alias;
import dev.modelops.ClosedException;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Role;
import dev.modelops.Session;
import dev.modelops.audit.AuditLog;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicyAdministration;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Experiment.Loss;
import dev.modelops.serving.Experiments;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Served;
import dev.modelops.serving.Serving;
import dev.modelops.serving.Trial;
import dev.modelops.serving.VerifiedArtifact;
import dev.modelops.testkit.fixtures.Models;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
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
        return new Page(ModelReport.of(log.ops().as(AUDITOR), "risk", PRODUCTION).html());
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
                    NodeList rows = ((Element) table.getElementsByTagName("tbody").item(0)).getElementsByTagName("tr");
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

        assertThat(page.text()).contains("Version risk@1 is champion since 2026-03-01 18:00 UTC. There are 0 open alerts;");
        assertThat(page.table("Champions, one after the other"))
                .containsExactly(
                        "2026-03-01 13:00 UTC | 2026-03-01 16:00 UTC | risk@1 | promotion | " + RELEASER
                                + " (release-manager) | 5",
                        "2026-03-01 16:00 UTC | 2026-03-01 18:00 UTC | risk@2 | promotion | " + RELEASER
                                + " (release-manager) | 8",
                        "2026-03-01 18:00 UTC | now | risk@1 | rollback | " + RELEASER + " (release-manager) | 13");
        assertThat(page.table("What was done with each version"))
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
                .allMatch(row -> row.contains("risk@3") && row.contains(STRANGER.toString()) && row.contains("promote"));
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
        assertThat(page.text()).contains("STOPPED: risk@1 is champion but in quarantine");
        assertThat(page.table("What was done with each version"))
                .anyMatch(row -> row.contains("| risk@1 | taken out of use |") && row.contains("wrong"));

        log.as(VALIDATOR).approve(V1, PRODUCTION, "fine after all");
        assertThat(report().text()).doesNotContain("STOPPED");

        log.as(RELEASER).perform(Action.suspend(ModelName.of("risk"), PRODUCTION));
        assertThat(report().text()).contains("STOPPED: the model is suspended since position");
    }

    @Test
    void anErasedTextIsSaidToBeErased() throws Exception {
        long position = log.as(VALIDATOR).approve(V1, PRODUCTION, "the customer's name is Ada").position().index();
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
        experiments.start(Experiment.Plan.of("<try>", V2, PRODUCTION, "score", Loss.SQUARED_ERROR)
                .split(0.5)
                .conclude(0.05, 20, 0.01));
        tick();
        experiments.judge("risk", PRODUCTION);
        SplittableRandom random = new SplittableRandom(5);
        Trial<Integer, Double, Double> trial =
                Trial.<Integer, Double, Double>of((version, input) -> input * version).copying(input -> input);
        try (Deployment<Integer> deployment =
                        log.ops().as(SERVICE).serving().deploy(Deployment.Spec.of("risk", PRODUCTION, LOADER));
                PredictionLog.Recorder recorder = log.ops().as(SERVICE).predictions().record("risk", PRODUCTION, PredictionLog.Rules.all())) {
            for (int i = 0; i < 400; i++) {
                Served<Double> served = deployment.apply("unit" + i, 1 + random.nextDouble(), trial);
                Prediction prediction =
                        Prediction.of(served).output(Map.of("score", Double.toString(served.value())));
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
        assertThat(verdicts.get(1)).contains("fits: 0.", "the challenger is better").containsPattern("\\| \\d{3} \\| -3");

        log.as(VALIDATOR).approve(V2, PRODUCTION, "won");
        log.as(RELEASER).promote(V2, PRODUCTION);
        assertThat(report().text())
                .contains("It ended at 2026-03-01 17:00 UTC: the champion changed (entry")
                .contains("Running experimentnone");
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
        assertThatExceptionOfType(ClosedException.class)
                .isThrownBy(() -> ModelReport.of(session, "risk", PRODUCTION));
        assertThatExceptionOfType(ClosedException.class)
                .isThrownBy(() -> ModelReport.of(log.ops(), "risk", PRODUCTION));
    }

    @Test
    void aSessionOfSomethingElseIsRefused() {
        Session foreign = new Session() {
            @Override
            public ModelRegistry registry() {
                throw new AssertionError();
            }

            @Override
            public PolicyAdministration policies() {
                throw new AssertionError();
            }

            @Override
            public AuditLog audit() {
                throw new AssertionError();
            }

            @Override
            public Serving serving() {
                throw new AssertionError();
            }

            @Override
            public PredictionLog predictions() {
                throw new AssertionError();
            }

            @Override
            public Experiments experiments() {
                throw new AssertionError();
            }
        };
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
