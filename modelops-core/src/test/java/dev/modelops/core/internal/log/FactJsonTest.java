package dev.modelops.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FactJsonTest {
    /** The forms in the entries of logs that exist, which must not change. */
    static Stream<Arguments> forms() {
        return Stream.of(
                Arguments.of(true, "true"),
                Arguments.of(-7L, "-7"),
                Arguments.of("a \"text\"", "\"a \\\"text\\\"\""),
                Arguments.of(List.of(), "[]"),
                Arguments.of(List.of(1L, 2L), "[1,2]"),
                Arguments.of(new BigDecimal("0.80"), "{\"decimal\":\"0.80\"}"),
                Arguments.of(Instant.parse("2026-03-31T12:00:00.5Z"), "{\"datetime\":\"2026-03-31T12:00:00.500Z\"}"),
                Arguments.of(Duration.ofHours(72), "{\"duration\":\"PT72H\"}"),
                Arguments.of(
                        Principal.of("https://id.example.org", "ada"), "{\"user\":\"https://id.example.org|ada\"}"),
                Arguments.of(Role.of("unit.risk"), "{\"role\":\"unit.risk\"}"),
                Arguments.of(Environment.PRODUCTION, "{\"environment\":\"production\"}"),
                Arguments.of(ModelName.of("credit-risk"), "{\"model\":\"credit-risk\"}"),
                Arguments.of(ModelRef.parse("credit-risk@3"), "{\"version\":\"credit-risk@3\"}"),
                Arguments.of(List.of(Role.of("a"), Role.of("b")), "[{\"role\":\"a\"},{\"role\":\"b\"}]"));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void eachValueHasOneForm(Object fact, String form) {
        assertThat(new String(Json.write(FactJson.write(fact)), StandardCharsets.UTF_8))
                .isEqualTo(form);
        assertThat(FactJson.read(json(form))).isEqualTo(fact);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "0.8",
                "1e2",
                "9223372036854775808",
                "{}",
                "[[1]]",
                "[null]",
                "{\"decimal\":0.8}",
                "{\"decimal\":\"\"}",
                "{\"decimal\":\"a\"}",
                "{\"decimal\":\"1\",\"role\":\"a\"}",
                "{\"datetime\":\"noon\"}",
                "{\"duration\":\"3 days\"}",
                "{\"duration\":\"PT9223372036854775807H\"}",
                "{\"user\":\"ada\"}",
                "{\"role\":\"\"}",
                "{\"version\":\"m\"}",
                "{\"principal\":\"idp|ada\"}",
                "{\"instant\":\"2026-03-31T12:00:00Z\"}",
                "{\"number\":\"1\"}"
            })
    void whatIsNoFactIsRefusedInASentence(String form) {
        JsonNode json = json(form);

        assertThatThrownBy(() -> FactJson.read(json))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .extracting(Throwable::getMessage)
                .asString()
                .hasSizeGreaterThan(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"decimal", "datetime", "user"})
    void longTextsOfTypesAreRefused(String word) {
        JsonNode json = json("{\"" + word + "\":\"" + "1".repeat(1001) + "\"}");

        assertThatThrownBy(() -> FactJson.read(json)).hasMessageContaining("at most 1000 characters");
    }

    private static JsonNode json(String text) {
        return Json.parseObject(("{\"f\":" + text + "}").getBytes(StandardCharsets.UTF_8))
                .path("f");
    }
}
