package dev.modelops.core.internal.monitoring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.monitoring.Alert.State;
import dev.modelops.core.internal.monitoring.Alert.Step;
import dev.modelops.core.internal.monitoring.Alert.Transition;
import dev.modelops.core.internal.monitoring.Finding.Level;
import dev.modelops.core.internal.monitoring.Finding.Measurement;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How an alert stands after what was found. */
class AlertTest {
    /** Each letter is a window: within, exceeding, alarming, unknown; k is somebody who takes it on. */
    @ParameterizedTest
    @CsvSource({
        "w, OK",
        "u, OK",
        "e, SUSPECT",
        "a, FIRING",
        "ew, SUSPECT",
        "eww, OK",
        "ewew, SUSPECT",
        "ea, FIRING",
        "ae, FIRING",
        "aw, FIRING",
        "awaw, FIRING",
        "auw, FIRING",
        "awuw, RESOLVED",
        "aww, RESOLVED",
        "ak, ACKNOWLEDGED",
        "aka, ACKNOWLEDGED",
        "akw, ACKNOWLEDGED",
        "akww, RESOLVED",
        "awwe, SUSPECT",
        "awweww, OK",
        "awwa, FIRING",
        "ek, SUSPECT",
        "wk, OK",
        "awwk, RESOLVED"
    })
    void statesFollowFromWhatWasFound(String found, State state) {
        assertThat(after(found).alert().state()).isEqualTo(state);
    }

    @Test
    void aTroubleIsToldOnceHoweverLongItLasts() {
        assertThat(transitions("eaaaeaww")).containsExactly("OK>SUSPECT", "SUSPECT>FIRING", "FIRING>RESOLVED");
        assertThat(transitions("akaawwaww"))
                .containsExactly(
                        "OK>FIRING",
                        "FIRING>ACKNOWLEDGED",
                        "ACKNOWLEDGED>RESOLVED",
                        "RESOLVED>FIRING",
                        "FIRING>RESOLVED");
        assertThat(transitions("awawawawaww")).containsExactly("OK>FIRING", "FIRING>RESOLVED");
    }

    @Test
    void eachTroubleIsAnEpisodeOfItsOwn() {
        assertThat(after("a").alert().episode()).isEqualTo(1);
        assertThat(after("akaww").alert().episode()).isEqualTo(1);
        assertThat(after("awwa").alert().episode()).isEqualTo(2);
        assertThat(after("ww").alert().episode()).isZero();
    }

    @Test
    void aWindowThatWasTakenIntoAccountChangesNothing() {
        Alert firing = Alert.initial("credit/psi:income")
                .next(finding(5, Level.ALARMING), 2)
                .alert();

        for (long window : new long[] {5, 4}) {
            Step step = firing.next(finding(window, Level.WITHIN), 1);
            assertThat(step.alert()).isEqualTo(firing);
            assertThat(step.transition()).isNull();
        }
    }

    @Test
    void theSameTransitionHasTheSameKeyWhereverItIsComputed() {
        Transition one = requireNonNull(
                Alert.initial("m/c").next(finding(5, Level.ALARMING), 2).transition());
        Transition other =
                Alert.initial("m/c").next(finding(5, Level.ALARMING), 2).transition();

        assertThat(one).isEqualTo(other);
        assertThat(one.key()).isEqualTo("m/c#1/5/FIRING");
    }

    private static Step after(String found) {
        List<Step> steps = steps(found);
        return steps.get(steps.size() - 1);
    }

    private static List<String> transitions(String found) {
        List<String> transitions = new ArrayList<>();
        for (Step step : steps(found)) {
            Transition transition = step.transition();
            if (transition != null) {
                transitions.add(transition.from() + ">" + transition.alert().state());
            }
        }
        return transitions;
    }

    private static List<Step> steps(String found) {
        List<Step> steps = new ArrayList<>();
        Alert alert = Alert.initial("m/c");
        for (int i = 0; i < found.length(); i++) {
            Step step = switch (found.charAt(i)) {
                case 'w' -> alert.next(finding(i, Level.WITHIN), 2);
                case 'e' -> alert.next(finding(i, Level.EXCEEDING), 2);
                case 'a' -> alert.next(finding(i, Level.ALARMING), 2);
                case 'u' -> alert.next(finding(i, Level.UNKNOWN), 2);
                default -> alert.acknowledge();
            };
            alert = step.alert();
            steps.add(step);
        }
        return steps;
    }

    private static Finding finding(long window, Level level) {
        return new Finding(
                Check.of(Statistic.PSI, "income", .1),
                "",
                level,
                List.of(new Measurement(window, 100, 100, 1, 1, 1, 1, true, false)));
    }
}
