package dev.modelops.core.internal.trial;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.VersionConflictException;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.internal.experiment.ExperimentSums;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.prediction.Segment;
import dev.modelops.core.internal.prediction.Segments;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.policy.Action;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Experiments;
import dev.modelops.serving.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Concludes what may be concluded of the challengers of a log, for whoever may, and stops what does harm. */
public final class Judging {
    private static final Logger LOG = LoggerFactory.getLogger(Experiments.class);
    private static final int MOST_TRIES = 3;
    private static final Duration DAY = Duration.ofDays(1);

    private final Governor governor;
    private final Segments segments;
    private final Runnable follow;
    private final Consumer<ModelName> settle;

    /**
     * Creates it of what it works on.
     *
     * @param follow reads what other processes have appended
     * @param settle waits until the handles of a model are where the log says they should be
     */
    public Judging(Governor governor, Segments segments, Runnable follow, Consumer<ModelName> settle) {
        this.governor = governor;
        this.segments = segments;
        this.follow = follow;
        this.settle = settle;
    }

    /** Judges for somebody of whom policy was asked already, so that nothing is read for anybody else. */
    Verdict judge(Identity identity, ModelName name, Environment environment) {
        long upTo = lastSegment(name, environment, required(name, environment));
        return Objects.requireNonNull(judge(identity, name, environment, upTo, true), "an answer is recorded");
    }

    /**
     * Judges unasked, for somebody of whom policy was asked already: a verdict is recorded if it says more than the one before,
     * or that is a day old.
     *
     * @param seen up to where nothing is to be looked at again
     * @return up to where it looked
     */
    long look(Identity identity, ModelName name, Environment environment, long seen) {
        Operations.Trial trial = required(name, environment);
        long upTo = lastSegment(name, environment, trial);
        Operations.Judged known = trial.judged();
        boolean isToEnd = known != null && word(known.state()) == Verdict.State.HARM;
        if (upTo > seen || isToEnd) {
            var unused = judge(identity, name, environment, upTo, false);
        }
        return upTo;
    }

    private @Nullable Verdict judge(
            Identity identity, ModelName name, Environment environment, long upTo, boolean isAsked) {
        for (int tries = 1; ; tries++) {
            try {
                return judgeOnce(identity, name, environment, upTo, isAsked);
            } catch (VersionConflictException e) {
                // Another process concluded from as much meanwhile, which stands then, or another stage has begun.
                if (tries == MOST_TRIES) {
                    throw e;
                }
                follow.run();
            }
        }
    }

    private @Nullable Verdict judgeOnce(
            Identity identity, ModelName name, Environment environment, long segmentsUpTo, boolean isAsked) {
        Operations.Trial trial = required(name, environment);
        ModelRef challenger = new ModelRef(name, trial.challenger());
        long upTo = Math.max(segmentsUpTo, trial.position().size());
        Operations.Judged known = trial.judged();
        LogPosition position = known == null ? null : known.position();
        if (known == null || position == null || known.upTo().size() < upTo) {
            ExperimentSpec spec = understood(trial.spec());
            ExperimentSums sums = StageSums.of(
                    spec,
                    trial,
                    (kinds, reader) -> segments.read(
                            name, environment, kinds, trial.position().size(), upTo, reader));
            var concluded = conclude(spec, sums, known);
            boolean isSaid = isAsked ? position == null || !stands(known, concluded) : isNews(trial, concluded);
            if (isSaid) {
                position = record(identity, Action.judge(challenger, environment), trial, upTo, concluded);
            }
        }
        if (position == null) {
            return null;
        }
        Verdict verdict = verdict(name, environment, trial, position);
        if (verdict.state() == Verdict.State.HARM) {
            stop(identity, challenger, environment, trial, verdict);
        }
        return verdict;
    }

    /** Returns the size of the log up to the last segment that may belong to a stage. */
    private long lastSegment(ModelName name, Environment environment, Operations.Trial trial) {
        Ledger ledger = governor.ledger();
        long[] upTo = {trial.position().size()};
        ledger.scan(upTo[0], ledger.tip().state().size(), (entry, body) -> {
            if (entry.type() == EntryType.SEGMENT_RECORDED
                    && name.value().equals(entry.subject())
                    && environment.value().equals(entry.find("environment"))) {
                Segment.Kind kind = Segment.Kind.of(entry);
                if (kind != null && StageSums.KINDS.contains(kind)) {
                    upTo[0] = entry.index() + 1;
                }
            }
            return true;
        });
        return upTo[0];
    }

    private dev.modelops.core.internal.experiment.Verdict conclude(
            ExperimentSpec spec, ExperimentSums sums, Operations.@Nullable Judged known) {
        return spec.rule().method() == Experiment.Method.GROUP_SEQUENTIAL && known != null
                ? dev.modelops.core.internal.experiment.Verdict.of(
                        spec, sums, read(known.position()).sums().looks())
                : dev.modelops.core.internal.experiment.Verdict.of(spec, sums, List.of());
    }

    /**
     * Tells whether what was concluded last says as much: between the looks of a group-sequential test nothing new is said of
     * the difference.
     */
    private boolean stands(Operations.@Nullable Judged known, dev.modelops.core.internal.experiment.Verdict concluded) {
        return known != null
                && concluded.spec().rule().method() == Experiment.Method.GROUP_SEQUENTIAL
                && concluded.state() == Verdict.State.CONTINUE
                && word(known.state()) != Verdict.State.INVALID
                && concluded.sums().looks().equals(read(known.position()).sums().looks());
    }

