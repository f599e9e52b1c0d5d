package dev.modelops.core.internal.governor;

import dev.modelops.ModelName;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.FactValues;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.policy.FactException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What policies may know of a model whatever the request: worked out once for each state of it. */
final class ModelValues {
    private static final List<String> ROLES = List.of("project", "owner", "delegates");
    private static final List<String> TRUTHS = List.of("confidential", "exportControlled");
    private static final List<String> LISTS = List.of("publishers", "slices");
    private static final String TIER = "tier";
    private static final String DATA_CLASS = "dataClass";
    private static final String OWNER_OF = "owner.";

    private final EntityUid uid;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, String> failures = new HashMap<>();
    private final Map<String, Value> tags = new HashMap<>();
    private final Map<String, String> texts;

    private ModelValues(ModelName name, Map<String, String> texts) {
        this.uid = EntityNames.model(name);
        this.texts = texts;
        texts.forEach((key, text) -> {
            tags.put(key, new StringValue(text));
            typed(key, text);
        });
    }

    /** Returns what is known of a model in a state. */
    static ModelValues of(ModelState state) {
        return state.derived().get(ModelValues.class, () -> new ModelValues(state.name(), state.tags()));
    }

    /** Returns what is known of a model that nothing was said about. */
    static ModelValues of(ModelName name) {
        return new ModelValues(name, Map.of());
    }

    /** Returns an attribute, null if there is none; {@link FactException} if it cannot be told. */
    @Nullable Value value(String name) {
        Value value = values.get(name);
        if (value == null && !failures.isEmpty() && failures.containsKey(name)) {
            throw new FactException(failures.get(name));
        }
        return value;
    }

    /** Adds the names of all attributes, after a prefix. */
    void addNames(String prefix, Set<String> names) {
        values.keySet().forEach(name -> names.add(prefix + name));
        failures.keySet().forEach(name -> names.add(prefix + name));
    }

    /** Returns the model as an entity. */
    EntityUid uid() {
        return uid;
    }

    /** Returns a tag, or null. */
    @Nullable Value tag(String key) {
        return tags.get(key);
    }

    /** Returns the slices for which fairness must be measured. */
    List<String> slices() {
        return list(texts.getOrDefault("slices", ""));
    }

    /** Returns the role of those who own a component; {@link FactException} if none is named. */
    Role ownerOf(String component) {
        String role = texts.get(OWNER_OF + component);
        if (role == null) {
            throw new FactException("nobody owns the component '" + component + "'; set the tag " + OWNER_OF + component
                    + " of model " + uid.id() + " to a role");
        }
        try {
            return Role.of(role);
        } catch (IllegalArgumentException e) {
            throw new FactException(
                    "the tag " + OWNER_OF + component + " of model " + uid.id() + ": " + e.getMessage(), e);
        }
    }

    /** Returns the parts between commas, trimmed, without empty ones. */
    static List<String> list(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                parts.add(part.strip());
            }
        }
        return parts;
    }

    private void typed(String key, String text) {
        try {
            if (ROLES.contains(key)) {
                values.put(key, EntityNames.role(Role.of(text)));
            } else if (TRUTHS.contains(key)) {
                if (!text.equals("true") && !text.equals("false")) {
                    throw new IllegalArgumentException("expected true or false");
                }
                values.put(key, BoolValue.of(text.equals("true")));
            } else if (LISTS.contains(key)) {
                values.put(key, VersionValues.texts(list(text)));
            } else if (key.equals(TIER)) {
                values.put(key, FactValues.of(Long.parseLong(text)));
            } else if (key.equals(DATA_CLASS)) {
                values.put(key, new StringValue(text));
            }
        } catch (IllegalArgumentException e) {
            failures.put(
                    key,
                    "the tag " + key + " of model " + uid.id() + " is '" + text + "', which is not what it should be: "
                            + e.getMessage());
        }
    }
}
