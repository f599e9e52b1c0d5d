package dev.modelops.samples.decisions;

import static dev.modelops.Environment.PRODUCTION;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Session;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.monitoring.Monitor;
import dev.modelops.registry.VersionSpec;
import dev.modelops.samples.decisions.DecisionModel.Answer;
import dev.modelops.samples.decisions.DecisionModel.Kind;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Served;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Where a model of any kind is released, asked and watched. Nothing here knows which kind it is. */
final class Desk implements AutoCloseable {
    private final Team team;
    private final String model;
    private final String kind;
    private final Deployment<DecisionModel> deployment;
    private final PredictionLog.Recorder recorder;
    private final Monitor monitor;

    /** Releases the first version of a model, and serves it. */
    Desk(Team team, String model, String kind, Kind loader, Path files) {
        this.team = team;
        this.model = model;
        this.kind = kind;
        ModelRef first = release(files);
        this.deployment = team.service()
                .serving()
                .deploy(Deployment.Spec.of(model, PRODUCTION, loader)
                        .demandingProbes()
                        .health(Deployment.Health.standard()));
        this.recorder = team.service().predictions().record(model, PRODUCTION, PredictionLog.Rules.all());
        this.monitor = team.service().monitoring().open(model, PRODUCTION);
        await(first);
    }

    /**
     * Who works here, as sessions of one log.
     *
     * @param author writes the models
     * @param validator approves them
     * @param manager promotes them
     * @param service serves them
     */
    record Team(Session author, Session validator, Session manager, Session service) {
        static Team of(ModelOps ops, Principal author, Principal validator, Principal manager, Principal service) {
            return new Team(ops.as(author), ops.as(validator), ops.as(manager), ops.as(service));
        }
    }

    /** Registers files as the next version, and has it approved and promoted. */
    ModelRef release(Path files) {
        ModelRef version = team.author()
                .registry()
                .register(VersionSpec.of(model, files).kind(kind))
                .ref();
        team.validator().registry().approve(version, PRODUCTION, "the golden inputs are those that were agreed on");
        team.manager().registry().promote(version, PRODUCTION);
        return version;
    }

    /** Releases files, and waits until they serve or have failed to. */
    Deployment.Status swap(Path files) {
        await(release(files));
        return deployment.status();
    }

    private void await(ModelRef version) {
        for (int i = 0; i < 6000 && !isSettled(version); i++) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while " + version + " was being loaded", e);
            }
        }
    }

    private boolean isSettled(ModelRef version) {
        Deployment.Status status = deployment.status();
        return status.serving().filter(version::equals).isPresent()
                || status.failure()
                        .filter(failure -> failure.version().equals(version))
                        .isPresent();
    }

    /** Asks the champion, and keeps what it was asked, what it answered, and its signals. */
    Served<Answer> ask(JsonNode question) {
        Served<Answer> served = deployment.apply(question, Desk::decide);
        Map<String, Object> output = new TreeMap<>(served.value().signals());
        output.put("answer", served.value().json().toString());
        Prediction prediction = Prediction.of(served)
                .input(Map.of("question", question.toString()))
                .output(output);
        recorder.record(prediction);
        monitor.observe(prediction);
        return served;
    }

    /** Judges what was asked until now, as far as it is time to. */
    DriftReport judge() {
        monitor.flush();
        return monitor.evaluate();
    }

    private static Answer decide(DecisionModel model, JsonNode question) {
        try {
            return model.decide(question);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        monitor.close();
        recorder.close();
        deployment.close();
    }
}