    /** Tells whether nobody has said as much for a day. A look of a group-sequential test is spent, whatever it says. */
    private boolean isNews(Operations.Trial trial, dev.modelops.core.internal.experiment.Verdict concluded) {
        Operations.Judged known = trial.judged();
        Verdict.State before = known == null ? Verdict.State.CONTINUE : word(known.state());
        boolean isLook = !concluded
                .sums()
                .looks()
                .equals(
                        known == null
                                ? List.of()
                                : read(known.position()).sums().looks());
        boolean isOld = !(known == null ? trial.since() : known.at()).plus(DAY).isAfter(governor.now());
        return isLook || !stands(known, concluded) && (isOld || concluded.state() != before);
    }

    /** Of one stage and the same segments there is one verdict, whichever process concludes it. */
    private LogPosition record(
            Identity identity,
            Action judge,
            Operations.Trial trial,
            long upTo,
            dev.modelops.core.internal.experiment.Verdict concluded) {
        byte[] bytes = concluded.toBytes();
        if (bytes.length > dev.modelops.core.internal.experiment.Verdict.MOST_BYTES) {
            throw new IllegalStateException("a verdict has at most "
                    + dev.modelops.core.internal.experiment.Verdict.MOST_BYTES + " bytes, but that on '" + trial.id()
                    + "' has " + bytes.length + "; its guardrails are too many");
        }
        ObjectNode said = Json.object();
        said.put("experiment", trial.id());
        said.put("stage", trial.stage());
        said.put("state", concluded.state().name());
        said.put("upTo", upTo);
        said.put("verdict", new String(bytes, StandardCharsets.UTF_8));
        CommandId id = command("verdict-", trial, upTo);
        return governor.record(identity, judge.as(id), said).position();
    }

    private static CommandId command(String prefix, Operations.Trial trial, long upTo) {
        String text = trial.position().size() + "|" + upTo;
        return CommandId.of(prefix
                + Digest.sha256Of(Bytes.of(text.getBytes(StandardCharsets.UTF_8)))
                        .toHex()
                        .substring(0, 56));
    }

    /** What does harm is ended by whoever finds that out; where policy refuses, somebody must look. */
    private void stop(
            Identity identity, ModelRef challenger, Environment environment, Operations.Trial trial, Verdict verdict) {
        Operations.Trial present = trial(challenger.name(), environment);
        if (present == null || !present.position().equals(trial.position())) {
            return;
        }
        String reason = "harm: " + verdict.reason();
        Action end = Action.endExperiment(
                challenger, environment, reason.length() > 500 ? reason.substring(0, 500) : reason);
        try {
            var unused = governor.perform(
                    identity, end.as(command("harm-", trial, verdict.position().size())));
            LOG.error("the experiment '{}' with {} in {} was ended: {}", trial.id(), challenger, environment, reason);
        } catch (ModelOpsException e) {
            LOG.error(
                    "the experiment '{}' with {} in {} should be ended ({}), but could not be: {}",
                    trial.id(),
                    challenger,
                    environment,
                    reason,
                    e.getMessage());
        }
        settle.accept(challenger.name());
    }

    Operations.@Nullable Trial trial(ModelName name, Environment environment) {
        ModelState model = governor.ledger().tip().state().model(name);
        return model == null ? null : model.operations().trial(environment);
    }

    Operations.Trial required(ModelName name, Environment environment) {
        Operations.Trial trial = trial(name, environment);
        if (trial == null) {
            throw new NotFoundException(
                    "no version of '" + name + "' is tried in " + environment + "; start(...) that");
        }
        return trial;
    }

    Entry entry(LogPosition position) {
        long index = position.size() - 1;
        return Entry.decode(index, governor.ledger().body(index));
    }

    dev.modelops.core.internal.experiment.Verdict read(LogPosition position) {
        try {
            return dev.modelops.core.internal.experiment.Verdict.verify(
                    entry(position).get("verdict").getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new IntegrityException(
                    "entry " + position.index() + " holds no verdict that follows: " + e.getMessage()
                            + "; verify the log",
                    e);
        }
    }

    static ExperimentSpec understood(String spec) {
        try {
            return ExperimentSpec.parse(spec);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException(
                    "the log holds a plan of an experiment that is none: " + e.getMessage() + "; verify the log", e);
        }
    }

    private static Verdict.State word(String state) {
        try {
            return Verdict.State.valueOf(state);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException("the log holds a verdict that is none: '" + state + "'; verify the log", e);
        }
    }

    private Verdict verdict(ModelName name, Environment environment, Operations.Trial trial, LogPosition position) {
        dev.modelops.core.internal.experiment.Verdict concluded = read(position);
        return new Verdict(
                concluded.state(),
                concluded.reason(),
                Optional.ofNullable(concluded.difference())
                        .map(found -> new Verdict.Difference(
                                found.count(), found.estimate(), found.lower(), found.upper(), found.pValue())),
                experiment(name, environment, trial, concluded.state()),
                position,
                entry(position).get("verdict"));
    }

    private static Experiment experiment(
            ModelName name, Environment environment, Operations.Trial trial, Verdict.@Nullable State newest) {
        Operations.Judged earlier = trial.earlier();
        boolean isUndecided = newest == null || newest == Verdict.State.CONTINUE;
        Verdict.State last = earlier != null && isUndecided ? word(earlier.state()) : newest;
        return new Experiment(
                trial.id(),
                trial.stage(),
                new ModelRef(name, trial.challenger()),
                new ModelRef(name, trial.champion()),
                environment,
                understood(trial.spec()).mode(),
                trial.since(),
                trial.position(),
                Optional.ofNullable(last));
    }

    static Experiment experiment(ModelName name, Environment environment, Operations.Trial trial) {
        Operations.Judged judged = trial.judged();
        return experiment(name, environment, trial, judged == null ? null : word(judged.state()));
    }
}
