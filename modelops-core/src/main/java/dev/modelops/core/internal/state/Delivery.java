package dev.modelops.core.internal.state;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.ModelName;
import dev.modelops.core.internal.log.Entry;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * How far a sink of notifications got. Immutable.
 *
 * @param upTo the index before which all was delivered, but for models that are behind
 * @param behind of models that are behind, the index before which theirs were delivered
 * @param holder the process that delivers, empty if none does
 * @param dropped how many notifications were given up
 * @param lastDropped the position after the last that was given up, 0 if none was
 */
public record Delivery(long upTo, PMap<ModelName, Long> behind, String holder, long dropped, long lastDropped) {
    /** How many sinks a log can have. */
    public static final int MOST_SINKS = 256;

    /** How many models can be behind, so that an entry holds them. */
    public static final int MOST_BEHIND = 256;

    private static final Pattern SINK = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern HOLDER = Pattern.compile("[0-9a-f]{0,64}");

    /** Creates the value; {@link IllegalArgumentException} if nothing leads to it. */
    public Delivery {
        if (upTo < 1 || dropped < 0 || lastDropped < 0 || lastDropped > upTo || dropped == 0 != (lastDropped == 0)) {
            throw new IllegalArgumentException("a sink cannot be at position " + upTo + " with " + dropped
                    + " notifications dropped, the last at " + lastDropped);
        }
        if (behind.size() > MOST_BEHIND) {
            throw new IllegalArgumentException(
                    "at most " + MOST_BEHIND + " models can be behind, but " + behind.size() + " are");
        }
        for (Map.Entry<ModelName, Long> model : behind.entrySet()) {
            if (model.getValue() < 0 || model.getValue() >= upTo) {
                throw new IllegalArgumentException("model '" + model.getKey() + "' is at position " + model.getValue()
                        + ", which is not behind " + upTo);
            }
        }
        if (!HOLDER.matcher(holder).matches()) {
            throw new IllegalArgumentException("'" + holder + "' does not name a process");
        }
    }

    /** Returns where a new sink begins. */
    public static Delivery from(long position, String holder) {
        return new Delivery(position, HashTreePMap.empty(), holder, 0, 0);
    }

    /** Returns the name of a sink; {@link IllegalArgumentException} if it has another form. */
    public static String requireName(String sink) {
        if (!SINK.matcher(sink).matches()) {
            throw new IllegalArgumentException(
                    "the name of a sink must be 1 to 64 characters a-z, 0-9, dot, hyphen or underscore, beginning with a"
                            + " letter or digit, but was '" + sink + "'");
        }
        return sink;
    }

    /** Tells whether nothing was delivered or given up between two. */
    public boolean isAsFarAs(Delivery other) {
        return upTo == other.upTo && behind.equals(other.behind) && dropped == other.dropped;
    }

    /** Returns the same under another process. */
    public Delivery heldBy(String process) {
        return new Delivery(upTo, behind, process, dropped, lastDropped);
    }

    /** Writes it into the payload of an entry, with the indexes of what was given up since the last. */
    public void write(String sink, List<Long> givenUp, ObjectNode data) {
        data.put("sink", sink);
        data.put("upTo", upTo);
        ObjectNode models = data.putObject("behind");
        new TreeMap<>(behind).forEach((model, at) -> models.put(model.value(), at));
        data.put("holder", holder);
        if (!givenUp.isEmpty()) {
            ArrayNode indexes = data.putArray("dropped");
            givenUp.forEach(indexes::add);
        }
    }

    /** Reads an entry that follows on one of the same sink, or on none. */
    static Delivery read(Entry entry, @Nullable Delivery before) {
        String sink = requireName(entry.get("sink"));
        long upTo = Entry.number(entry.data(), "upTo");
        if (upTo > entry.index() || before != null && upTo < before.upTo) {
            throw new IllegalArgumentException("entry " + entry.index() + " says that sink '" + sink
                    + "' is at position " + upTo + ", which does not follow on " + (before == null ? 0 : before.upTo));
        }
        PMap<ModelName, Long> behind = HashTreePMap.empty();
        for (Map.Entry<String, JsonNode> model : entry.data().path("behind").properties()) {
            behind = behind.plus(
                    ModelName.of(model.getKey()), Entry.number(entry.data().path("behind"), model.getKey()));
        }
        long dropped = before == null ? 0 : before.dropped;
        long lastDropped = before == null ? 0 : before.lastDropped;
        long last = -1;
        for (JsonNode index : entry.data().path("dropped")) {
            if (!index.isIntegralNumber() || index.longValue() <= last || index.longValue() >= upTo) {
                throw new IllegalArgumentException("entry " + entry.index() + " gives up " + index);
            }
            last = index.longValue();
            dropped++;
            lastDropped = Math.max(lastDropped, index.longValue() + 1);
        }
        return new Delivery(upTo, behind, entry.get("holder"), dropped, lastDropped);
    }
}
