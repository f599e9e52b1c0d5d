package dev.modelops.core.internal.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Categorical;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Numeric;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is taken from a reference sample, and its bytes. */
class ReferenceProfileTest {
    @Test
    void binsHoldAboutAsManyValuesEach() {
        double[] values = IntStream.range(0, 1000).mapToDouble(i -> i).toArray();

        Numeric numeric = numeric(values, 10);

        assertThat(numeric.edges().toArray()).containsExactly(100, 200, 300, 400, 500, 600, 700, 800, 900);
        assertThat(numeric.cells().toArray())
                .startsWith(100, 100)
                .endsWith(100, 0, 0)
                .hasSize(12);
        assertThat(numeric.means().get(0)).isEqualTo(49.5);
        assertThat(numeric.center()).isEqualTo(499.5, within(1e-9));
        assertThat(numeric.least()).isZero();
        assertThat(numeric.most()).isEqualTo(999);
    }

    @Test
    void aFrequentValueGetsABinOfItsOwn() {
        double[] values = DoubleStream.concat(
                        DoubleStream.generate(() -> 0).limit(600),
                        IntStream.rangeClosed(1, 400).mapToDouble(i -> i))
                .toArray();

        Numeric numeric = numeric(values, 10);

        assertThat(numeric.edges().get(0)).isEqualTo(1);
        assertThat(numeric.cells().get(0)).isEqualTo(600);
        assertThat(numeric.cells().stream().sum()).isEqualTo(1000);
    }

    @Test
    void aFrequentValueAmongOthersGetsABinOfItsOwn() {
        double[] values = DoubleStream.concat(
                        DoubleStream.generate(() -> 0).limit(400),
                        IntStream.rangeClosed(1, 300)
                                .mapToDouble(i -> i / 300.0)
                                .flatMap(x -> DoubleStream.of(x, -x)))
                .toArray();

        Numeric numeric = numeric(values, 5);

        assertThat(numeric.cells().toArray()).containsExactly(200, 100, 400, 100, 200, 0, 0);
        assertThat(numeric.means().get(2)).isZero();
    }

    @Test
    void zeroIsZeroWhateverItsSign() {
        assertThat(numeric(new double[] {-0.0, 0.0, 1}, 10).edges().toArray()).containsExactly(1);
    }

    @Test
    void fewValuesGetABinEach() {
        Numeric numeric = numeric(new double[] {3, 1, 2, 2, 3, 3}, 10);

        assertThat(numeric.edges().toArray()).containsExactly(2, 3);
        assertThat(numeric.cells().toArray()).containsExactly(1, 2, 3, 0, 0);
        assertThat(numeric.means().toArray()).containsExactly(1, 2, 3);
        assertThat(numeric(new double[] {7, 7}, 10).cells().toArray()).containsExactly(2, 0, 0);
    }

    @Test
    void missingAndInfiniteValuesHaveCellsOfTheirOwn() {
        Numeric numeric = numeric(
                new double[] {1, Double.NaN, 2, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e120, Double.NaN},
                10);

        assertThat(numeric.cells().toArray()).containsExactly(1, 1, 2, 3);
        assertThat(numeric.missing()).isEqualTo(2);
        assertThat(numeric.infinite()).isEqualTo(3);
        assertThat(numeric.center()).isEqualTo(1.5);
    }

    @Test
    void onlyTheMostFrequentCategoriesGetACell() {
        List<@Nullable String> values = new ArrayList<>(List.of("b", "a", "c", "b", "a", "d"));
        values.add(null);

        Categorical categorical = (Categorical) new ReferenceSample()
                .categorical("c", values, 3)
                .profile()
                .signals()
                .get(0);

        assertThat(categorical.categories()).containsExactly("a", "b", "c");
        assertThat(categorical.cells().toArray()).containsExactly(2, 2, 1, 1, 1);
        assertThat(categorical.other()).isEqualTo(1);
        assertThat(categorical.missing()).isEqualTo(1);
    }

    @Test
    void theOrderOfRowsDoesNotMatter() {
        Random random = new Random(3);
        List<Double> values = new ArrayList<>(random.doubles(777).boxed().toList());
        byte[] one = bytes(values);
        Collections.shuffle(values, random);

        assertThat(bytes(values)).isEqualTo(one);
    }

