package dev.modelops.core.internal.policy.analysis;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.Entity;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.schema.EntityJson;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes down a request on which two policy sets differ. */
public final class Witness {
    private Witness() {}

    /** Returns the request in words, a line for each part of it. */
    public static String text(Cell request) {
        List<String> lines = new ArrayList<>();
        lines.add("principal " + describe(request, request.principal()));
        lines.add("action    " + describe(request, request.action()));
        lines.add("resource  " + describe(request, request.resource()));
        lines.add("context   " + CedarText.of(request.context()));
        for (EntityUid uid : entities(request)) {
            if (!uid.equals(request.principal()) && !uid.equals(request.action()) && !uid.equals(request.resource())) {
                lines.add("entity    " + describe(request, uid));
            }
        }
        return String.join("\n", lines);
    }

    /** Returns the request as JSON, in the forms of Cedar. */
    public static String json(Cell request) {
        List<Entity> entities = new ArrayList<>();
        for (EntityUid uid : entities(request)) {
            entities.add(new Entity(
                    uid,
                    request.attributes().getOrDefault(uid, RecordValue.EMPTY),
                    request.parents().getOrDefault(uid, Set.of())));
        }
        return "{\"principal\":" + uid(request.principal()) + ",\"action\":" + uid(request.action()) + ",\"resource\":"
                + uid(request.resource()) + ",\"context\":" + EntityJson.writeContext(request.context())
                + ",\"entities\":" + EntityJson.write(EntityStore.of(entities)) + "}";
    }

    private static Set<EntityUid> entities(Cell request) {
        Set<EntityUid> all = new LinkedHashSet<>();
        request.attributes().forEach((uid, attributes) -> {
            if (!attributes.attributes().isEmpty()) {
                all.add(uid);
            }
        });
        all.addAll(request.parents().keySet());
        return all;
    }

    private static String describe(Cell request, EntityUid uid) {
        Set<EntityUid> parents = request.parents().getOrDefault(uid, Set.of());
        RecordValue attributes = request.attributes().getOrDefault(uid, RecordValue.EMPTY);
        return uid
                + (parents.isEmpty()
                        ? ""
                        : " in "
                                + parents.stream()
                                        .map(EntityUid::toString)
                                        .sorted()
                                        .collect(Collectors.joining(", ")))
                + (attributes.attributes().isEmpty() ? "" : " with " + CedarText.of(attributes));
    }

    private static String uid(EntityUid uid) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", uid.type())
                .put("id", uid.id())
                .toString();
    }
}
