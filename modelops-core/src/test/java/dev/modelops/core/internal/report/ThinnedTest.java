package dev.modelops.core.internal.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThinnedTest {
    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static Thinned<Integer> spread(int count, int most, Function<Integer, ?> said) {
        return Thinned.spread(upTo(count), most, "verdicts", said);
    }

    @Test
    void whatIsFewIsShownWhole() {
        assertThat(spread(120, 120, number -> 0)).isEqualTo(new Thinned<>(upTo(120), ""));
    }

    @Test
    void ofManyTheFirstTheLastAndSomeFromAllAlongAreShown() {
        Thinned<Integer> thinned = spread(8641, 121, number -> 0);

        assertThat(thinned.shown()).hasSize(121).isSorted().contains(0, 72, 4320, 8640);
        assertThat(thinned.note()).startsWith("Of 8,641 verdicts, 121 are shown here");
    }

    @Test
    void whatSaysSomethingElseThanTheOneBeforeIsShown() {
        assertThat(spread(8641, 121, number -> number >= 4001 && number < 4003).shown())
                .contains(0, 4001, 4003, 8640)
                .hasSizeBetween(115, 121);
    }

    @Test
    void ofManyThatEachSaySomethingElseNoMoreAreShown() {
        assertThat(spread(8641, 120, number -> number).shown())
                .contains(0, 8581, 8640)
                .hasSizeLessThanOrEqualTo(120);
    }
}
