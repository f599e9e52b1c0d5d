package dev.modelops.core.internal.report;

import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.report.Report.Halt;
import dev.modelops.core.internal.report.Report.Place;
import dev.modelops.core.internal.report.Report.Reign;
import dev.modelops.core.internal.report.Report.Stop;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.VersionState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Follows who was champion of a model in one environment, and when that did not answer. Whether a version is in quarantine
 * it is told by the state after each entry, so that it says what serving did. Not for use by several threads.
 */
final class ReignReader {
    private final Environment environment;
    private final List<Reign> reigns = new ArrayList<>();
    private final List<Halt> halts = new ArrayList<>();
    private @Nullable Halt quarantine;
    private @Nullable Halt suspension;
    /** Who would stand in as far as the order of champions says it. */
    private @Nullable VersionNumber next;

    ReignReader(Environment environment) {
        this.environment = environment;
    }

    /**
     * Takes an entry about the model in the environment into account.
     *
     * @param after the model after it
     */
    void read(Entry entry, ModelState after, String who, String detail) {
        if (entry.type() == EntryType.CHAMPION_PROMOTED || entry.type() == EntryType.CHAMPION_ROLLED_BACK) {
            crowned(entry, who);
        }
        VersionNumber champion = after.champion(environment);
        String how = entry.type().sentence() + (detail.isEmpty() ? "" : ": " + detail);
        VersionNumber candidate = candidate(after);
        String name = champion == null ? null : after.name() + "@" + champion;

        boolean isSuspended = after.halts().suspended().containsKey(environment);
        if (suspension == null && isSuspended) {
            suspension = new Halt(
                    Stop.SUSPENSION, name, entry.time(), null, entry.index(), who, how, null, true, null);
        } else if (suspension != null && !isSuspended) {
            halts.add(ended(suspension, entry, who));
            suspension = null;
        }

        boolean isQuarantined = champion != null && isQuarantined(after, champion);
        Halt known = quarantine;
        if (known != null && (!isQuarantined || !Objects.equals(known.version(), name) || !Objects.equals(candidate, next))) {
            halts.add(ended(known, entry, who));
            quarantine = null;
        }
        if (isQuarantined && quarantine == null) {
            boolean isNamed = entry.type() == EntryType.HANDLE_FELL_BACK;
            Object standIn = isNamed ? Long.valueOf(Entry.number(entry.data(), "to")) : candidate;
            // If only who stands in has changed, the cause is still the one that it was.
            boolean isSame = known != null && Objects.equals(known.version(), name);
            quarantine = new Halt(
                    Stop.QUARANTINE,
                    name,
                    entry.time(),
                    null,
                    isSame ? known.entry() : entry.index(),
                    isSame ? known.who() : who,
                    isSame ? known.how() : how,
                    standIn == null ? null : after.name() + "@" + standIn,
                    isNamed,
                    null);
        }
        next = candidate;
    }

    /** Returns what was read. */
    Place end() {
        List<Halt> all = new ArrayList<>(halts);
        if (quarantine != null) {
            all.add(quarantine);
        }
        if (suspension != null) {
            all.add(suspension);
        }
        all.sort(Comparator.comparing(Halt::from).thenComparing(Halt::entry));
        return new Place(environment.value(), reigns, all);
    }

    private void crowned(Entry entry, String who) {
        String version = ModelRef.parse(Objects.requireNonNull(entry.subject())).toString();
        String how = entry.type().sentence();
        boolean isRollback = entry.type() == EntryType.CHAMPION_ROLLED_BACK;
        if (!reigns.isEmpty()) {
            Reign last = reigns.remove(reigns.size() - 1);
            Halt halt = quarantine;
            String stoodIn = halt != null && version.equals(halt.standIn()) ? ", which stood in already" : "";
            reigns.add(new Reign(
                    last.version(),
                    last.from(),
                    entry.time(),
                    last.entry(),
                    last.who(),
                    last.how(),
                    last.isRollback(),
                    how + (isRollback ? " to " : " of ") + version + stoodIn
                            + ", by " + who + " (entry " + entry.index() + ")"));
        }
        reigns.add(new Reign(version, entry.time(), null, entry.index(), who, how, isRollback, null));
    }

    private static Halt ended(Halt halt, Entry entry, String who) {
        return new Halt(
                halt.stop(),
                halt.version(),
                halt.from(),
                entry.time(),
                halt.entry(),
                halt.who(),
                halt.how(),
                halt.standIn(),
                halt.isNamed(),
                entry.type().sentence()
                        + (entry.type() == EntryType.CHAMPION_ROLLED_BACK ? " to " : " of ") + entry.subject() + ", by " + who + " (entry " + entry.index() + ")");
    }

    /** Returns the newest champion before the present one that is in quarantine neither. */
    private @Nullable VersionNumber candidate(ModelState model) {
        PVector<VersionNumber> history = model.champions().getOrDefault(environment, TreePVector.empty());
        VersionNumber present = model.champion(environment);
        for (int i = history.size() - 2; i >= 0; i--) {
            if (!history.get(i).equals(present) && !isQuarantined(model, history.get(i))) {
                return history.get(i);
            }
        }
        return null;
    }

    private boolean isQuarantined(ModelState model, VersionNumber number) {
        VersionState version = model.version(number);
        return version != null && Governor.isQuarantined(model, version, environment);
    }
}
