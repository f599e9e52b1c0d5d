package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Calls as their callers saw them, and the proof that they are linearizable (Herlihy and Wing, 1990): the log itself is
 * the order. It is checked that each answered act is in the log once, at the position it was told; that no act comes
 * before one that had ended when it began; that nothing is in the log that nobody called, or that was answered as not
 * done; and that for the reads and the conflicts a moment can be found, between call and answer and in the order of
 * time, at which the log says what they saw. Moments are chosen as early as possible, which leaves later ones every
 * choice, so that the search is complete for this order.
 */
final class History {
    /** An act that was answered. */
    private record Done(String id, long position, long called, long returned) {}

    /** A read of the champion, or an act that came too late: what was seen, or expected and wanted. */
    private record Seen(String id, int champion, int wanted, boolean isConflict, long called, long returned) {
        boolean fits(int present) {
            return isConflict ? present != champion || present == wanted : present == champion;
        }
    }

    /** Ends a line that is whole. */
    static final String END = " .";

    private final Set<String> called = new HashSet<>();
    private final Map<String, Done> done = new HashMap<>();
    private final Set<String> undone = new HashSet<>();
    private final List<Seen> seen = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private int inDoubt;

    /** Takes a line of a worker, and tells whether it answers a call. A line that a kill cut off says nothing. */
    synchronized boolean add(String line) {
        if (!line.endsWith(END)) {
            return false;
        }
        String[] words = line.substring(0, line.length() - END.length()).split(" ", -1);
        switch (words[0]) {
            case "CALL" -> called.add(words[1]);
            case "ACK" -> {
                done.put(
                        words[1],
                        new Done(
                                words[1],
                                Long.parseLong(words[2]),
                                Long.parseLong(words[3]),
                                Long.parseLong(words[4])));
                return true;
            }
            case "NOT" -> {
                undone.add(words[1]);
                if (words.length == 6) {
                    seen.add(new Seen(
                            words[1],
                            Integer.parseInt(words[4]),
                            Integer.parseInt(words[5]),
                            true,
                            Long.parseLong(words[2]),
                            Long.parseLong(words[3])));
                }
                return true;
            }
            case "READ" -> {
                seen.add(new Seen(
                        "a read",
                        Integer.parseInt(words[1]),
                        0,
                        false,
                        Long.parseLong(words[2]),
                        Long.parseLong(words[3])));
            }
            case "FAIL" -> {
                undone.add(words[1]);
                failures.add(line);
            }
            case "LOST" -> {
                inDoubt++;
                failures.add(line);
            }
            default -> broken.add(line);
        }
        return false;
    }

    synchronized Map<String, Long> acknowledged() {
        Map<String, Long> positions = new HashMap<>();
        done.forEach((id, one) -> positions.put(id, one.position()));
        return positions;
    }

    synchronized void addAll(History other) {
        synchronized (other) {
            called.addAll(other.called);
            done.putAll(other.done);
            undone.addAll(other.undone);
            seen.addAll(other.seen);
            broken.addAll(other.broken);
            failures.addAll(other.failures);
            inDoubt += other.inDoubt;
        }
    }

    /** The lines of acts that failed or are in doubt, each with what the caller was told. */
    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /** What failed in a way that no caller expects. */
    synchronized List<String> broken() {
        return List.copyOf(broken);
    }

    synchronized int inDoubt() {
        return inDoubt;
    }

    @Override
    public synchronized String toString() {
        return called.size() + " calls: " + done.size() + " done, " + undone.size() + " not done, " + inDoubt
                + " in doubt; " + seen.size() + " reads and conflicts placed";
    }

    /** Holds the history against the log. */
    synchronized void requireLinearizable(List<Entry> log) {
        assertThat(broken).isEmpty();
        Map<String, Long> recorded = new HashMap<>();
        int[] champions = new int[log.size() + 1];
        for (Entry entry : log) {
            int at = Math.toIntExact(entry.index());
            champions[at + 1] = champions[at];
            if (entry.type() == EntryType.LOG_CREATED) {
                continue;
            }
            String id = entry.command().value();
            assertThat(called).as("nobody called what entry %s records", at).contains(id);
            assertThat(undone)
                    .as("entry %s records what was answered as not done", at)
                    .doesNotContain(id);
            assertThat(recorded.put(id, entry.index() + 1))
                    .as("entry %s records %s again", at, id)
                    .isNull();
            if (entry.type() == EntryType.CHAMPION_PROMOTED
                    && String.valueOf(entry.subject()).startsWith("shared@")) {
                champions[at + 1] =
                        Integer.parseInt(String.valueOf(entry.subject()).substring("shared@".length()));
            }
        }
        done.values()
                .forEach(one -> assertThat(recorded.get(one.id()))
                        .as("where the log has %s", one.id())
                        .isEqualTo(one.position()));
        requireOrderOfTime();
        placeAll(champions);
    }

    private void requireOrderOfTime() {
        TreeMap<Long, Long> latest = latestPositions();
        for (Done one : done.values()) {
            Map.Entry<Long, Long> before = latest.lowerEntry(one.called());
            assertThat(before == null ? 0 : before.getValue())
                    .as("%s began after the act at this position had ended", one)
                    .isLessThan(one.position());
        }
    }

    /** For each end of an act, the last position of all acts that had ended by then. */
    private TreeMap<Long, Long> latestPositions() {
        TreeMap<Long, Long> latest = new TreeMap<>();
        long last = 0;
        for (Done one : done.values().stream()
                .sorted(Comparator.comparingLong(Done::returned))
                .toList()) {
            last = Math.max(last, one.position());
            latest.put(one.returned(), last);
        }
        return latest;
    }

    private void placeAll(int[] champions) {
        TreeMap<Long, Long> ended = latestPositions();
        TreeMap<Long, Long> begun = new TreeMap<>();
        long first = champions.length;
        for (Done one : done.values().stream()
                .sorted(Comparator.comparingLong(Done::called).reversed())
                .toList()) {
            first = Math.min(first, one.position());
            begun.put(one.called(), first);
        }
        TreeMap<Long, Integer> placed = new TreeMap<>();
        List<Seen> open = new ArrayList<>(seen);
        open.sort(Comparator.comparingLong(Seen::called));
        for (Seen one : open) {
            Map.Entry<Long, Long> before = ended.lowerEntry(one.called());
            Map.Entry<Long, Integer> earlier = placed.lowerEntry(one.called());
            Map.Entry<Long, Long> after = begun.higherEntry(one.returned());
            int at = Math.max(
                    before == null ? 0 : Math.toIntExact(before.getValue()), earlier == null ? 0 : earlier.getValue());
            int end = after == null ? champions.length : Math.toIntExact(after.getValue());
            int from = at;
            while (at < end && !one.fits(champions[at])) {
                at++;
            }
            assertThat(at)
                    .as("no moment from position %s to before %s fits %s", from, end, one)
                    .isLessThan(end);
            // What ends later than others may have been placed earlier.
            Map.Entry<Long, Integer> floor = placed.floorEntry(one.returned());
            int most = Math.max(at, floor == null ? 0 : floor.getValue());
            placed.put(one.returned(), most);
            for (Map.Entry<Long, Integer> later :
                    placed.tailMap(one.returned(), false).entrySet()) {
                if (later.getValue() >= most) {
                    break;
                }
                later.setValue(most);
            }
        }
    }
}
