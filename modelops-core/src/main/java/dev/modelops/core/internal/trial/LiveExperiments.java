package dev.modelops.core.internal.trial;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.experiment.Adaptation;
import dev.modelops.core.internal.experiment.Assignment;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.internal.experiment.ExperimentSpec.Arm;
import dev.modelops.core.internal.experiment.ExperimentSpec.Guardrail;
import dev.modelops.core.internal.experiment.ExperimentSpec.Measure;
import dev.modelops.core.internal.experiment.ExperimentSpec.Rule;
import dev.modelops.core.internal.experiment.ExperimentSums;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.registry.SessionAccess;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.policy.Action;
import dev.modelops.registry.Recorded;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Experiments;
import dev.modelops.serving.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The experiments of a log for one session. */
public final class LiveExperiments implements Experiments {
    private final Governor governor;
    private final Judging judging;
    private final SessionAccess access;
    private final Runnable follow;
    private final Consumer<ModelName> settle;

    /**
     * Creates it of what the session acts by.
     *
     * @param follow reads what other processes have appended
     * @param settle waits until the handles of a model are where the log says they should be
     */
    public LiveExperiments(
            Governor governor, Judging judging, SessionAccess access, Runnable follow, Consumer<ModelName> settle) {
        this.governor = governor;
        this.judging = judging;
        this.access = access;
        this.follow = follow;
        this.settle = settle;
    }

    @Override
    public Experiment start(Experiment.Plan plan) {
        Governor.requireFree(plan.command());
        Identity identity = access.caller();
        ModelRef challenger = plan.challenger();
        ExperimentSpec spec = spec(plan);
        ModelState model = governor.ledger().tip().state().requireModel(challenger.name());
        VersionNumber champion = model.champion(plan.environment());
        if (champion == null) {
            throw new NotFoundException("model '" + challenger.name() + "' has no champion in " + plan.environment()
                    + " that " + challenger + " could be compared with; promote one first");
        }
        Operations.Trial known = model.operations().trial(plan.environment());
        int stage = known != null && known.id().equals(plan.id()) ? known.stage() + 1 : 1;
        ObjectNode said = said(spec, stage, champion);
        Action start = Action.startExperiment(challenger, plan.environment());
        Recorded recorded =
                governor.record(identity, plan.command().map(start::as).orElse(start), said);
        settle.accept(challenger.name());
        Operations.Trial present = judging.trial(challenger.name(), plan.environment());
        return present != null && present.position().equals(recorded.position())
                ? Judging.experiment(challenger.name(), plan.environment(), present)
                : started(judging.entry(recorded.position()));
    }

    private static ObjectNode said(ExperimentSpec spec, int stage, VersionNumber champion) {
        ObjectNode said = Json.object();
        said.put("experiment", spec.id());
        said.put("stage", stage);
        said.put("champion", champion.value());
        said.put("spec", new String(spec.toBytes(), StandardCharsets.UTF_8));
        return said;
    }

