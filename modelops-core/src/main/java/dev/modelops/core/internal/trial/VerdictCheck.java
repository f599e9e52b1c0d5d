package dev.modelops.core.internal.trial;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.experiment.Adaptation;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.internal.experiment.ExperimentSums;
import dev.modelops.core.internal.experiment.Verdict;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.prediction.Segment;
import dev.modelops.core.internal.prediction.Segments;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.serving.Verdict.State;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Concludes the verdicts of a log again while it is verified. Each must follow from its own sums, and be about the plan that the
 * stage was started with. The sums of the newest one of a stage, and of each that concludes something else than the one before
 * it, on which acts can have rested, must be those of the segments, where they are still there.
 */
public final class VerdictCheck {
    private static final int PAGE = 256;

    private final LogStore log;
    private final BlobStore blobs;
    private final ObjLongConsumer<String> findings;
    private final ObjLongConsumer<String> unchecked;
    private final Map<Place, Judged> newest = new HashMap<>();

    private record Place(ModelName model, Environment environment) {
        Operations.@Nullable Trial trial(RegistryState state) {
            ModelState now = state.model(model);
            return now == null ? null : now.operations().trial(environment);
        }
    }

    private record Judged(long index, Operations.Trial trial, long upTo, Verdict verdict, boolean isAddedUp) {}

    /**
     * Starts at the beginning of a log.
     *
     * @param findings told what is wrong, and at which entry
     * @param unchecked told what could not be added up again, and at which entry
     */
    public VerdictCheck(
            LogStore log, BlobStore blobs, ObjLongConsumer<String> findings, ObjLongConsumer<String> unchecked) {
        this.log = log;
        this.blobs = blobs;
        this.findings = findings;
        this.unchecked = unchecked;
    }

    /** Takes an entry, with the state before it and after it. */
    public void follow(RegistryState before, RegistryState after, Entry entry) {
        if (entry.type() == EntryType.EXPERIMENT_JUDGED) {
            judged(before, entry);
        } else if (entry.type() == EntryType.EXPERIMENT_STARTED) {
            started(before, entry);
        }
        if (!newest.isEmpty()) {
            finishEnded(after);
        }
    }

    /** Takes note that the log ends. */
    public void end() {
        newest.forEach(this::finish);
        newest.clear();
    }

