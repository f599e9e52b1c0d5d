package dev.modelops.core.internal.report;

import dev.modelops.Environment;
import dev.modelops.ErasableText;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.internal.experiment.Verdict;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.report.Report.Alarm;
import dev.modelops.core.internal.report.Report.Change;
import dev.modelops.core.internal.report.Report.Kind;
import dev.modelops.core.internal.report.Report.Look;
import dev.modelops.core.internal.report.Report.Retraining;
import dev.modelops.core.internal.report.Report.Sample;
import dev.modelops.core.internal.report.Report.Step;
import dev.modelops.core.internal.report.Report.Trial;
import dev.modelops.core.internal.report.Report.Version;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.Judgement;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.registry.Approval;
import dev.modelops.registry.LifeCycle;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads out of entries, one after the other, what a report says of a model; not for use by several threads. */
final class LogReader {
    private final ModelName model;
    private final Environment environment;
    private final Texts texts;
    private final Map<ModelRef, List<Step>> steps = new LinkedHashMap<>();
    private final List<Step> acts = new ArrayList<>();
    private final Map<Environment, ReignReader> places = new TreeMap<>(Comparator.comparing(Environment::value));
    private final List<Trial> trials = new ArrayList<>();
    private final List<Look> looks = new ArrayList<>();
    private final Map<String, Alarm> alarms = new LinkedHashMap<>();
    private final Map<Long, String> actors = new HashMap<>();
    private final List<String> unknown = new ArrayList<>();
    private RegistryState state = RegistryState.empty();

    LogReader(ModelName model, Environment environment, Texts texts) {
        this.model = model;
        this.environment = environment;
        this.texts = texts;
    }

    /** Takes the next entry into account, if it is about the model. */
    void read(Entry entry) {
        state = Fold.apply(state, entry);
        String subject = entry.subject();
        if (subject == null || entry.type() == EntryType.SEGMENT_RECORDED || !model.equals(modelOf(entry))) {
            return;
        }
        ModelRef ref = subject.indexOf('@') >= 0 ? ModelRef.parse(subject) : null;
        String where = entry.find("environment");
        boolean isHere = environment.value().equals(where);
        ModelState after = state.model(model);
        LifeCycle cycle = state.founding().lifeCycle();
        if (after != null && entry.type() == EntryType.VERSION_TRANSITIONED) {
            places.values().forEach(place -> place.read(entry, after, cycle, who(entry), "to " + entry.get("to")));
        } else if (after != null && where != null && entry.type() != EntryType.ACCESS_REFUSED) {
            places.computeIfAbsent(Environment.of(where), ReignReader::new)
                    .read(entry, after, cycle, who(entry), cause(entry));
        }
        switch (entry.type()) {
            case VERSION_REGISTERED, VERSION_IMPORTED -> step(ref, entry, Kind.REGISTERED, "");
            case VERSION_APPROVED -> step(ref, entry, isHere ? Kind.APPROVED : Kind.OTHER, "");
            case VERSION_REJECTED -> step(ref, entry, isHere ? Kind.REJECTED : Kind.OTHER, "");
            case VERSION_QUARANTINED, HANDLE_FELL_BACK ->
                step(ref, entry, isHere ? Kind.STOPPED : Kind.OTHER, cause(entry));
            case SERVING_SUSPENDED -> step(null, entry, isHere ? Kind.STOPPED : Kind.OTHER, "");
            case SERVING_RESUMED -> step(null, entry, isHere ? Kind.RESUMED : Kind.OTHER, "");
            case CHAMPION_PROMOTED, CHAMPION_ROLLED_BACK -> {
                step(ref, entry, isHere ? Kind.PROMOTED : Kind.OTHER, "");
                if (isHere) {
                    endTrial(entry.time(), "the champion changed (entry " + entry.index() + ")");
                }
            }
            case EVIDENCE_ATTACHED ->
                step(
                        ref,
                        entry,
                        Kind.OTHER,
                        entry.get("evidenceType") + (entry.find("outcome") == null ? "" : ", " + entry.get("outcome")));
            case VERSION_TRANSITIONED -> step(ref, entry, Kind.OTHER, "to " + entry.get("to"));
            case ALIAS_SET, ALIAS_REMOVED -> step(ref, entry, Kind.OTHER, entry.get("alias"));
            case TAG_SET, TAG_REMOVED, MODEL_TAG_SET, MODEL_TAG_REMOVED ->
                step(ref, entry, Kind.OTHER, entry.get("key"));
            case ACCESS_REFUSED -> step(ref, entry, Kind.REFUSED, String.valueOf(entry.find("action")));
            case RECORDS_EXPIRED ->
                unknown.add("the records of entries before " + Entry.number(entry.data(), "until")
                        + " have expired (entry " + entry.index() + "), and what they would show with them");
            case ALERT_CHANGED -> {
                if (isHere) {
                    alerted(subject, entry);
                }
            }
            case EXPERIMENT_STARTED, EXPERIMENT_JUDGED, EXPERIMENT_ENDED -> {
                if (isHere) {
                    tried(subject, entry);
                }
            }
            case RETRAINING_REQUESTED -> {
                if (isHere) {
                    actors.put(entry.index(), who(entry));
                }
            }
            default -> step(ref, entry, Kind.OTHER, "");
        }
    }

