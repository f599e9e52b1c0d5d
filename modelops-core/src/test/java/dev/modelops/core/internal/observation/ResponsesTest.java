package dev.modelops.core.internal.observation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.state.Operations.Retraining;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of many processes that ask at once for a model to be trained anew, about whatever alerts, one does. */
class ResponsesTest {
    private static final ModelName RISK = ModelName.of("risk");
    private static final Instant TIME = Instant.parse("2026-03-01T10:00:00Z");

    private static Retraining asked(int version, Environment environment, long position) {
        return new Retraining(
                VersionNumber.of(version),
                environment,
                "alert 'psi:income' fires, episode 1",
                TIME,
                TIME,
                LogPosition.of(position),
                TIME,
                null);
    }

    private static CommandId next(Retraining... asked) {
        return Responses.nextRequest(RISK, Environment.PRODUCTION, List.of(asked));
    }

    @Test
    void whoKnowsOfTheSameLastRequestMakesTheSameNextOne() {
        Retraining first = asked(1, Environment.PRODUCTION, 7);
        assertThat(next()).isEqualTo(next(asked(1, Environment.of("staging"), 9)));
        assertThat(next(first)).isEqualTo(next(first, asked(2, Environment.of("staging"), 9)));
    }

    @Test
    void afterEachRequestTheNextIsAnother() {
        Retraining first = asked(1, Environment.PRODUCTION, 7);
        assertThat(next(first))
                .isNotEqualTo(next())
                .isNotEqualTo(next(first, asked(1, Environment.PRODUCTION, 8)))
                .isNotEqualTo(Responses.nextRequest(ModelName.of("other"), Environment.PRODUCTION, List.of(first)));
        assertThat(next().value()).startsWith("response-");
    }
}
