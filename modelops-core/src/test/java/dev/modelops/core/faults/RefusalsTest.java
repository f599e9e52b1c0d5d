package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Alias;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.MutableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers who try again and again what they may not do. */
@Tag("every-store")
class RefusalsTest {
    private final MutableClock clock = MutableClock.at(Instant.parse("2030-01-01T09:00:00Z"));

    @TempDir
    Path dir;

    private Storage storage;
    private LogKey key;
    private ModelOps ops;
    private ModelRef ref;

    @BeforeEach
    void begin() {
        storage = TestStorage.fresh();
        key = ModelOps.create(storage, Site.genesis());
        clock.set(Instant.parse("2090-01-01T09:00:00Z"));
        open();
        ref = Site.register(ops, dir, "risk", 1).ref();
    }

    @AfterEach
    void end() {
        ops.close();
    }

    private void open() {
        ops = Site.opening(storage, key).clock(clock).start();
    }

    private void loop(int times) {
        for (int i = 0; i < times; i++) {
            assertThatThrownBy(() -> Site.registry(ops, Site.ADA).promote(ref, Site.PRODUCTION))
                    .isInstanceOf(AccessDeniedException.class);
        }
    }

    private List<AuditEntry> entries(EntryType type) {
        return ops.as(Site.AUDITOR)
                .audit()
                .query(AuditQuery.all().type(type.typeName()))
                .items();
    }

    private static long count(AuditEntry entry) {
        return Entry.decode(0, entry.body().toByteArray()).data().path("count").asLong();
    }

    @Test
    void aLoopingCallerIsRecordedOnceAndCountedOnClosing() {
        long before = ops.position().size();
        loop(500);
        assertThat(ops.position().size()).isEqualTo(before + 1);
        assertThat(entries(EntryType.ACCESS_REFUSED)).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo(Site.ADA);
            assertThat(entry.decision().orElseThrow().isAllowed()).isFalse();
        });
        ops.close();
        open();
        assertThat(entries(EntryType.REFUSALS_COUNTED))
                .singleElement()
                .satisfies(entry -> assertThat(count(entry)).isEqualTo(499));
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void theCountIsRecordedWithTheFirstActAfterTheHour() {
        loop(10);
        clock.advance(Duration.ofMinutes(59));
        loop(1);
        assertThat(entries(EntryType.REFUSALS_COUNTED)).isEmpty();
        clock.advance(Duration.ofMinutes(2));
        loop(5);
        assertThat(entries(EntryType.REFUSALS_COUNTED).stream()
                        .mapToLong(RefusalsTest::count)
                        .sum())
                .isIn(10L, 11L);
        ops.close();
        open();
        long full = entries(EntryType.ACCESS_REFUSED).size();
        long counted = entries(EntryType.REFUSALS_COUNTED).stream()
                .mapToLong(RefusalsTest::count)
                .sum();
        assertThat(full + counted).isEqualTo(16);
        assertThat(full).isBetween(1L, 2L);
    }

    @Test
    void theCountIsRecordedAfterTheHourEvenIfNobodyActs() throws Exception {
        loop(4);
        clock.advance(Duration.ofMinutes(61));
        Site.await(
                "the count is recorded",
                () -> !entries(EntryType.REFUSALS_COUNTED).isEmpty());
        assertThat(entries(EntryType.REFUSALS_COUNTED))
                .singleElement()
                .satisfies(entry -> assertThat(count(entry)).isEqualTo(3));
    }

    @Test
    void manyKindsOfRefusalsAreBounded() {
        long before = ops.position().size();
        for (int i = 0; i < 1100; i++) {
            Action action = Action.setAlias(ref, Alias.of("alias-" + i));
            assertThatThrownBy(() -> Site.registry(ops, Site.STRANGER).perform(action))
                    .isInstanceOf(AccessDeniedException.class);
        }
        assertThat(ops.position().size()).isEqualTo(before + 100);
        ops.close();
        open();
        assertThat(ops.position().size()).isEqualTo(before + 101);
        assertThat(entries(EntryType.REFUSALS_COUNTED).stream()
                        .mapToLong(RefusalsTest::count)
                        .sum())
                .isEqualTo(1000);
    }
}
