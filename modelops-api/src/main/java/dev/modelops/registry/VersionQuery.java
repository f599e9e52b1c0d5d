package dev.modelops.registry;

import dev.modelops.Alias;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.Principal;
import dev.modelops.VersionNumber;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Conditions on versions, all of which must hold. Immutable; every method returns a changed copy. Results come in the
 * order of registration.
 */
public final class VersionQuery {
    private final List<Condition> conditions;
    private final int limit;
    private final @Nullable String cursor;

    private VersionQuery(List<Condition> conditions, int limit, @Nullable String cursor) {
        this.conditions = conditions;
        this.limit = limit;
        this.cursor = cursor;
    }

    /**
     * Returns the query that every version meets, 100 to a page.
     *
     * @return the query
     */
    public static VersionQuery all() {
        return new VersionQuery(List.of(), 100, null);
    }

    /** What a condition looks at. */
    public enum Field {
        /** The model's name. */
        MODEL,
        /** The kind of model. */
        KIND,
        /** A part of the description, without regard to case. */
        DESCRIPTION,
        /** A measured value, by name, within bounds. */
        METRIC,
        /** A parameter, by name. */
        PARAMETER,
        /** A tag, by key. */
        TAG,
        /** The parent version's number. */
        PARENT,
        /** The digest of a data set. */
        DATA_SET,
        /** The code commit. */
        CODE_COMMIT,
        /** The content. */
        ARTIFACT,
        /** The state in the life cycle. */
        STATUS,
        /** Who registered it. */
        AUTHOR,
        /** The time of registration, from (included) and until (excluded). */
        REGISTERED,
        /** An alias that names it. */
        ALIAS,
        /** An environment whose champion it is. */
        CHAMPION
    }

    /**
     * One condition.
     *
     * @param field what it looks at
     * @param key the name of the metric, parameter or tag; empty for other fields
     * @param equal the text the field must have; empty for bounds, and for a key that need only be present
     * @param from the least value or time, included
     * @param to the greatest metric, included, or the end of the time, excluded
     */
    public record Condition(
            Field field, Optional<String> key, Optional<String> equal, Optional<String> from, Optional<String> to) {}

    /**
     * Demands a model.
     *
     * @param name the model's name
     * @return the changed copy
     */
    public VersionQuery model(ModelName name) {
        return equal(Field.MODEL, name.value());
    }

    /**
     * Demands a kind.
     *
     * @param kind the kind
     * @return the changed copy
     */
    public VersionQuery kind(String kind) {
        return equal(Field.KIND, kind);
    }

    /**
     * Demands a part of the description, without regard to case.
     *
     * @param part the part
     * @return the changed copy
     */
    public VersionQuery description(String part) {
        return equal(Field.DESCRIPTION, part);
    }

    /**
     * Demands a measured value within bounds.
     *
     * @param name the metric's name
     * @param least the least value, or null
     * @param most the greatest value, or null
     * @return the changed copy
     */
    public VersionQuery metric(String name, @Nullable BigDecimal least, @Nullable BigDecimal most) {
        return with(new Condition(
                Field.METRIC,
                Optional.of(name),
                Optional.empty(),
                Optional.ofNullable(least).map(BigDecimal::toPlainString),
                Optional.ofNullable(most).map(BigDecimal::toPlainString)));
    }

    /**
     * Demands a parameter.
     *
     * @param name the parameter's name
     * @param value its value
     * @return the changed copy
     */
    public VersionQuery parameter(String name, String value) {
        return keyed(Field.PARAMETER, name, value);
    }

    /**
     * Demands a tag.
     *
     * @param key the tag's key
     * @param value its value
     * @return the changed copy
     */
    public VersionQuery tag(String key, String value) {
        return keyed(Field.TAG, key, value);
    }

    /**
     * Demands a parent.
     *
     * @param number the parent's number within the same model
     * @return the changed copy
     */
    public VersionQuery parent(VersionNumber number) {
        return equal(Field.PARENT, number.toString());
    }

    /**
     * Demands a data set.
     *
     * @param digest the digest of its content
     * @return the changed copy
     */
    public VersionQuery dataSet(Digest digest) {
        return equal(Field.DATA_SET, digest.toString());
    }

    /**
     * Demands a code commit.
     *
     * @param commit the commit
     * @return the changed copy
     */
    public VersionQuery codeCommit(String commit) {
        return equal(Field.CODE_COMMIT, commit);
    }

    /**
     * Demands a content.
     *
     * @param artifact the identity of the content
     * @return the changed copy
     */
    public VersionQuery artifact(Digest artifact) {
        return equal(Field.ARTIFACT, artifact.toString());
    }

    /**
     * Demands a state.
     *
     * @param status the state in the life cycle
     * @return the changed copy
     */
    public VersionQuery status(String status) {
        return equal(Field.STATUS, status);
    }

    /**
     * Demands an author.
     *
     * @param author who registered the version
     * @return the changed copy
     */
    public VersionQuery author(Principal author) {
        return equal(Field.AUTHOR, author.toString());
    }

    /**
     * Demands a time of registration.
     *
     * @param from the first instant, or null
     * @param until the instant after the last, or null
     * @return the changed copy
     */
    public VersionQuery registered(@Nullable Instant from, @Nullable Instant until) {
        return with(new Condition(
                Field.REGISTERED,
                Optional.empty(),
                Optional.empty(),
                Optional.ofNullable(from).map(Instant::toString),
                Optional.ofNullable(until).map(Instant::toString)));
    }

    /**
     * Demands an alias.
     *
     * @param alias an alias that names the version
     * @return the changed copy
     */
    public VersionQuery alias(Alias alias) {
        return equal(Field.ALIAS, alias.value());
    }

    /**
     * Demands that the version is champion.
     *
     * @param environment where
     * @return the changed copy
     */
    public VersionQuery champion(Environment environment) {
        return equal(Field.CHAMPION, environment.value());
    }

    /**
     * Sets the size of a page.
     *
     * @param size 1 to 10,000
     * @return the changed copy
     */
    public VersionQuery limit(int size) {
        if (size < 1 || size > 10_000) {
            throw new IllegalArgumentException("page size must be 1 to 10,000, but was " + size);
        }
        return new VersionQuery(conditions, size, cursor);
    }

    /**
     * Continues a listing.
     *
     * @param next the cursor of the page before
     * @return the changed copy
     */
    public VersionQuery after(String next) {
        return new VersionQuery(conditions, limit, next);
    }

    /**
     * Returns the conditions.
     *
     * @return all of them
     */
    public List<Condition> conditions() {
        return conditions;
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

    private VersionQuery equal(Field field, String value) {
        return with(new Condition(field, Optional.empty(), Optional.of(value), Optional.empty(), Optional.empty()));
    }

    private VersionQuery keyed(Field field, String key, String value) {
        return with(new Condition(field, Optional.of(key), Optional.of(value), Optional.empty(), Optional.empty()));
    }

    private VersionQuery with(Condition condition) {
        List<Condition> list = new ArrayList<>(conditions);
        list.add(condition);
        return new VersionQuery(List.copyOf(list), limit, cursor);
    }
}
