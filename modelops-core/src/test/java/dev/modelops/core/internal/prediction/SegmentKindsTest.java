package dev.modelops.core.internal.prediction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.Environment;
import dev.modelops.IntegrityException;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.monitoring.Window;
import dev.modelops.core.internal.monitoring.Window.SignalCounts;
import dev.modelops.core.storage.Storages;
import dev.modelops.serving.PredictionLog;
import dev.modelops.storage.Storage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Segments of outcomes and of windows: each line read back, and nothing said of them that is not so. */
class SegmentKindsTest {
    private static final Instant TIME = Instant.parse("2026-03-01T10:00:00.123Z");
    private static final ModelRef REF = ModelRef.parse("risk@3");

    private final Storage storage = Storages.inMemory();

    @AfterEach
    void close() {
        storage.close();
    }

    private static Outcome outcome(int i) {
        return new Outcome(String.format("%016x-%016x", 5, i), i % 2 == 0 ? "1" : "late", TIME.plusSeconds(i));
    }

    private static CountedWindow window(long node, long sequence) {
        Window window = new Window(
                "sha256:ab",
                7,
                2,
                List.of(SignalCounts.of(ImmutableLongArray.of(1, 1, 0))),
                null,
                null,
                null,
                new TreeMap<>());
        return new CountedWindow(REF, node, sequence, TIME.plusSeconds(sequence), window);
    }

    private Entry entry(Segment.Kind kind, List<? extends Gathered> records, Consumer<ObjectNode> change)
            throws IOException {
        OpenSegment open = new OpenSegment(kind, Environment.PRODUCTION, PredictionLog.Rules.all());
        records.forEach(open::add);
        OpenSegment.Sealed sealed = open.seal(2);
        storage.blobs()
                .put(
                        sealed.segment().digest(),
                        new ByteArrayInputStream(sealed.content().toByteArray()));
        ObjectNode said = sealed.said();
        said.put("environment", "production");
        change.accept(said);
        return new Entry(9, "id", "source", EntryType.SEGMENT_RECORDED, "segment", "risk", TIME, true, said);
    }

    @Test
    void whatWentInComesOutAndIsSound() throws IOException {
        List<Outcome> outcomes = List.of(outcome(1), outcome(0), outcome(2));
        Entry ofOutcomes = entry(Segment.Kind.OUTCOMES, outcomes, said -> {});
        Segment.requireSound(ofOutcomes, storage.blobs());
        assertThat(Segment.read(ofOutcomes).lines(storage.blobs()).stream().map(Outcome::read))
                .isEqualTo(outcomes);
        assertThat(ofOutcomes.data().has("node")).isFalse();
        assertThat(ofOutcomes.data().path("lost").asInt()).isEqualTo(2);
        assertThat(Segment.read(ofOutcomes).from()).isEqualTo(TIME);
        assertThat(Segment.read(ofOutcomes).to()).isEqualTo(TIME.plusSeconds(2));

        List<CountedWindow> windows = List.of(window(-5, 3), window(-5, 2));
        Entry ofWindows = entry(Segment.Kind.WINDOWS, windows, said -> {});
        Segment.requireSound(ofWindows, storage.blobs());
        assertThat(Segment.read(ofWindows).lines(storage.blobs()).stream().map(CountedWindow::read))
                .isEqualTo(windows);
        assertThat(ofWindows.data().path("versions").toString()).isEqualTo("[3]");
        assertThat(Segment.read(ofWindows).first()).isEqualTo(2);
    }

    @Test
    void equalWindowsOfTwoProcessesAreTwo() throws IOException {
        assertThat(window(1, 1).window()).isEqualTo(window(2, 1).window());
        assertThat(entry(Segment.Kind.WINDOWS, List.of(window(1, 1)), said -> {})
                        .get("segment"))
                .isNotEqualTo(entry(Segment.Kind.WINDOWS, List.of(window(2, 1)), said -> {})
                        .get("segment"));
    }

