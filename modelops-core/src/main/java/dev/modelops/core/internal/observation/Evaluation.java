package dev.modelops.core.internal.observation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.monitoring.Finding;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Family;
import dev.modelops.core.internal.observation.Layouts.Watched;
import dev.modelops.core.internal.prediction.Segment;
import dev.modelops.core.internal.prediction.Segments;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.policy.Action;
import dev.modelops.storage.StorageException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evaluates a model in an environment: a fold over its segments, from as long ago as matters, of which what was read is kept
 * for the next time. What is judged, and what follows, depends on the entries and the time alone.
 */
final class Evaluation {
    private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);

    /** Clocks of hosts differ from log time by 5 minutes at most, and a segment comes after its records. */
    private static final Duration CLOCKS = Duration.ofMinutes(10);

    /** How many windows before the newest that is due are judged, beyond those that an alert needs to be over. */
    private static final int BACK = 10;

    private static final int MOST_TRIES = 5;

    private final LiveMonitoring monitoring;
    private final Governor governor;
    private final Segments segments;
    private final Identity identity;
    private final ModelName model;
    private final Environment environment;
    private final Responses responses;
    private Duration horizon = Duration.ZERO;
    private @Nullable Joined joined;
    private long read;
    private final Set<ModelRef> unreadable = new HashSet<>();

    Evaluation(LiveMonitoring monitoring, Identity identity, ModelName model, Environment environment) {
        this.monitoring = monitoring;
        this.governor = monitoring.governor;
        this.segments = new Segments(governor.ledger(), monitoring.blobs);
        this.identity = identity;
        this.model = model;
        this.environment = environment;
        this.responses = new Responses(governor, identity, environment);
    }

    /** Thrown where the log says what another process concluded meanwhile. */
    private static final class OvertakenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OvertakenException(VersionConflictException cause) {
            super(cause);
        }
    }

    synchronized DriftReport run() {
        List<ChangedAlert> changed = new ArrayList<>();
        for (int tries = 1; ; tries++) {
            try {
                return run(changed);
            } catch (OvertakenException e) {
                if (tries == MOST_TRIES && e.getCause() instanceof VersionConflictException conflict) {
                    throw conflict;
                }
            }
        }
    }

    private record ChangedAlert(ModelRef ref, String check) {}

    private DriftReport run(List<ChangedAlert> changed) {
        long size = monitoring.sync.get().state().size();
        Instant now = governor.now();
        Joined all = read(size, now);
        List<DriftReport.Finding> findings = new ArrayList<>();
        for (Joined.Version version : all.versions().values()) {
            Map<String, Finding> latest = new TreeMap<>();
            for (Family family : Family.values()) {
                judge(version, family, now, size, latest, changed);
            }
            latest.values().forEach(finding -> findings.add(finding(version.watched(), finding)));
        }
        List<DriftReport.Consequence> consequences = new ArrayList<>();
        for (Joined.Version version : all.versions().values()) {
            consequences.addAll(responses.carryOut(version.watched(), now));
        }
        return new DriftReport(LogPosition.of(size), findings, alerts(changed), consequences, all.coverage());
    }

    private List<dev.modelops.monitoring.Alert> alerts(List<ChangedAlert> changed) {
        Operations operations = operations();
        List<dev.modelops.monitoring.Alert> alerts = new ArrayList<>();
        for (ChangedAlert one : changed.stream().distinct().toList()) {
            Operations.AlertState state =
                    operations.alerts(environment, one.ref().version()).get(one.check());
            if (state != null) {
                alerts.add(SessionMonitoring.alert(one.ref(), environment, one.check(), state));
            }
        }
        return alerts;
    }

    private Operations operations() {
        return governor.ledger().tip().state().requireModel(model).operations();
    }

    /** Reads what came since the last time, or everything that matters if that goes further back than it did. */
    private Joined read(long size, Instant now) {
        Duration needed = horizon;
        ModelState state = governor.ledger().tip().state().requireModel(model);
        PVector<VersionNumber> champions = state.champions().get(environment);
        if (champions != null && joined == null) {
            for (VersionNumber number : Set.copyOf(champions)) {
                needed = longer(needed, watched(new ModelRef(model, number)));
            }
        }
        while (true) {
            Joined all = joined;
            if (all == null || needed.compareTo(horizon) > 0) {
                horizon = needed;
                all = new Joined(this::watched, needed);
                Instant begin = now.minus(needed).minus(CLOCKS);
                read = begin.isAfter(Instant.EPOCH) ? governor.ledger().positionAt(begin) : 0;
                joined = null;
            }
            long from = read;
            try {
                segments.read(model, environment, EnumSet.allOf(Segment.Kind.class), from, size, all);
            } catch (RuntimeException e) {
                // Some of it was taken in: begin anew the next time.
                joined = null;
                horizon = Duration.ZERO;
                throw e;
            }
            read = Math.max(from, size);
            joined = all;
            for (Joined.Version version : all.versions().values()) {
                needed = longer(needed, version.watched());
            }
            if (needed.compareTo(horizon) <= 0) {
                all.drain();
                return all;
            }
        }
    }

    private @Nullable Watched watched(ModelRef ref) {
        if (!ref.name().equals(model) || governor.ledger().tip().state().version(ref) == null) {
            return null;
        }
        try {
            return monitoring.layouts.load(ref).watched();
        } catch (StorageException e) {
            throw e;
        } catch (ModelOpsException e) {
            if (unreadable.add(ref)) {
                LOG.error(
                        "{} is not evaluated, for what it says of how it is watched is gone: {}", ref, e.getMessage());
            }
            return null;
        }
    }

    private static Duration longer(Duration known, @Nullable Watched watched) {
        if (watched == null) {
            return known;
        }
        Duration needed = horizon(watched.spec());
        return needed.compareTo(known) > 0 ? needed : known;
    }

    /** Returns how long ago something may have been recorded that an evaluation looks at. */
    static Duration horizon(MonitorSpec spec) {
        return spec.labels().plus(spec.window().multipliedBy(steps(spec) + spec.among() + spec.over() + 2L));
    }

    private static int steps(MonitorSpec spec) {
        return spec.clearAfter() + spec.among() + BACK;
    }

    /** Returns how many windows of a version are kept: those that are looked at, and those whose time has not come. */
    static int windows(MonitorSpec spec) {
        return (int) (spec.labels().toMillis() / spec.window().toMillis()) + steps(spec) + spec.among() + 10;
    }

    private void judge(
            Joined.Version version,
            Family family,
            Instant now,
            long size,
            Map<String, Finding> latest,
            List<ChangedAlert> changed) {
        Watched watched = version.watched();
        MonitorSpec spec = watched.spec();
        if (spec.checks(family).isEmpty()) {
            return;
        }
        long last = spec.windowOf(now.minus(spec.wait(family))) - 1;
        Map<String, Alert> alerts = new LinkedHashMap<>();
        for (long index = last - steps(spec) + 1; index <= last; index++) {
            for (Finding finding : version.find(family, index)) {
                String key = key(finding.key());
                Alert alert = alerts.computeIfAbsent(key, check -> known(watched.ref(), check));
                Alert.Step step = alert.next(finding, spec.clearAfter());
                Alert.Transition transition = step.transition();
                if (transition != null) {
                    record(watched, key, transition, finding, size);
                    changed.add(new ChangedAlert(watched.ref(), key));
                }
                alerts.put(key, step.alert());
                latest.put(key, finding);
            }
        }
    }

    /** What a check is called in entries, where names are bounded. */
    static String key(String key) {
        return key.length() <= Operations.MOST_WORDS
                ? key
                : key.substring(0, 400) + "#" + hash(key).substring(0, 40);
    }

    static String hash(String text) {
        return Digest.sha256Of(Bytes.ofUtf8(text)).toHex();
    }

    private Alert known(ModelRef ref, String check) {
        Operations.AlertState state =
                operations().alerts(environment, ref.version()).get(check);
        return state == null
                ? Alert.initial(check)
                : new Alert(check, state.state(), state.episode(), state.window(), 0);
    }

    private void record(Watched watched, String check, Alert.Transition transition, Finding finding, long size) {
        ModelRef ref = watched.ref();
        CommandId id = CommandId.of("alert-"
                + hash(environment + "|" + ref + "|" + transition.key()).substring(0, 56));
        ObjectNode said = Json.object()
                .put("check", check)
                .put("from", transition.from().name())
                .put("to", transition.alert().state().name())
                .put("episode", transition.alert().episode())
                .put("window", transition.alert().latest())
                .put("monitor", watched.layout().monitor())
                .put("upTo", size);
        said.set("finding", finding.toJson());
        try {
            var unused =
                    governor.record(identity, Action.alert(ref, environment).as(id), said);
        } catch (VersionConflictException e) {
            throw new OvertakenException(e);
        }
        Operations.AlertState now =
                operations().alerts(environment, ref.version()).get(check);
        if (now == null
                || now.window() != transition.alert().latest()
                || now.state() != transition.alert().state()) {
            // This very change had been recorded before, and others since.
            throw new OvertakenException(new VersionConflictException(
                    "the alert '" + check + "' on " + ref + " has changed meanwhile; evaluate again"));
        }
    }

    private static DriftReport.Finding finding(Watched watched, Finding finding) {
        MonitorSpec spec = watched.spec();
        Finding.Change change = finding.change();
        return new DriftReport.Finding(
                watched.ref(),
                key(finding.key()),
                finding.check().floor(),
                DriftReport.Level.valueOf(finding.level().name()),
                finding.measurements().stream()
                        .map(measured -> new DriftReport.Measurement(
                                spec.beginOf(measured.window()),
                                spec.endOf(measured.window()),
                                measured.reference(),
                                measured.current(),
                                measured.effect(),
                                measured.pValue(),
                                measured.adjusted(),
                                measured.sufficient(),
                                measured.exceeds()))
                        .toList(),
                change == null ? Optional.empty() : Optional.of(LogPosition.after(change.entry())));
    }
}
