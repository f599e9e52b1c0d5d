package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.CommandId;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.TestStorage.Kind;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two processes on one store. */
class TwoProcessesTest {
    private static final int ACTS = 24;

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRES"})
    void twoProcessesShareOneOrderAndEndInOneState(Kind kind) throws Exception {
        Path files = Models.small(dir.resolve("model"));
        Place place = Place.of(kind, dir.resolve("store"));
        LogKey key = Site.create(place);
        Map<String, Long> acknowledged = new HashMap<>();
        try (WorkerProcess one = WorkerProcess.start(place, files, key, ACTS);
                WorkerProcess two = WorkerProcess.start(place, files, key, ACTS)) {
            one.begin("one");
            two.begin("two");
            one.awaitDone();
            two.awaitDone();
            one.say("tell");
            two.say("tell");
            one.finish();
            two.finish();
            acknowledged.putAll(one.end());
            acknowledged.putAll(two.end());
            assertThat(one.told())
                    .containsOnlyKeys("POSITION", "STATE", "ROOT", "TOLD")
                    .isEqualTo(two.told());
        }
        try (StoreInspection inspection = StoreInspection.open(place.existing(), key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
            assertThat(acknowledged.values()).doesNotHaveDuplicates();
            acknowledged.forEach((id, position) -> {
                AuditEntry entry = inspection.audit().get(position - 1);
                assertThat(Entry.decode(position - 1, entry.body().toByteArray())
                                .command())
                        .isEqualTo(CommandId.of(id));
            });
            long acts = inspection.registry().position().size() - 1;
            assertThat((long) acknowledged.size()).as("acts in the log").isEqualTo(acts);
            assertThat(List.of("one", "two"))
                    .allSatisfy(process -> assertThat(acknowledged.keySet()).anyMatch(id -> id.startsWith(process)));
        }
    }
}