    @ParameterizedTest
    @CsvSource({
        "WINDOWS, kind, outcomes",
        "WINDOWS, kind, predictions",
        "WINDOWS, kind, votes",
        "WINDOWS, node, 0000000000000002",
        "WINDOWS, from, 2026-03-01T09:00:00Z",
        "WINDOWS, to, 2026-03-01T11:00:00Z",
        "OUTCOMES, kind, windows",
        "OUTCOMES, kind, predictions",
        "OUTCOMES, from, 2026-03-01T09:00:00Z",
        "OUTCOMES, to, 2026-03-01T11:00:00Z",
        "OUTCOMES, root, sha256:0000000000000000000000000000000000000000000000000000000000000000",
    })
    void whatTheEntrySaysOtherwiseIsNoticed(Segment.Kind kind, String member, String value) throws IOException {
        List<? extends Gathered> records =
                kind == Segment.Kind.WINDOWS ? List.of(window(1, 4), window(1, 6)) : List.of(outcome(1), outcome(2));
        Entry forged = entry(kind, records, said -> said.put(member, value));
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> Segment.requireSound(forged, storage.blobs()))
                .isInstanceOfAny(IntegrityException.class, IllegalArgumentException.class);
    }

    @Test
    void otherCountsVersionsOrModelsOfWindowsAreNoticed() throws IOException {
        List<CountedWindow> records = List.of(window(1, 4), window(1, 6));
        for (Consumer<ObjectNode> change : List.<Consumer<ObjectNode>>of(
                said -> said.put("first", 5),
                said -> said.put("last", 7),
                said -> said.put("count", 3),
                said -> said.putArray("versions").add(4))) {
            Entry forged = entry(Segment.Kind.WINDOWS, records, change);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> Segment.requireSound(forged, storage.blobs()));
        }
        Entry sound = entry(Segment.Kind.WINDOWS, records, said -> {});
        Entry ofOther =
                new Entry(9, "id", "source", EntryType.SEGMENT_RECORDED, "segment", "other", TIME, true, sound.data());
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> Segment.requireSound(ofOther, storage.blobs()))
                .withMessageContaining("another model");
    }

    @Test
    void whatIsNoOutcomeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Outcome("7", "1", TIME))
                .withMessageContaining("'7'");
        String id = outcome(1).id();
        assertThatIllegalArgumentException().isThrownBy(() -> new Outcome(id, "", TIME));
        assertThatIllegalArgumentException().isThrownBy(() -> new Outcome(id, "a\nb", TIME));
        assertThatIllegalArgumentException().isThrownBy(() -> new Outcome(id, "x".repeat(1001), TIME));
    }

    @Test
    void aRecordThatCannotBeWrittenLeavesTheSegmentAsItWas() throws IOException {
        OpenSegment open = new OpenSegment(Segment.Kind.OUTCOMES, Environment.PRODUCTION, PredictionLog.Rules.all());
        open.add(outcome(0));
        Gathered broken = new Gathered() {
            @Override
            public void write(JsonGenerator json, Environment environment, Set<String> redacted) throws IOException {
                json.writeStartObject();
                json.writeStringField("id", "half");
                json.flush();
                throw new IllegalStateException("cannot be written");
            }

            @Override
            public Instant at() {
                return TIME;
            }
        };
        Gathered endless = new Gathered() {
            @Override
            public void write(JsonGenerator json, Environment environment, Set<String> redacted) throws IOException {
                json.writeString("x".repeat(Segment.Kind.OUTCOMES.longest()));
                json.flush();
            }

            @Override
            public Instant at() {
                return TIME;
            }
        };
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> open.add(broken));
        assertThatIllegalArgumentException().isThrownBy(() -> open.add(endless)).withMessageContaining("outcomes");
        open.add(outcome(1));
        OpenSegment.Sealed sealed = open.seal(0);
        storage.blobs()
                .put(
                        sealed.segment().digest(),
                        new ByteArrayInputStream(sealed.content().toByteArray()));
        assertThat(sealed.segment().lines(storage.blobs()).stream().map(Outcome::read))
                .containsExactly(outcome(0), outcome(1));
    }
}
