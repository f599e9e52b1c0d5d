package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.PostgresServer;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.TestStorage.Kind;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.storage.Storage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Four processes that all want to create a log where there is nothing yet, not even tables. */
class CreationRaceTest {
    private static final int PROCESSES = 4;
    private static final int ROUNDS = 2 * Integer.getInteger("modelops.fault.rounds", 2);

    @TempDir
    Path dir;

    private final List<Process> processes = new ArrayList<>();
    private final List<BufferedReader> answers = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRES"})
    void oneCreatesTheLogAndTheOthersAreToldThatItIsThere(Kind kind, TestReporter reporter) throws Exception {
        WorkerProcess.Launcher launcher = WorkerProcess.Launcher.on(kind);
        for (int i = 0; i < PROCESSES; i++) {
            processes.add(launcher.run(Creator.class));
            answers.add(processes.get(i).inputReader(StandardCharsets.UTF_8));
        }
        for (BufferedReader each : answers) {
            assertThat(each.readLine()).startsWith("READY");
        }
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            boolean sameKeys = round % 2 == 1;
            if (kind == Kind.SQLITE) {
                refused += race(new Place(dir.resolve("store-" + round).toString()), sameKeys);
            } else {
                try (PostgresServer.Database database = PostgresServer.database()) {
                    Place place = new Place(
                            database.url() + (database.url().contains("?") ? "&" : "?") + "user=" + database.user()
                                    + "&password=" + database.password() + " " + dir.resolve("blobs-" + round));
                    refused += race(place, sameKeys);
                }
            }
        }
        Figures.tell(reporter, "4 processes create one log", kind, ROUNDS, ROUNDS * PROCESSES - refused, 0, refused);
    }

    /** Returns how many were refused. */
    private int race(Place place, boolean sameKeys) throws IOException {
        for (int i = 0; i < PROCESSES; i++) {
            processes
                    .get(i)
                    .getOutputStream()
                    .write(((sameKeys ? 0 : i) + "\t" + place + "\n").getBytes(StandardCharsets.UTF_8));
        }
        for (Process process : processes) {
            process.getOutputStream().flush();
        }
        Set<String> keys = new HashSet<>();
        int created = 0;
        for (BufferedReader each : answers) {
            String answer = each.readLine();
            if (answer.startsWith("CREATED ")) {
                created++;
                keys.add(answer.substring("CREATED ".length()));
            } else {
                assertThat(answer).startsWith("THERE ").contains("open it with ModelOps.open");
            }
        }
        assertThat(keys).as("keys of the one log").hasSize(1);
        if (!sameKeys) {
            // Who holds the same keys may find the log half made and finish it, which is creating it too.
            assertThat(created).isEqualTo(1);
        }
        try (Storage storage = place.existing()) {
            assertThat(storage.log().head().size()).isEqualTo(1);
            assertThat(storage.log().seals(0, 10)).hasSize(1);
            assertThat(storage.log().checkpoints(0, 10)).hasSize(1);
        }
        try (StoreInspection inspection = StoreInspection.open(
                place.existing(), new LogKey(keys.iterator().next()))) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
        }
        return PROCESSES - created;
    }
}
