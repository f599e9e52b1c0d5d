package dev.modelops.core.internal.observation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.Finding;
import dev.modelops.core.internal.monitoring.Monitor;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.Recorder;
import dev.modelops.core.internal.monitoring.ReferenceProfile;
import dev.modelops.core.internal.monitoring.ReferenceSample;
import dev.modelops.core.internal.monitoring.Statistic;
import dev.modelops.core.internal.monitoring.Window;
import dev.modelops.core.internal.observation.Layouts.Watched;
import dev.modelops.core.internal.prediction.CountedWindow;
import dev.modelops.core.internal.statistics.MultipleTesting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each window is judged as an evaluation at its time did: with those before it, and not before its time has come. */
class HindsightTest {
    private static final Instant TIME = Instant.parse("2026-03-01T10:00:00Z");
    private static final ModelRef REF = ModelRef.parse("risk@1");
    private static final int AMONG = 3;

    private static Watched watched() {
        ReferenceProfile profile = new ReferenceSample()
                .numeric("score", new Random(1).doubles(2000).toArray())
                .profile();
        MonitorSpec spec = new MonitorSpec(
                "m",
                Digest.sha256Of(Bytes.of(profile.toBytes())),
                Duration.ofHours(1),
                Output.NONE,
                List.of(),
                List.of(Check.of(Statistic.PSI, "score", .01), Check.of(Statistic.MEAN, "score", .01)),
                .01,
                MultipleTesting.BENJAMINI_HOCHBERG,
                1,
                AMONG,
                2,
                1,
                Duration.ofMinutes(5),
                Duration.ofHours(24),
                Duration.ofDays(1));
        return new Watched(REF, new Monitor(spec, profile));
    }

    @Test
    void aWindowIsJudgedWithThoseBeforeItOnceItsTimeHasCome() {
        Watched watched = watched();
        Joined joined = new Joined(ref -> watched, layout -> 50, Duration.ofDays(1));
        long first = watched.spec().windowOf(TIME);
        Random random = new Random(2);
        for (int i : new int[] {0, 1, 2, 3, 6, 7}) {
            Recorder recorder = new Recorder(watched.layout(), 1, first + i);
            for (int j = 0; j < 200; j++) {
                var unused = recorder.record(new double[] {Math.min(1, random.nextDouble() + .03 * i)}, new String[0]);
            }
            Window window = requireNonNull(recorder.roll(first + i + 1));
            Entry segment = new Entry(
                    1, "id", "source", EntryType.SEGMENT_RECORDED, "segment", "risk", TIME, true, Json.object());
            joined.window(segment, new CountedWindow(REF, 1, i, TIME, window));
        }
        Joined.Version version = requireNonNull(joined.versions().get(REF));

        // The last window has ended, but its parts are still waited for.
        Instant now = watched.spec().endOf(first + 7).plus(Duration.ofMinutes(4));
        Hindsight.OfVersion seen = Hindsight.ofVersion(version, now);

        assertThat(seen.windows())
                .extracting(Window::index)
                .containsExactly(first, first + 1, first + 2, first + 3, first + 6, first + 7);
        assertThat(seen.isCut()).isFalse();
        assertThat(seen.measured()).hasSize(2);
        for (Hindsight.Measured measured : seen.measured().values()) {
            assertThat(measured.windows()).containsOnlyKeys(first, first + 1, first + 2, first + 3, first + 6);
        }
        for (Map.Entry<Long, List<Long>> then : Map.of(
                        first,
                        List.of(first),
                        first + 3,
                        List.of(first + 1, first + 2, first + 3),
                        first + 6,
                        List.of(first + 6))
                .entrySet()) {
            List<Window> windows = seen.windows().stream()
                    .filter(window -> then.getValue().contains(window.index()))
                    .toList();
            for (Finding finding : watched.monitor().evaluate(windows)) {
                assertThat(requireNonNull(seen.measured().get(finding.key()))
                                .windows()
                                .get(then.getKey()))
                        .isEqualTo(finding.measurements()
                                .get(finding.measurements().size() - 1));
            }
        }
    }
}
