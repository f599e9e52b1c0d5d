package dev.modelops.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryReadingTest {
    @Test
    void timesAreReadAsTheLibraryReadsThem() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            long second = random.nextLong() % 400_000_000_000L;
            Instant time = Instant.ofEpochSecond(second, i % 3 == 0 ? 0 : random.nextInt(1_000_000_000) / (i % 7 + 1));
            assertThat(Times.parse(time.toString())).isEqualTo(time);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-02-29T00:00:00Z",
                "2024-02-29T23:59:60Z",
                "2026-01-01T24:00:00Z",
                "2026-01-01T24:00:01Z",
                "2026-01-01T23:60:00Z",
                "2026-13-01T00:00:00Z",
                "2026-01-01T00:00:00",
                "2026-01-01T00:00:00.Z",
                "2026-01-01T00:00:00.1234567890Z",
                "2026-01-01T00:00:00.12x4Z",
                "2026-01-01T00:00:00.5Z",
                "2026-01-01T00:00Z",
                "2026-01-01t00:00:00z",
                "2026-01-01T00:00:00+01:00",
                "-2026-01-01T00:00:00Z",
                "+12026-01-01T00:00:00Z",
                "0000-01-01T00:00:00Z",
                "\u0662026-01-01T00:00:00Z",
                "Z",
                ""
            })
    void oddTimesAreReadOrRefusedAsTheLibraryDoes(String text) {
        Instant expected;
        try {
            expected = Instant.parse(text);
        } catch (DateTimeException e) {
            assertThatThrownBy(() -> Times.parse(text)).isInstanceOf(DateTimeException.class);
            return;
        }
        assertThat(Times.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1,\"a\":1}",
                "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
                "{\"x\":[{\"a\":{},\"a\":{}}]}",
                "{\"a\":null,\"a\":null}",
                "{\"a\":1,\"\\u0061\":2}",
                "{\"a\":[],\"b\":{},\"a\":[1]}",
                "{\"a\":1} {}",
                "{\"a\":1}x",
                "[]",
                ""
            })
    void duplicatesAndWhatFollowsAreRefusedAtEveryDepth(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Json.parseObject(bytes)).isInstanceOf(IllegalArgumentException.class);
    }
}
