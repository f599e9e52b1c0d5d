package dev.modelops.core.internal.policy.cedar.differential;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a failing case smaller, step by step, as long as it still fails. */
final class Shrinker {
    private static final int MOST_TRIES = 5000;

    private Shrinker() {}

    /** Removes members and elements, and puts parts in the place of their wholes. */
    static ObjectNode shrink(ObjectNode failing, Predicate<ObjectNode> fails) {
        ObjectNode smallest = failing.deepCopy();
        int tries = 0;
        boolean progress = true;
        while (progress) {
            progress = false;
            for (Edit edit : edits(smallest)) {
                if (++tries > MOST_TRIES) {
                    return smallest;
                }
                ObjectNode candidate = edit.applyTo(smallest);
                if (fails.test(candidate)) {
                    smallest = candidate;
                    progress = true;
                    break;
                }
            }
        }
        return smallest;
    }

    /** Leaves out words of a text. */
    static List<String> shrink(List<String> failing, Predicate<List<String>> fails) {
        List<String> smallest = failing;
        for (int size = Math.max(1, failing.size() / 2); size > 0; size /= 2) {
            int at = 0;
            while (at + size <= smallest.size()) {
                List<String> candidate = new ArrayList<>(smallest.subList(0, at));
                candidate.addAll(smallest.subList(at + size, smallest.size()));
                if (fails.test(candidate)) {
                    smallest = candidate;
                } else {
                    at += size;
                }
            }
        }
        return smallest;
    }

    private static List<Edit> edits(ObjectNode root) {
        List<Edit> edits = new ArrayList<>();
        List<JsonPointer> open = new ArrayList<>(List.of(JsonPointer.empty()));
        for (int i = 0; i < open.size(); i++) {
            JsonPointer at = open.get(i);
            JsonNode holder = root.at(at);
            for (JsonPointer child : children(at, holder)) {
                edits.add(new Edit(at, child, null));
                if (root.at(child).isContainerNode()) {
                    open.add(child);
                    for (JsonPointer part : children(child, root.at(child))) {
                        edits.add(new Edit(at, child, root.at(part)));
                        for (JsonPointer deeper : children(part, root.at(part))) {
                            edits.add(new Edit(at, child, root.at(deeper)));
                        }
                    }
                }
            }
        }
        return edits;
    }

    private static List<JsonPointer> children(JsonPointer at, JsonNode holder) {
        List<JsonPointer> children = new ArrayList<>();
        holder.fieldNames().forEachRemaining(name -> children.add(at.appendProperty(name)));
        for (int i = 0; holder.isArray() && i < holder.size(); i++) {
            children.add(at.appendIndex(i));
        }
        return children;
    }

    private record Edit(
            JsonPointer holder,
            JsonPointer child,
            @org.jspecify.annotations.Nullable JsonNode part) {
        ObjectNode applyTo(ObjectNode root) {
            ObjectNode copy = root.deepCopy();
            JsonNode at = copy.at(holder);
            JsonPointer last = child.last();
            if (at instanceof ArrayNode array) {
                if (part == null) {
                    array.remove(last.getMatchingIndex());
                } else {
                    array.set(last.getMatchingIndex(), part.deepCopy());
                }
            } else if (at instanceof ObjectNode object) {
                if (part == null) {
                    object.remove(last.getMatchingProperty());
                } else {
                    object.set(last.getMatchingProperty(), part.deepCopy());
                }
            }
            return copy;
        }
    }
}
