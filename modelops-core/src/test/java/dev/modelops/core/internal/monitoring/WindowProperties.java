package dev.modelops.core.internal.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.Monitored.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows add up exactly, whoever counted what, and whatever the order. */
class WindowProperties {
    private static final Layout LAYOUT =
            new Layout(Monitored.spec(1, 1, Check.of(Statistic.PSI, "income", .1)), Monitored.PROFILE);

    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void windowsAddUpInAnyOrder(int seed) {
        Random random = new Random(seed);
        List<Window> parts = new ArrayList<>();
        for (int process = 0; process < 4; process++) {
            parts.addAll(parts(random, random.nextInt(30)));
        }
        Window inOrder = parts.stream().reduce(Window::plus).orElseThrow();
        Collections.shuffle(parts, random);
        int cut = 1 + random.nextInt(parts.size() - 1);
        Window left = parts.subList(0, cut).stream().reduce(Window::plus).orElseThrow();
        Window right =
                parts.subList(cut, parts.size()).stream().reduce(Window::plus).orElseThrow();

        assertThat(left.plus(right)).isEqualTo(inOrder);
        assertThat(right.plus(left).toBytes()).isEqualTo(inOrder.toBytes());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aWindowReadsBackAsItself(int seed) {
        for (Window window : parts(new Random(seed), 20)) {
            assertThat(Window.parse(window.toBytes())).isEqualTo(window);
        }
    }

    private static List<Window> parts(Random random, int labelled) {
        Recorder recorder = new Recorder(LAYOUT, 2, 11);
        LabelRecorder labels = new LabelRecorder(LAYOUT, 10);
        for (int i = 0; i < 40; i++) {
            Row row = Monitored.row(random, 1e6 * random.nextGaussian());
            if (random.nextInt(10) == 0) {
                row.numbers()[random.nextInt(3)] = Double.NaN;
            }
            recorder.record(row.numbers(), row.texts());
            if (i < labelled) {
                labels.add(11, random.nextDouble(), random.nextInt(2), LAYOUT.slices(row.texts()));
            }
        }
        List<Window> parts = new ArrayList<>(labels.drain());
        Window counted = recorder.roll(12);
        if (counted != null) {
            parts.add(counted);
        }
        return parts;
    }

    @Test
    void windowsOfOtherTimesOrMonitorsDoNotAddUp() {
        Window one = Monitored.window(LAYOUT, 1, 10, new Random(1), 0);
        Window other = Monitored.window(LAYOUT, 2, 10, new Random(1), 0);
        Layout anotherMonitor =
                new Layout(Monitored.spec(1, 1, Check.of(Statistic.PSI, "income", .2)), Monitored.PROFILE);

        assertThatThrownBy(() -> one.plus(other)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> one.plus(Monitored.window(anotherMonitor, 1, 10, new Random(1), 0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aWindowTakesUpNoMoreForMoreRows() {
        int few = Monitored.window(LAYOUT, 1, 1000, new Random(1), 0).toBytes().length;
        int many = Monitored.window(LAYOUT, 1, 30_000, new Random(1), 0).toBytes().length;

        assertThat(few).isLessThan(40_000);
        assertThat(many).isLessThan(60_000);
    }

    /** One change each to a window that is right. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"index\":1 | \"index\":1.5",
                "\"index\":1 | \"index\":\"1\"",
                "\"predictions\":10 | \"predictions\":-10",
                "\"predictions\":10 | \"prediction\":10",
                "\"signal\":\"sex\" | \"signal\":7",
                "\"brier\":{\"count\":10 | \"brier\":{\"count\":11",
                "\"falsePositives\": | \"falsePositives\":999999",
                "\"group\":{\"count\": | \"group\":{\"count\":-",
                "\"format\":\"dev.modelops.window/1\" | \"format\":\"dev.modelops.window/2\""
            })
    void aWindowThatIsNotRightIsRefused(String found, String instead) {
        String right =
                new String(Monitored.window(LAYOUT, 1, 10, new Random(1), 0).toBytes(), StandardCharsets.UTF_8);
        assertThat(right).contains(found);

        assertThatThrownBy(() -> Window.parse(right.replace(found, instead).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSumHasOneFormOnly() {
        Window window = Monitored.window(LAYOUT, 1, 10, new Random(1), 0);
        String right = new String(window.toBytes(), StandardCharsets.UTF_8);
        String part = right.replaceFirst("(?s).*?\"sum\":\\[([^,\\]]+).*", "$1");
        double first = Double.parseDouble(part);
        String split = right.replaceFirst(
                Pattern.quote("\"sum\":[" + part),
                "\"sum\":[" + CanonicalJson.number(first / 2) + "," + CanonicalJson.number(first / 2));

        assertThatThrownBy(() -> Window.parse(split.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sum");
    }
}
