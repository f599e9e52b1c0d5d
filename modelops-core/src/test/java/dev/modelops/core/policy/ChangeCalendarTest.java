package dev.modelops.core.policy;

import static java.time.DayOfWeek.MONDAY;
import static java.time.DayOfWeek.SUNDAY;
import static java.time.DayOfWeek.TUESDAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.core.internal.policy.Requests;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Facts;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangeCalendarTest {
    private static final ChangeCalendar PARIS = ChangeCalendar.in(ZoneId.of("Europe/Paris"))
            .window(LocalTime.of(9, 0), LocalTime.of(12, 0), MONDAY, TUESDAY)
            .window(LocalTime.of(22, 0), LocalTime.MAX, SUNDAY)
            .freeze(LocalDate.of(2026, 12, 18), LocalDate.of(2027, 1, 3));

    private static Map<String, Object> at(String time) {
        return PARIS.compute(new AccessRequest(
                Identity.asserted(Requests.ADA),
                Set.of(),
                Action.audit(),
                Facts.of(Map.of()),
                LogPosition.of(1),
                Instant.parse(time)));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-23T08:00:00Z, true",
        "2026-03-23T07:59:59Z, false",
        "2026-03-23T10:59:59Z, true",
        "2026-03-23T11:00:00Z, false",
        "2026-03-25T08:00:00Z, false",
        "2026-03-30T07:00:00Z, true",
        "2026-03-30T06:59:59Z, false",
        "2026-03-29T20:00:00Z, true",
        "2026-03-29T21:59:59.999999999Z, true",
        "2026-03-29T22:00:00Z, false"
    })
    void windowsAreInTheTimeOfThePlaceThroughTheChangeToSummerTime(String time, boolean expected) {
        assertThat(at(time)).containsEntry("calendar.inChangeWindow", expected);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-12-17T22:59:59Z, false",
        "2026-12-17T23:00:00Z, true",
        "2027-01-03T22:59:59Z, true",
        "2027-01-03T23:00:00Z, false"
    })
    void freezesLastFromTheFirstDayToTheEndOfTheLast(String time, boolean expected) {
        assertThat(at(time)).containsEntry("calendar.frozen", expected);
    }

    @Test
    void aCalendarWithoutWindowsIsNeverOpen() {
        assertThat(ChangeCalendar.in(ZoneId.of("UTC"))
                        .compute(Requests.request(dev.modelops.Role.ADMIN, Action.audit(), Map.of())))
                .isEqualTo(Map.of("calendar.inChangeWindow", false, "calendar.frozen", false));
    }

    @Test
    void windowsAndFreezesThatEndBeforeTheyBeginAreRefused() {
        LocalTime nine = LocalTime.of(9, 0);
        assertThatIllegalArgumentException().isThrownBy(() -> PARIS.window(nine, nine, MONDAY));
        assertThatIllegalArgumentException().isThrownBy(() -> PARIS.window(nine, LocalTime.NOON));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PARIS.freeze(LocalDate.of(2026, 2, 2), LocalDate.of(2026, 2, 1)));
    }
}
