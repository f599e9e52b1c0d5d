package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What must hold of a store whatever happened to it and to those who used it. */
final class Aftermath {
    /** What a message of a failure says to do. */
    static final String REMEDY = "(?s).*(try again|open it again|open the store again|outcome\\(|read it again).*";

    private Aftermath() {}

    /**
     * Whoever was answered was answered truly, whoever was refused was told what to do, the log verifies, and no blob is
     * there in part.
     */
    static void requireSound(Place place, LogKey key, History history) {
        requireSound(place, key, history, finding -> false);
    }

    /** The same, but verification may find what is said to be no loss of the log's. */
    static void requireSound(Place place, LogKey key, History history, Predicate<AuditReport.Finding> mayBe) {
        assertThat(history.broken()).isEmpty();
        assertThat(history.failures()).allSatisfy(line -> assertThat(line).matches(REMEDY));
        try (StoreInspection inspection = StoreInspection.open(place.existing(), key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).allMatch(mayBe);
        }
        history.requireLinearizable(entries(place));
        requireWholeBlobs(place.blobs());
    }

    static List<Entry> entries(Place place) {
        List<Entry> log = new ArrayList<>();
        try (Storage storage = place.existing()) {
            long size = storage.log().head().size();
            while (log.size() < size) {
                for (LogRecord stored : storage.log().read(log.size(), 10_000)) {
                    log.add(Entry.decode(stored.index(), stored.body().toByteArray()));
                }
            }
        }
        return log;
    }

    /** Every file that counts as a blob has the content its name says. */
    static void requireWholeBlobs(Path blobs) {
        Path contents = blobs.resolve("sha256");
        if (Files.notExists(contents)) {
            return;
        }
        try (Stream<Path> files = Files.walk(contents)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String hex = String.valueOf(file.getParent().getFileName()) + file.getFileName();
                assertThat(Digest.sha256Of(Bytes.of(Files.readAllBytes(file))).toHex())
                        .isEqualTo(hex);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