    private void started(RegistryState before, Entry entry) {
        try {
            ExperimentSpec spec = ExperimentSpec.parse(entry.get("spec"));
            require(spec.id().equals(entry.get("experiment")), "it is the plan of '" + spec.id() + "'");
            Adaptation adaptation = spec.adaptation();
            if (adaptation != null) {
                require(
                        adaptation.isOpen(spec.challenger().open()),
                        "its share does not follow from what was known: expected "
                                + adaptation.open() + " buckets, found "
                                + spec.challenger().open());
                requireKnown(before, entry, spec, adaptation);
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            findings.accept(
                    "the plan of the experiment that entry " + entry.index() + " starts is not good: " + e.getMessage(),
                    entry.index());
        }
    }

    /** What a stage says to be known must be what a verdict of the stage before it came to. */
    private void requireKnown(RegistryState before, Entry entry, ExperimentSpec spec, Adaptation adaptation) {
        Adaptation.Known known = adaptation.known();
        if (known == null) {
            return;
        }
        Place place = place(entry);
        Operations.Trial trial = place.trial(before);
        Entry verdict = trial == null ? null : judgedIn(trial, known.verdict(), entry);
        if (trial == null || verdict == null || !place(verdict).equals(place)) {
            throw new IllegalArgumentException(
                    "it rests on entry " + known.verdict() + ", which is no verdict of the stage before it");
        }
        ExperimentSpec stage = ExperimentSpec.parse(trial.spec());
        require(
                spec.id().equals(stage.id())
                        && spec.measure().equals(stage.measure())
                        && entry.subject() != null
                        && entry.subject().equals(new ModelRef(place.model(), trial.challenger()).toString())
                        && Entry.number(entry.data(), "champion")
                                == trial.champion().value(),
                "it compares something else than the stage before it, whose counts it takes over");
        Adaptation last = stage.adaptation();
        Verdict concluded = Verdict.verify(verdict.get("verdict").getBytes(StandardCharsets.UTF_8));
        require(
                concluded.state() != State.HARM && concluded.state() != State.INVALID,
                "it rests on a verdict of " + concluded.state() + ", after which no share is earned");
        ExperimentSums sums = concluded.sums();
        require(stage.isEnough(sums), "it rests on fewer cases than the stage before it needed");
        Judged newest = this.newest.get(place);
        if (newest == null || newest.index() != verdict.index()) {
            addUp(place, new Judged(verdict.index(), trial, Entry.number(verdict.data(), "upTo"), concluded, true));
        }
        require(
                last != null && last.after(sums, known.verdict()).equals(adaptation),
                "it does not say what was known by the verdict of entry " + known.verdict());
    }

    private @Nullable Entry judgedIn(Operations.Trial trial, long index, Entry next) {
        if (index < trial.position().size() || index >= next.index()) {
            return null;
        }
        List<LogRecord> found = log.read(index, 1);
        if (found.isEmpty()) {
            return null;
        }
        Entry entry = Entry.decode(index, found.get(0).body().toByteArray());
        boolean isVerdict =
                entry.type() == EntryType.EXPERIMENT_JUDGED && trial.id().equals(entry.find("experiment"));
        return isVerdict ? entry : null;
    }

    private static Place place(Entry entry) {
        return new Place(
                ModelRef.parse(String.valueOf(entry.subject())).name(), Environment.of(entry.get("environment")));
    }

    private void judged(RegistryState before, Entry entry) {
        Place place = place(entry);
        Operations.Trial trial = place.trial(before);
        if (trial == null) {
            return;
        }
        Verdict verdict;
        try {
            verdict = Verdict.verify(entry.get("verdict").getBytes(StandardCharsets.UTF_8));
            require(verdict.state().name().equals(entry.get("state")), "its entry says " + entry.get("state"));
            require(verdict.spec().equals(ExperimentSpec.parse(trial.spec())), "it is about another plan");
            require(isAfter(trial, newest.get(place), verdict), "it leaves out looks that were taken before");
        } catch (RuntimeException e) {
            findings.accept(
                    "the verdict of entry " + entry.index() + " does not follow: " + e.getMessage(), entry.index());
            return;
        }
        boolean isNew = isNew(trial, newest.get(place), verdict);
        Judged judged = new Judged(entry.index(), trial, Entry.number(entry.data(), "upTo"), verdict, isNew);
        newest.put(place, judged);
        if (isNew) {
            addUp(place, judged);
        }
    }

    /** Tells whether something else is concluded than before. */
    private static boolean isNew(Operations.Trial trial, @Nullable Judged known, Verdict verdict) {
        boolean isNext = known != null && known.trial().position().equals(trial.position());
        State before = known != null && isNext ? known.verdict().state() : State.CONTINUE;
        return verdict.state() != before;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    private static boolean isAfter(Operations.Trial trial, @Nullable Judged known, Verdict verdict) {
        if (known == null || !known.trial().position().equals(trial.position())) {
            return true;
        }
        List<Long> looks = known.verdict().sums().looks();
        List<Long> now = verdict.sums().looks();
        return now.size() >= looks.size() && now.subList(0, looks.size()).equals(looks);
    }

    private void finishEnded(RegistryState after) {
        newest.entrySet().removeIf(one -> {
            Operations.Trial trial = one.getKey().trial(after);
            boolean isOver = trial == null
                    || !trial.position().equals(one.getValue().trial().position());
            if (isOver) {
                finish(one.getKey(), one.getValue());
            }
            return isOver;
        });
    }

    private void finish(Place place, Judged judged) {
        if (!judged.isAddedUp()) {
            addUp(place, judged);
        }
    }

    private void addUp(Place place, Judged judged) {
        ExperimentSums said = judged.verdict().sums();
        ExperimentSums found;
        try {
            found = StageSums.of(
                    judged.verdict().spec(), judged.trial(), (kinds, reader) -> read(place, judged, kinds, reader));
        } catch (ModelOpsException | IllegalArgumentException | ArithmeticException e) {
            // What is missing or altered was reported where it is named.
            unchecked.accept(
                    "the verdict of entry " + judged.index()
                            + " was concluded again from the sums it names, but these were" + " not added up again: "
                            + e.getMessage(),
                    judged.index());
            return;
        }
        if (!found.withLooks(said.looks()).equals(said)) {
            findings.accept(
                    "the verdict of entry " + judged.index() + " was not concluded from the segments: it rests on "
                            + counts(said) + ", but there are " + counts(found) + ", or other sums",
                    judged.index());
        }
    }

    private static String counts(ExperimentSums sums) {
        return sums.champion().assigned() + " and " + sums.challenger().assigned() + " cases, "
                + sums.champion().loss().count() + " and "
                + sums.challenger().loss().count() + " outcomes, and "
                + sums.pairs().count() + " pairs";
    }

    private void read(Place place, Judged judged, Set<Segment.Kind> kinds, Segments.Reader reader) {
        long at = judged.trial().position().size();
        while (at < judged.upTo()) {
            List<LogRecord> page = log.read(at, (int) Math.min(PAGE, judged.upTo() - at));
            if (page.isEmpty()) {
                throw new NotFoundException("entry " + at + " is missing");
            }
            for (LogRecord next : page) {
                Entry entry = Entry.decode(next.index(), next.body().toByteArray());
                if (entry.type() == EntryType.SEGMENT_RECORDED
                        && place.model().value().equals(entry.subject())
                        && place.environment().value().equals(entry.find("environment"))) {
                    Segment.Kind kind = Segment.Kind.of(entry);
                    if (kind != null && kinds.contains(kind)) {
                        Segments.read(entry, kind, blobs, reader);
                    }
                }
                at = next.index() + 1;
            }
        }
    }
}