    private static @Nullable ModelName modelOf(Entry entry) {
        try {
            return Texts.modelOf(entry.subject());
        } catch (IllegalArgumentException e) {
            // Entries of types that a newer version of the library writes may be about anything.
            return null;
        }
    }

    /** Notes what was done with a version or, without one, with the model as a whole. */
    private void step(@Nullable ModelRef ref, Entry entry, Kind kind, String detail) {
        StringBuilder what = new StringBuilder(
                entry.type() == EntryType.UNKNOWN
                        ? entry.typeName()
                        : entry.type().sentence());
        if (entry.find("environment") != null) {
            what.append(" in ").append(entry.get("environment"));
        }
        if (!detail.isEmpty()) {
            what.append(": ").append(detail);
        }
        ErasableText written = entry.written();
        if (written != null) {
            what.append(": ").append(texts.read(written));
        }
        (ref == null ? acts : steps.computeIfAbsent(ref, unused -> new ArrayList<>()))
                .add(new Step(entry.time(), entry.index(), kind, who(entry), what.toString()));
    }

    private static String cause(Entry entry) {
        return entry.data().path("cause").asText("");
    }

    private static String who(Entry entry) {
        String roles = entry.actorRoles().stream().map(Object::toString).collect(Collectors.joining(", "));
        return entry.actor() + (roles.isEmpty() ? "" : " (" + roles + ")");
    }

    private void alerted(String subject, Entry entry) {
        String check = entry.get("check");
        Alert.State to = Alert.State.valueOf(entry.get("to"));
        Change change = new Change(entry.time(), entry.index(), Alert.State.valueOf(entry.get("from")), to, who(entry));
        String key = subject + " " + check;
        Alarm known = alarms.get(key);
        List<Change> changes = new ArrayList<>(known == null ? List.of() : known.changes());
        changes.add(change);
        alarms.put(key, new Alarm(subject, check, to, changes));
    }

    private void tried(String subject, Entry entry) {
        switch (entry.type()) {
            case EXPERIMENT_STARTED -> {
                endTrial(entry.time(), "the next stage began (entry " + entry.index() + ")");
                try {
                    ExperimentSpec spec = ExperimentSpec.parse(entry.get("spec"));
                    trials.add(new Trial(
                            entry.get("experiment"),
                            Math.toIntExact(Entry.number(entry.data(), "stage")),
                            Members.word(spec.mode()),
                            model + "@" + Entry.number(entry.data(), "champion"),
                            subject,
                            "the " + Members.word(spec.measure().loss()).replace('-', ' ') + " of "
                                    + spec.measure().output(),
                            spec.rule().alpha(),
                            spec.rule().margin(),
                            entry.time(),
                            null,
                            null,
                            List.of()));
                } catch (IllegalArgumentException e) {
                    unknown.add("the experiment of entry " + entry.index() + " cannot be read: " + e.getMessage());
                }
            }
            case EXPERIMENT_JUDGED -> {
                try {
                    looks.add(look(entry, Verdict.verify(entry.get("verdict").getBytes(StandardCharsets.UTF_8))));
                } catch (IllegalArgumentException e) {
                    unknown.add("the verdict of entry " + entry.index() + " cannot be believed: " + e.getMessage());
                }
            }
            default -> endTrial(entry.time(), cause(entry) + ", by " + who(entry) + " (entry " + entry.index() + ")");
        }
    }

    private static Look look(Entry entry, Verdict verdict) {
        Verdict.Interval found = verdict.difference();
        return new Look(
                entry.time(),
                entry.index(),
                verdict.state(),
                verdict.reason(),
                found == null
                        ? null
                        : new Report.Difference(found.count(), found.estimate(), found.lower(), found.upper()),
                sample(verdict.sampleRatio()),
                sample(verdict.coverage()),
                verdict.guardrails().stream()
                        .map(harm -> new Report.Guard(
                                harm.name(),
                                harm.estimate() == 0 && harm.lower() == 0 ? null : harm.estimate(),
                                harm.harmful()))
                        .toList());
    }

