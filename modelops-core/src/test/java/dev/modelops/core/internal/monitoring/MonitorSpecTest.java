package dev.modelops.core.internal.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.MonitorSpec.OutputKind;
import dev.modelops.monitoring.Response;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is watched, and its bytes. */
class MonitorSpecTest {
    private static final MonitorSpec SPEC = Monitored.spec(
            2,
            3,
            Check.of(Statistic.PSI, "income", .1),
            Check.of(Statistic.AUC, .02),
            Check.of(Statistic.DISPARATE_IMPACT, "sex", "m", .2));

    @Test
    void aSpecificationReadsBackAsItself() {
        assertThat(MonitorSpec.parse(SPEC.toBytes())).isEqualTo(SPEC);
        assertThatCode(() -> SPEC.requireFits(Monitored.PROFILE)).doesNotThrowAnyException();
    }

    @Test
    void oneThingIsLookedAtOnceWhateverIsDoneThen() {
        Check check = Check.of(Statistic.PSI, "income", .1);
        assertThatThrownBy(() -> Monitored.spec(
                        1, 1, check, Check.of(Statistic.PSI, "income", .2).then(Response.QUARANTINE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("different");
    }

    @Test
    void windowsAreNumberedByTime() {
        assertThat(SPEC.windowOf(Instant.parse("1970-01-01T00:59:59.999Z"))).isZero();
        assertThat(SPEC.windowOf(Instant.parse("1970-01-01T01:00:00Z"))).isEqualTo(1);
        assertThat(SPEC.windowOf(Instant.parse("1969-12-31T23:59:59Z"))).isEqualTo(-1);
        assertThat(SPEC.beginOf(SPEC.windowOf(Instant.parse("2026-11-23T18:36:12Z"))))
                .isEqualTo(Instant.parse("2026-11-23T18:00:00Z"));
    }

    /** One change each to a specification that is right. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"alpha\":0.01 | \"alpha\":0",
                "\"alpha\":0.01 | \"alpha\":0.9",
                "\"needed\":2 | \"needed\":4",
                "\"among\":3 | \"among\":101",
                "\"minimum\":100 | \"minimum\":1",
                "\"clearAfter\":2 | \"clearAfter\":0",
                "\"window\":\"PT1H\" | \"window\":\"PT0S\"",
                "\"window\":\"PT1H\" | \"window\":\"1h\"",
                "\"correction\":\"benjamini-hochberg\" | \"correction\":\"none\"",
                "\"statistic\":\"psi\" | \"statistic\":\"PSI\"",
                "\"statistic\":\"psi\" | \"statistic\":\"auc\"",
                "\"statistic\":\"disparate-impact\" | \"statistic\":\"psi\"",
                "\"floor\":0.1 | \"floor\":-0.1",
                "\"privileged\":\"m\" | \"privileged\":\"\"",
                "\"profile\":\"sha256: | \"profile\":\"sha256:zz",
                "\"kind\":\"probability\" | \"kind\":\"none\"",
                "\"threshold\":0.5 | \"threshold\":1.5",
                "\"name\":\"credit\" | \"name\":\"\"",
                "\"slices\":[\"sex\"] | \"slices\":[\"sex\",\"sex\"]",
                "\"alpha\": | \"alpa\":",
                "\"grace\":\"PT5M\" | \"grace\":\"PT0S\"",
                "\"grace\":\"PT5M\" | \"grace\":\"PT3H\"",
                "\"labels\":\"PT2H\" | \"labels\":\"PT2001H\"",
                "\"coolDown\":\"PT24H\" | \"coolDown\":\"-PT24H\"",
                "\"window\":\"PT1H\" | \"window\":\"PT1000000000000000H\"",
                "\"response\":\"notify\" | \"response\":\"panic\""
            })
    void aSpecificationThatIsNotRightIsRefused(String found, String instead) {
        String right = new String(SPEC.toBytes(), StandardCharsets.UTF_8);
        assertThat(right).contains(found);

        assertThatThrownBy(() -> MonitorSpec.parse(right.replace(found, instead).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatTheProfileDoesNotHaveCannotBeWatched() {
        requireRefused(Check.of(Statistic.PSI, "wealth", .1), "wealth");
        requireRefused(Check.of(Statistic.WASSERSTEIN, "home", .1), "numeric");
        requireRefused(Check.of(Statistic.MAE, .1), "value as output");
        requireRefused(Check.of(Statistic.STATISTICAL_PARITY, "home", "rent", .1), "slice");
        requireRefused(Check.of(Statistic.STATISTICAL_PARITY, "sex", "z", .1), "category");
        MonitorSpec wrongOutput = Monitored.spec(
                Monitored.PROFILE,
                new Output(OutputKind.PROBABILITY, "home", .5),
                List.of(),
                1,
                1,
                Check.of(Statistic.AUC, .1));
        assertThatThrownBy(() -> wrongOutput.requireFits(Monitored.PROFILE)).hasMessageContaining("numeric");
        MonitorSpec wrongSlice = Monitored.spec(
                Monitored.PROFILE, Output.NONE, List.of("income"), 1, 1, Check.of(Statistic.PSI, "income", .1));
        assertThatThrownBy(() -> wrongSlice.requireFits(Monitored.PROFILE)).hasMessageContaining("categorical");
    }

    private static void requireRefused(Check check, String why) {
        assertThatThrownBy(() -> Monitored.spec(1, 1, check).requireFits(Monitored.PROFILE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }
}