    private static byte[] bytes(List<Double> values) {
        return new ReferenceSample()
                .numeric("x", values.stream().mapToDouble(Double::doubleValue).toArray())
                .categorical(
                        "y",
                        new ArrayList<>(
                                values.stream().map(x -> "" + (int) (x * 7)).toList()))
                .profile()
                .toBytes();
    }

    @Test
    void aProfileReadsBackAsItself() {
        byte[] bytes = Monitored.PROFILE.toBytes();

        assertThat(ReferenceProfile.parse(bytes)).isEqualTo(Monitored.PROFILE);
        assertThat(ReferenceProfile.parse(bytes).toBytes()).isEqualTo(bytes);
        ReferenceProfile regression = new ReferenceSample()
                .numeric("x", new double[] {1, 2, 3})
                .errors(new RegressionErrors.Builder().add(1, 2).add(3, 3.5).build())
                .profile();
        assertThat(ReferenceProfile.parse(regression.toBytes())).isEqualTo(regression);
    }

    /** One change each to a profile that is right. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"format\":\"dev.modelops.reference-profile/1\" | \"format\":\"dev.modelops.reference-profile/2\"",
                "\"cells\":[1,2,3,0,0] | \"cells\":[1,2,3,0]",
                "\"cells\":[1,2,3,0,0] | \"cells\":[1,2,-3,0,0]",
                "\"cells\":[1,2,3,0,0] | \"cells\":[1,2,3,0,0.5]",
                "\"edges\":[2,3] | \"edges\":[3,2]",
                "\"edges\":[2,3] | \"edges\":[3,3]",
                "\"edges\":[2,3] | \"edges\":[2,\"3\"]",
                "\"means\":[1,2,3] | \"means\":[1,3,2]",
                "\"means\":[1,2,3] | \"means\":[1,2]",
                "\"least\":1 | \"least\":4",
                "\"least\":1 | \"least\":1,\"less\":1",
                "\"least\":1 | \"least\":1.0",
                "\"least\":1 | \"least\":1,\"least\":1",
                "\"least\":1, | ''",
                "\"deviation\" | \"deviance\"",
                "\"name\":\"n\" | \"name\":\"\"",
                "\"name\":\"n\" | \"name\":\"c\"",
                "\"name\":\"n\" | \"name\":7",
                "\"categories\":[\"a\",\"b\"] | \"categories\":[\"a\",\"a\"]",
                "\"categories\":[\"a\",\"b\"] | \"categories\":[\"a\"]",
                "\"categories\":[\"a\",\"b\"] | \"categories\":{}",
                "{\"format\" | {\"a\":1,\"format\"",
                "\"center\": | \"center\" :"
            })
    void aProfileThatIsNotRightIsRefused(String found, String instead) {
        String right = new String(
                new ReferenceSample()
                        .numeric("n", new double[] {3, 1, 2, 2, 3, 3})
                        .categorical("c", Arrays.asList("a", "b"))
                        .profile()
                        .toBytes(),
                StandardCharsets.UTF_8);
        assertThat(right).contains(found);

        assertThatThrownBy(() ->
                        ReferenceProfile.parse(right.replace(found, instead).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).{10,}");
    }

    @Test
    void whatHasNoBinsIsRefused() {
        assertThatThrownBy(() -> numeric(new double[] {Double.NaN}, 10)).hasMessageContaining("finite");
        assertThatThrownBy(() -> numeric(new double[] {1}, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ReferenceSample().categorical("c", Collections.singletonList(null)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ReferenceSample().profile()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ReferenceProfile.parse(new byte[ReferenceProfile.MOST_BYTES + 1]))
                .hasMessageContaining("bytes");
        assertThatThrownBy(() -> new Numeric(
                        "x",
                        ImmutableDoubleArray.of(1),
                        ImmutableLongArray.of(1, 1, 0, 0),
                        ImmutableDoubleArray.of(0, 2),
                        1e120,
                        1,
                        0,
                        2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Numeric numeric(double[] values, int bins) {
        return (Numeric) new ReferenceSample()
                .numeric("x", values, bins)
                .profile()
                .signals()
                .get(0);
    }
}
