package dev.modelops.testkit.assertions;

import dev.modelops.Page;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about an {@link AuditLog}. They read the log, so its session must be allowed to. */
public final class AuditLogAssert extends AbstractAssert<AuditLogAssert, AuditLog> {
    AuditLogAssert(@Nullable AuditLog actual) {
        super(actual, AuditLogAssert.class);
    }

    /**
     * Verifies the whole log and asserts that nothing is wrong.
     *
     * @return this
     */
    public AuditLogAssert isSound() {
        isNotNull();
        ModelOpsAssertions.assertThat(actual.verify(Progress.NONE)).isSound();
        return this;
    }

    /**
     * Asserts that the log has entries of a type.
     *
     * @param type the type, such as {@code dev.modelops.champion.promoted.v1}
     * @param count how many
     * @return this
     */
    public AuditLogAssert hasEntries(String type, int count) {
        isNotNull();
        List<AuditEntry> found = entries(type);
        if (found.size() != count) {
            StringBuilder text = new StringBuilder("expected the log to have ")
                    .append(count)
                    .append(" entries of type ")
                    .append(type)
                    .append(", but it has ")
                    .append(found.size());
            for (AuditEntry entry : found) {
                text.append("\n  ")
                        .append(entry.position().index())
                        .append(' ')
                        .append(entry.body().toUtf8());
            }
            throw failure("%s", text);
        }
        return this;
    }

    private List<AuditEntry> entries(String type) {
        AuditQuery query = AuditQuery.all().type(type);
        List<AuditEntry> entries = new ArrayList<>();
        for (Optional<AuditQuery> next = Optional.of(query); next.isPresent(); ) {
            Page<AuditEntry> page = actual.query(next.get());
            entries.addAll(page.items());
            next = page.next().map(query::after);
        }
        return entries;
    }
}
