package dev.modelops.core.internal.state;

import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What the log says of the texts it commits to, and of how long what stands beside the log is kept.
 *
 * @param erased the position of the erasure of each commitment whose text was erased
 * @param holds the legal holds that stand, by name
 * @param expired the position up to which the segments of a model are no longer needed
 */
public record TextRecords(
        PMap<Digest, LogPosition> erased, PMap<String, Hold> holds, PMap<ModelName, LogPosition> expired) {
    /**
     * A legal hold.
     *
     * @param model the model whose texts are held, null for all texts of the log
     * @param since the position at which it was placed
     */
    public record Hold(String name, @Nullable ModelName model, LogPosition since) {
        boolean covers(@Nullable ModelName about) {
            return model == null || model.equals(about);
        }
    }

    /** Returns the beginning: nothing erased, nothing held. */
    public static TextRecords empty() {
        return new TextRecords(HashTreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty());
    }

    /** Returns the first hold that covers a text about a model, or about none. */
    public Optional<Hold> hold(@Nullable ModelName about) {
        return holds.values().stream()
                .filter(hold -> hold.covers(about))
                .min(Comparator.comparing(Hold::since).thenComparing(Hold::name));
    }

    TextRecords erased(Digest commitment, LogPosition by) {
        if (erased.containsKey(commitment)) {
            throw new IllegalArgumentException("the text of " + commitment + " is erased a second time");
        }
        return new TextRecords(erased.plus(commitment, by), holds, expired);
    }

    TextRecords held(Hold hold) {
        if (holds.containsKey(hold.name())) {
            throw new IllegalArgumentException("the hold '" + hold.name() + "' is placed a second time");
        }
        return new TextRecords(erased, holds.plus(hold.name(), hold), expired);
    }

    TextRecords lifted(String name) {
        if (!holds.containsKey(name)) {
            throw new IllegalArgumentException("the hold '" + name + "' is lifted, but does not stand");
        }
        return new TextRecords(erased, holds.minus(name), expired);
    }

    /** Tells whether the segment that an entry names is no longer needed. */
    public boolean isExpired(ModelName model, long index) {
        LogPosition until = expired.get(model);
        return until != null && index < until.size();
    }

    TextRecords expired(ModelName model, LogPosition until) {
        LogPosition before = expired.get(model);
        if (before != null && before.compareTo(until) >= 0) {
            throw new IllegalArgumentException(
                    "records of " + model + " expire up to position " + until + ", but did so up to " + before);
        }
        return new TextRecords(erased, holds, expired.plus(model, until));
    }
}
