package dev.modelops.core.policy;

import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.FactProvider;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Says when changes may be made: weekly windows and days of freeze, in the time of a place. Gives the facts
 * {@code calendar.inChangeWindow} and {@code calendar.frozen}, both from the time of the request alone. Immutable.
 *
 * <pre>{@code
 * ChangeCalendar.in(ZoneId.of("Europe/Paris"))
 *         .window(LocalTime.of(9, 0), LocalTime.of(12, 0), MONDAY, TUESDAY, WEDNESDAY, THURSDAY)
 *         .freeze(LocalDate.of(2026, 12, 18), LocalDate.of(2027, 1, 3))
 * }</pre>
 */
public final class ChangeCalendar implements FactProvider {
    private static final String IN_WINDOW = "calendar.inChangeWindow";
    private static final String FROZEN = "calendar.frozen";

    private final ZoneId zone;
    private final List<Window> windows;
    private final List<Freeze> freezes;

    private record Window(LocalTime from, LocalTime to, Set<DayOfWeek> days) {}

    private record Freeze(LocalDate from, LocalDate to) {}

    private ChangeCalendar(ZoneId zone, List<Window> windows, List<Freeze> freezes) {
        this.zone = zone;
        this.windows = List.copyOf(windows);
        this.freezes = List.copyOf(freezes);
    }

    /**
     * Returns a calendar without windows, in which it is never the time for changes.
     *
     * @param zone whose time the windows and days are in
     * @return the calendar
     */
    public static ChangeCalendar in(ZoneId zone) {
        return new ChangeCalendar(zone, List.of(), List.of());
    }

    /**
     * Adds a window, every week.
     *
     * @param from the time of day at which it opens
     * @param to the time of day before which it closes, later than the first; {@link LocalTime#MAX} for the end of the day
     * @param days the days of the week, at least one
     * @return the changed copy
     * @throws IllegalArgumentException if it closes before it opens, or no day is given
     */
    public ChangeCalendar window(LocalTime from, LocalTime to, DayOfWeek... days) {
        if (!from.isBefore(to) || days.length == 0) {
            throw new IllegalArgumentException(
                    "a change window must open before it closes, on at least one day, but was " + from + " to " + to
                            + " on " + Arrays.toString(days) + "; give a window over midnight as two");
        }
        List<Window> longer = new ArrayList<>(windows);
        longer.add(new Window(from, to, EnumSet.copyOf(Arrays.asList(days))));
        return new ChangeCalendar(zone, longer, freezes);
    }

    /**
     * Adds a freeze.
     *
     * @param from its first day
     * @param to its last day, not before the first
     * @return the changed copy
     * @throws IllegalArgumentException if it ends before it begins
     */
    public ChangeCalendar freeze(LocalDate from, LocalDate to) {
        if (to.isBefore(from)) {
            throw new IllegalArgumentException("a freeze must not end before it begins, but was " + from + " to " + to);
        }
        List<Freeze> longer = new ArrayList<>(freezes);
        longer.add(new Freeze(from, to));
        return new ChangeCalendar(zone, windows, longer);
    }

    @Override
    public String name() {
        return "calendar";
    }

    @Override
    public Set<String> provides() {
        return Set.of(IN_WINDOW, FROZEN);
    }

    @Override
    public Map<String, Object> compute(AccessRequest request) {
        ZonedDateTime there = request.at().atZone(zone);
        LocalDate day = there.toLocalDate();
        LocalTime time = there.toLocalTime();
        boolean inWindow = windows.stream()
                .anyMatch(window -> window.days().contains(day.getDayOfWeek())
                        && !time.isBefore(window.from())
                        && (time.isBefore(window.to()) || window.to().equals(LocalTime.MAX)));
        boolean frozen = freezes.stream().anyMatch(freeze -> !day.isBefore(freeze.from()) && !day.isAfter(freeze.to()));
        return Map.of(IN_WINDOW, inWindow, FROZEN, frozen);
    }

    @Override
    public Duration maxAge() {
        return Duration.ofMinutes(1);
    }
}
