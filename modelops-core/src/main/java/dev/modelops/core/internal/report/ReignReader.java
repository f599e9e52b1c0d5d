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
import dev.modelops.registry.LifeCycle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Follows who was champion of a model in one environment, and when that did not answer. Whether a version is in quarantine,
 * or in a status to be served in, the state after each entry tells, so that it says what serving did. Not for use by several threads.
 */
final class ReignReader {
    private final Environment environment;
    private final List<Reign> reigns = new ArrayList<>();
    private final List<Halt> halts = new ArrayList<>();
    private final Map<Stop, Halt> open = new EnumMap<>(Stop.class);
    /** Who would stand in as far as the order of champions says it. */
    private @Nullable VersionNumber next;

    ReignReader(Environment environment) {
        this.environment = environment;
    }

    /**
     * Takes an entry about the model in the environment into account.
     *
     * @param after the model after it
     * @param cycle in which statuses a version may be served
     */
    void read(Entry entry, ModelState after, LifeCycle cycle, String who, String detail) {
        if (entry.type() == EntryType.CHAMPION_PROMOTED || entry.type() == EntryType.CHAMPION_ROLLED_BACK) {
            crowned(entry, who);
        }
        VersionNumber champion = after.champion(environment);
        VersionNumber candidate = candidate(after, cycle);
        String name = champion == null ? null : after.name() + "@" + champion;
        String how = entry.type().sentence() + (detail.isEmpty() ? "" : ": " + detail);
        Halt begun = begun(Stop.SUSPENSION, name, entry, who, how);
        follow(begun, after.halts().suspended().containsKey(environment), false, entry, who);
        follow(
                begun(Stop.STATUS, name, entry, who, how),
                champion != null && !isServable(after, champion, cycle),
                !isOf(Stop.STATUS, name),
                entry,
                who);

        boolean isNamed = entry.type() == EntryType.HANDLE_FELL_BACK;
        Object standIn = isNamed ? Long.valueOf(Entry.number(entry.data(), "to")) : candidate;
        boolean isOther = !isOf(Stop.QUARANTINE, name);
        // If only who stands in has changed, the cause is still the one that it was.
        Halt cause = isOther ? begun : Objects.requireNonNullElse(open.get(Stop.QUARANTINE), begun);
        Halt next = new Halt(
                Stop.QUARANTINE,
                name,
                entry.time(),
                null,
                cause.entry(),
                cause.who(),
                cause.how(),
                standIn == null ? null : after.name() + "@" + standIn,
                isNamed,
                null);
        follow(
                next,
                champion != null && isQuarantined(after, champion),
                isOther || !Objects.equals(candidate, this.next),
                entry,
                who);
        this.next = candidate;
    }

    private static Halt begun(Stop stop, @Nullable String version, Entry entry, String who, String how) {
        return new Halt(stop, version, entry.time(), null, entry.index(), who, how, null, true, null);
    }

    private boolean isOf(Stop stop, @Nullable String version) {
        Halt known = open.get(stop);
        return known == null || Objects.equals(known.version(), version);
    }

    /** Ends what has ended, and begins what has begun. */
    private void follow(Halt begun, boolean isSo, boolean isOther, Entry entry, String who) {
        Halt known = open.get(begun.stop());
        if (known != null && (!isSo || isOther)) {
            halts.add(ended(known, entry, who));
            open.remove(begun.stop());
        }
        if (isSo) {
            open.putIfAbsent(begun.stop(), begun);
        }
    }

    /** Returns what was read. */
    Place end() {
        List<Halt> all = new ArrayList<>(halts);
        all.addAll(open.values());
        all.sort(Comparator.comparing(Halt::from).thenComparing(Halt::entry));
        return new Place(environment.value(), reigns, all);
    }

    private void crowned(Entry entry, String who) {
        String version = ModelRef.parse(Objects.requireNonNull(entry.subject())).toString();
        String how = entry.type().sentence();
        boolean isRollback = entry.type() == EntryType.CHAMPION_ROLLED_BACK;
        if (!reigns.isEmpty()) {
            Reign last = reigns.remove(reigns.size() - 1);
            Halt halt = open.get(Stop.QUARANTINE);
            String stoodIn = halt != null && version.equals(halt.standIn()) ? ", which stood in already" : "";
            reigns.add(new Reign(
                    last.version(),
                    last.from(),
                    entry.time(),
                    last.entry(),
                    last.who(),
                    last.how(),
                    last.isRollback(),
                    how + (isRollback ? " to " : " of ") + version + stoodIn + ", by " + who + " (entry "
                            + entry.index() + ")"));
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
                entry.type().sentence() + (entry.type() == EntryType.CHAMPION_ROLLED_BACK ? " to " : " of ")
                        + entry.subject() + ", by " + who + " (entry " + entry.index() + ")");
    }

    /** Returns the newest champion before the present one that is in no quarantine and has a status to be served in. */
    private @Nullable VersionNumber candidate(ModelState model, LifeCycle cycle) {
        PVector<VersionNumber> history = model.champions().getOrDefault(environment, TreePVector.empty());
        VersionNumber present = model.champion(environment);
        for (int i = history.size() - 2; i >= 0; i--) {
            VersionNumber one = history.get(i);
            if (!one.equals(present) && !isQuarantined(model, one) && isServable(model, one, cycle)) {
                return one;
            }
        }
        return null;
    }

    private static boolean isServable(ModelState model, VersionNumber number, LifeCycle cycle) {
        VersionState version = model.version(number);
        LifeCycle.State state =
                version == null ? null : cycle.states().get(version.version().status());
        return state != null && state.servable();
    }

    private boolean isQuarantined(ModelState model, VersionNumber number) {
        VersionState version = model.version(number);
        return version != null && Governor.isQuarantined(model, version, environment);
    }
}
