package dev.modelops.core.internal.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.core.internal.experiment.Adaptation.Count;
import dev.modelops.core.internal.experiment.Adaptation.Known;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdaptationTest {
    private static final long MOST = 1_000_000_000;

    private static Adaptation of(Count champion, Count challenger) {
        return new Adaptation(1000, 9000, new Known(7, champion, challenger));
    }

    @Test
    void theLeastStandsWhileNothingIsKnown() {
        assertThat(new Adaptation(1000, 9000, null).open()).isEqualTo(1000);
        assertThat(of(new Count(1, 500), new Count(20, 0)).open()).isEqualTo(9000);
        assertThat(of(new Count(19, 0), new Count(0, 500)).open()).isEqualTo(1000);
    }

    @Test
    void equalsShareAlike() {
        assertThat(of(new Count(50, 50), new Count(50, 50)).open()).isEqualTo(5000);
        assertThat(of(new Count(50, 50), new Count(50, 50)).isOpen(5001)).isTrue();
        assertThat(of(new Count(50, 50), new Count(50, 50)).isOpen(5002)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "1000000000, 1000000000, 1000000000, 1000000000",
        "1000000000, 0, 1000000000, 0",
        "0, 1000000000, 0, 1000000000",
        "1000000000, 0, 0, 1000000000",
        "1, 1000000000, 1000000000, 1",
        "1000000000, 1, 2, 1"
    })
    void anyCountsThatThereCanBeLeadToAShare(long a, long b, long c, long d) {
        assertThat(of(new Count(a, b), new Count(c, d)).open()).isBetween(1000, 9000);
    }

    @Test
    void othersAreRefused() {
        assertThatThrownBy(() -> new Count(MOST + 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Count(0, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Adaptation(0, 10, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Adaptation(10, 10, null)).isInstanceOf(IllegalArgumentException.class);
    }
}
