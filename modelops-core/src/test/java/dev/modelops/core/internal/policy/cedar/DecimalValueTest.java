package dev.modelops.core.internal.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalValueTest {
    @ParameterizedTest
    @CsvSource({
        "1.0, 10000",
        "-1.0, -10000",
        "0.0001, 1",
        "-0.0, 0",
        "00012.34, 123400",
        "922337203685477.5807, 9223372036854775807",
        "-922337203685477.5808, -9223372036854775808"
    })
    void decimalsAreTenThousandths(String text, long expected) {
        assertThat(DecimalValue.parse(text)).isEqualTo(new DecimalValue(expected));
        assertThat(DecimalValue.parse(DecimalValue.parse(text).toString())).isEqualTo(new DecimalValue(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.",
                ".5",
                "+1.0",
                "1.00000",
                "1e3",
                "1.0e3",
                " 1.0",
                "1.0 ",
                "--1.0",
                "1,0",
                "٣.١",
                "922337203685477.5808",
                "-922337203685477.5809",
                "99999999999999999999.0"
            })
    void otherTextsAreNoDecimals(String text) {
        assertThatExceptionOfType(EvaluationException.class).isThrownBy(() -> DecimalValue.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "0.79999, 7999, 8000",
        "-0.79999, -8000, -7999",
        "0.8, 8000, 8000",
        "0, 0, 0",
        "1E-1000000000, 0, 1",
        "-1E-1000000000, -1, 0",
        "0E+1000000000, 0, 0",
        "0.00001, 0, 1",
        "123456, 1234560000, 1234560000"
    })
    void numbersAreRoundedAsAsked(BigDecimal number, long down, long up) {
        assertThat(DecimalValue.ofRounded(number, RoundingMode.FLOOR)).isEqualTo(new DecimalValue(down));
        assertThat(DecimalValue.ofRounded(number, RoundingMode.CEILING)).isEqualTo(new DecimalValue(up));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1E+1000000000", "922337203685477.5808", "-922337203685478", "1E15"})
    void numbersThatDoNotFitHaveNoDecimal(BigDecimal number) {
        assertThat(DecimalValue.ofRounded(number, RoundingMode.FLOOR)).isNull();
    }

    @Test
    void theTextIsTheShortest() {
        assertThat(new DecimalValue(8000)).hasToString("0.8");
        assertThat(new DecimalValue(1_000_000)).hasToString("100.0");
        assertThat(new DecimalValue(-1)).hasToString("-0.0001");
    }

    @Test
    void numbersOfFewPlacesKeepTheirExactCount() {
        Random random = new Random(4);
        for (int i = 0; i < 100_000; i++) {
            int scale = random.nextInt(DecimalValue.PLACES + 1);
            long unscaled = (random.nextLong() >>> random.nextInt(64)) % 900_000_000_000_000L;
            BigDecimal number = BigDecimal.valueOf(random.nextBoolean() ? unscaled : -unscaled, scale);
            long count = number.movePointRight(DecimalValue.PLACES).longValueExact();
            for (RoundingMode mode : List.of(RoundingMode.FLOOR, RoundingMode.CEILING, RoundingMode.UNNECESSARY)) {
                assertThat(DecimalValue.ofRounded(number, mode)).isEqualTo(new DecimalValue(count));
            }
        }
    }
}
