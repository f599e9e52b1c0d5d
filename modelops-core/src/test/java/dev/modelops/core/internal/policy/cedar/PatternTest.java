package dev.modelops.core.internal.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternTest {
    @ParameterizedTest
    @CsvSource({
        "abc, abc, true",
        "abc, abcd, false",
        "*, '', true",
        "'', '', true",
        "'', a, false",
        "a*, a, true",
        "a*, ba, false",
        "*a, a, true",
        "*a, ab, false",
        "a*a, a, false",
        "a*a, aa, true",
        "a*b*c, aXbYc, true",
        "a*b*c, acb, false",
        "a*b*c, abbc, true",
        "*ab*ab*, ab, false",
        "*ab*ab*, abab, true",
        "*ab*b, ab, false",
        "a*bc*c, abc, false",
        "a\\*b, a*b, true",
        "a\\*b, axb, false",
        "a**b, axxb, true",
        "*😀, x😀, true",
        "😀*, 😁, false"
    })
    void starsStandForAnyCharacters(String pattern, String text, boolean matches) {
        assertThat(Pattern.parse(pattern).matches(text)).isEqualTo(matches);
    }

    @Test
    void longTextsWithManyStarsMatchInReasonableTime() {
        assertThat(Pattern.parse("a*".repeat(2_000) + "b").matches("a".repeat(60_000)))
                .isFalse();
    }

    @Test
    void neighbouringWildcardsCountOnce() {
        assertThat(Pattern.parse("a***b")).isEqualTo(Pattern.parse("a*b"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Pattern(List.of("a", "", "b")));
        assertThatIllegalArgumentException().isThrownBy(() -> new Pattern(List.of()));
    }
}