    private static @Nullable Sample sample(Verdict.@Nullable Check check) {
        return check == null ? null : new Sample(check.found(), check.expected(), check.passed());
    }

    /** Ends the latest trial, if it runs, with the verdicts that there were. */
    private void endTrial(Instant at, String why) {
        if (!trials.isEmpty() && trials.get(trials.size() - 1).until() == null) {
            closeTrial(at, why);
        }
    }

    private void closeTrial(@Nullable Instant at, @Nullable String why) {
        Trial last = trials.remove(trials.size() - 1);
        trials.add(new Trial(
                last.id(),
                last.stage(),
                last.mode(),
                last.champion(),
                last.challenger(),
                last.measure(),
                last.alpha(),
                last.margin(),
                last.from(),
                at,
                why,
                looks));
        looks.clear();
    }

    /**
     * Returns what was read.
     *
     * @param state the model after the last entry
     * @param serving the version that is to serve now; the champion in quarantine itself if nobody may stand in for it
     * @param refused why policy does not let that serve, null if it does
     */
    Report end(
            ModelState state,
            @Nullable ModelRef serving,
            @Nullable String refused,
            String log,
            Instant at,
            long position,
            List<Report.Watched> watched,
            List<String> more) {
        if (!trials.isEmpty() && trials.get(trials.size() - 1).until() == null) {
            closeTrial(null, null);
        }
        List<String> all = new ArrayList<>(unknown);
        all.addAll(more);
        ModelRef answers =
                serving == null || refused != null || isQuarantined(state, serving.version()) ? null : serving;
        return new Report(
                model.value(),
                environment.value(),
                log,
                at,
                position,
                halted(state, answers, refused),
                answers == null ? null : answers.toString(),
                state.versions().stream().map(this::version).toList(),
                acts,
                places.values().stream()
                        .map(ReignReader::end)
                        .filter(place ->
                                !place.reigns().isEmpty() || !place.halts().isEmpty())
                        .toList(),
                trials,
                watched,
                List.copyOf(alarms.values()),
                state.operations().retrainings().stream()
                        .filter(request -> request.environment().equals(environment))
                        .map(this::retraining)
                        .toList(),
                all);
    }

    private @Nullable String halted(ModelState state, @Nullable ModelRef answers, @Nullable String refused) {
        VersionNumber champion = state.champion(environment);
        if (state.halts().suspended().containsKey(environment)) {
            return "the model is suspended since position "
                    + state.halts().suspended().get(environment)
                    + "; no version of it answers";
        } else if (champion != null && isQuarantined(state, champion)) {
            return model + "@" + champion + " is champion but in quarantine, so it does not answer; "
                    + (answers == null
                            ? "no version answers for it, for there is no champion before it that policy lets serve"
                            : answers + " answers for it, the newest champion before it that policy lets serve");
        }
        return refused == null
                ? null
                : model + "@" + champion
                        + " is champion, but policy, asked for whoever made this report, forbids that it is"
                        + " served, so no version answers; expected was " + refused;
    }

    private boolean isQuarantined(ModelState state, VersionNumber number) {
        VersionState version = state.version(number);
        return version != null && Governor.isQuarantined(state, version, environment);
    }

    private Version version(VersionState state) {
        return new Version(
                state.version().ref().toString(),
                state.version().author().toString(),
                state.version().status(),
                state.version().publisher().map(Object::toString).orElse(null),
                state.judgements().stream()
                        .map(Judgement::approval)
                        .filter(approval -> approval.environment().equals(environment))
                        .map(LogReader::decision)
                        .toList(),
                steps.getOrDefault(state.version().ref(), List.of()));
    }

    private static String decision(Approval approval) {
        return (approval.verdict() == Approval.Verdict.APPROVED ? "approved by " : "rejected by ")
                + approval.by()
                + (approval.signer().isPresent() ? ", signed" : "");
    }

    private Retraining retraining(Operations.Retraining request) {
        VersionNumber candidate = request.candidate();
        return new Retraining(
                model + "@" + request.version(),
                request.at(),
                request.position().index(),
                Objects.requireNonNullElse(actors.get(request.position().index()), Words.NOT_KNOWN),
                request.cause(),
                request.from(),
                request.until(),
                candidate == null ? null : model + "@" + candidate);
    }
}