    private static ExperimentSpec spec(Experiment.Plan plan) {
        List<Guardrail> guardrails = new ArrayList<>();
        new TreeMap<>(plan.guardrails()).forEach((name, margin) -> guardrails.add(new Guardrail(name, margin)));
        Rule usual = Rule.usual();
        boolean isSequence = plan.method() == Experiment.Method.CONFIDENCE_SEQUENCE;
        Rule rule = new Rule(
                plan.method(),
                plan.alpha(),
                isSequence ? plan.tuning() : usual.tunedFor(),
                plan.method() == Experiment.Method.MIXTURE_RATIO ? plan.tuning() : usual.prior(),
                plan.method() == Experiment.Method.GROUP_SEQUENTIAL ? plan.tuning() : usual.horizon(),
                plan.minimum(),
                plan.margin(),
                usual.checkAlpha(),
                usual.coverageTolerance(),
                usual.leastCoverage(),
                guardrails);
        int half = Assignment.BUCKETS / 2;
        int open = (int) Math.round(plan.share() * Assignment.BUCKETS);
        int rest = Assignment.BUCKETS - open;
        Arm champion = switch (plan.mode()) {
            case SPLIT -> new Arm(0, rest, rest);
            case CANARY -> new Arm(0, half, open);
            case SHADOW, CHAMPION_ONLY -> new Arm(0, half, 0);
        };
        Arm challenger = switch (plan.mode()) {
            case SPLIT -> new Arm(rest, open, open);
            case CANARY -> new Arm(half, half, open);
            case SHADOW, CHAMPION_ONLY -> new Arm(half, half, 0);
        };
        int most = (int) Math.round(plan.most() * Assignment.BUCKETS);
        return new ExperimentSpec(
                plan.id(),
                plan.mode(),
                champion,
                challenger,
                new Measure(plan.output(), plan.loss()),
                rule,
                plan.most() > plan.share() ? new Adaptation(open, most, null) : null,
                plan.judgedEvery().toMillis());
    }

    @Override
    public Optional<Experiment> running(String model, Environment environment) {
        ModelName name = ModelName.of(model);
        access.requireRead(name);
        Operations.Trial trial = judging.trial(name, environment);
        return trial == null ? Optional.empty() : Optional.of(Judging.experiment(name, environment, trial));
    }

    @Override
    public Recorded end(String model, Environment environment, String reason) {
        Identity identity = access.caller();
        ModelName name = ModelName.of(model);
        ModelRef challenger =
                new ModelRef(name, judging.required(name, environment).challenger());
        Recorded recorded = governor.perform(identity, Action.endExperiment(challenger, environment, reason));
        settle.accept(name);
        return recorded;
    }

    @Override
    public Verdict judge(String model, Environment environment) {
        Identity identity = access.caller();
        ModelName name = ModelName.of(model);
        follow.run();
        ModelRef challenger =
                new ModelRef(name, judging.required(name, environment).challenger());
        governor.require(identity, Action.judge(challenger, environment));
        return judging.judge(identity, name, environment);
    }

    @Override
    public Experiment adapt(String model, Environment environment) {
        Verdict verdict = judge(model, environment);
        Identity identity = access.caller();
        ModelName name = ModelName.of(model);
        Operations.Trial trial = judging.required(name, environment);
        ExperimentSpec spec = Judging.understood(trial.spec());
        ExperimentSums sums = judging.read(verdict.position()).sums();
        ExperimentSpec next = spec.adapted(sums, verdict.position().index());
        boolean isOfThis = trial.position().equals(verdict.experiment().position());
        boolean mayGoOn = verdict.state() != Verdict.State.HARM
                && verdict.state() != Verdict.State.INVALID
                && spec.isEnough(sums);
        if (isOfThis && mayGoOn && next.challenger().open() != spec.challenger().open()) {
            ModelRef challenger = new ModelRef(name, trial.challenger());
            ObjectNode said = said(next, trial.stage() + 1, trial.champion());
            try {
                var unused = governor.record(identity, Action.startExperiment(challenger, environment), said);
            } catch (VersionConflictException e) {
                // Another process started the next stage meanwhile, from as much.
                follow.run();
            }
            settle.accept(name);
        }
        return Judging.experiment(name, environment, judging.required(name, environment));
    }

    private static Experiment started(Entry entry) {
        ModelRef challenger = ModelRef.parse(String.valueOf(entry.subject()));
        return new Experiment(
                entry.get("experiment"),
                Math.toIntExact(Entry.number(entry.data(), "stage")),
                challenger,
                new ModelRef(
                        challenger.name(), VersionNumber.of(Math.toIntExact(Entry.number(entry.data(), "champion")))),
                Environment.of(entry.get("environment")),
                Judging.understood(entry.get("spec")).mode(),
                entry.time(),
                LogPosition.after(entry.index()),
                Optional.empty());
    }
}
