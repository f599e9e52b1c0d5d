package dev.modelops.audit;

import dev.modelops.ModelName;
import dev.modelops.Principal;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conditions on entries, all of which must hold. Immutable; every method returns a changed copy. */
public final class AuditQuery {
    private final @Nullable ModelName model;
    private final @Nullable Principal actor;
    private final @Nullable String type;
    private final @Nullable Instant from;
    private final @Nullable Instant until;
    private final int limit;
    private final @Nullable String cursor;

    private AuditQuery(
            @Nullable ModelName model,
            @Nullable Principal actor,
            @Nullable String type,
            @Nullable Instant from,
            @Nullable Instant until,
            int limit,
            @Nullable String cursor) {
        this.model = model;
        this.actor = actor;
        this.type = type;
        this.from = from;
        this.until = until;
        this.limit = limit;
        this.cursor = cursor;
    }

    /**
     * Returns the query that every entry meets, 100 to a page, oldest first.
     *
     * @return the query
     */
    public static AuditQuery all() {
        return new AuditQuery(null, null, null, null, null, 100, null);
    }

    /**
     * Demands a model.
     *
     * @param name the model or any version of it is the subject
     * @return the changed copy
     */
    public AuditQuery model(ModelName name) {
        return new AuditQuery(name, actor, type, from, until, limit, cursor);
    }

    /**
     * Demands an actor.
     *
     * @param principal who did it
     * @return the changed copy
     */
    public AuditQuery actor(Principal principal) {
        return new AuditQuery(model, principal, type, from, until, limit, cursor);
    }

    /**
     * Demands a type.
     *
     * @param value the type of the entry
     * @return the changed copy
     */
    public AuditQuery type(String value) {
        return new AuditQuery(model, actor, value, from, until, limit, cursor);
    }

    /**
     * Demands a time.
     *
     * @param first the first instant, or null
     * @param end the instant after the last, or null
     * @return the changed copy
     */
    public AuditQuery between(@Nullable Instant first, @Nullable Instant end) {
        return new AuditQuery(model, actor, type, first, end, limit, cursor);
    }

    /**
     * Sets the size of a page.
     *
     * @param size 1 to 10,000
     * @return the changed copy
     */
    public AuditQuery limit(int size) {
        if (size < 1 || size > 10_000) {
            throw new IllegalArgumentException("page size must be 1 to 10,000, but was " + size);
        }
        return new AuditQuery(model, actor, type, from, until, size, cursor);
    }

    /**
     * Continues a listing.
     *
     * @param next the cursor of the page before
     * @return the changed copy
     */
    public AuditQuery after(String next) {
        return new AuditQuery(model, actor, type, from, until, limit, next);
    }

    /**
     * Returns the model.
     *
     * @return the model, if demanded
     */
    public Optional<ModelName> model() {
        return Optional.ofNullable(model);
    }

    /**
     * Returns the actor.
     *
     * @return the principal, if demanded
     */
    public Optional<Principal> actor() {
        return Optional.ofNullable(actor);
    }

    /**
     * Returns the type.
     *
     * @return the type, if demanded
     */
    public Optional<String> type() {
        return Optional.ofNullable(type);
    }

    /**
     * Returns the first instant.
     *
     * @return the time, if demanded
     */
    public Optional<Instant> from() {
        return Optional.ofNullable(from);
    }

    /**
     * Returns the instant after the last.
     *
     * @return the time, if demanded
     */
    public Optional<Instant> until() {
        return Optional.ofNullable(until);
    }

    /**
     * Returns the size of a page.
     *
     * @return the most results to return at once
     */
    public int limit() {
        return limit;
    }

    /**
     * Returns where to continue.
     *
     * @return the cursor, if one was set
     */
    public Optional<String> cursor() {
        return Optional.ofNullable(cursor);
    }
}
