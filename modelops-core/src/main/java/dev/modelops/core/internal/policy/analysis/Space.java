package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a setting, divided by what conditions ask of them: one variable for the region of each place, one for each
 * entity a place may be in, for each element a set may have, and for each condition that is not looked into. First the
 * conditions say what they ask, then the space is settled and gives variables.
 */
final class Space {
    private static final int MOST_VARIABLES = 1500;

    private final Setting setting;
    private final SortedMap<Spot, Place> places = new TreeMap<>();
    private final Map<String, Boolean> opaque = new LinkedHashMap<>();
    private final List<Variable> variables = new ArrayList<>();
    private final Map<Key, Integer> indexes = new HashMap<>();

    Space(Setting setting) {
        this.setting = setting;
        place(Spot.ACTION);
        place(Spot.PRINCIPAL);
        place(Spot.RESOURCE);
        place(Spot.CONTEXT);
    }

    /** What a variable tells. */
    sealed interface Key {
        /** In which region a place is. */
        record At(Spot spot) implements Key {}

        /** Whether the entity at a place is in another. */
        record In(Spot spot, EntityUid ancestor) implements Key {}

        /** Whether the set at a place has an element. */
        record Element(Spot spot, Value element) implements Key {}

        /** Whether the set at a place has an element that nothing asks for. */
        record OtherElement(Spot spot) implements Key {}

        /** What comes of a condition that is not looked into. */
        record Opaque(String text) implements Key {}
    }

    /** A variable with its values: regions of a place, or false and true, perhaps error. */
    record Variable(Key key, List<Region> regions, int size) {}

    Setting setting() {
        return setting;
    }

    Place place(Spot spot) {
        Place known = places.get(spot);
        if (known == null) {
            Spot parent = spot.parent();
            if (parent != null) {
                place(parent).asksForAttributes();
            }
            known = new Place(spot);
            places.put(spot, known);
            setting.required(spot).forEach(this::place);
        }
        return known;
    }

    void addOpaque(String text, boolean mayFail) {
        opaque.merge(text, mayFail, Boolean::logicalOr);
    }

    boolean mayFail(String text) {
        return opaque.getOrDefault(text, true);
    }

    /** Makes the variables; afterwards nothing new may be asked. */
    void settle() {
        for (Place place : places.values()) {
            Spot spot = place.spot();
            List<Region> regions = place.regions(setting);
            add(new Key.At(spot), regions, regions.size());
            Set<EntityUid> known = spot.equals(Spot.ACTION) ? setting.actionAncestors() : null;
            for (EntityUid ancestor : place.ancestors()) {
                boolean fixed = known != null && !known.contains(ancestor) || !mayBeIn(regions, ancestor);
                boolean given = known != null && known.contains(ancestor);
                add(
                        new Key.In(spot, ancestor),
                        given ? List.of(Region.only(BoolValue.of(true))) : List.of(),
                        fixed || given ? 1 : 2);
            }
            for (Value element : place.elements()) {
                add(new Key.Element(spot, element), List.of(), 2);
            }
            if (place.hasOtherElements()) {
                add(new Key.OtherElement(spot), List.of(), 2);
            }
        }
        opaque.forEach((text, mayFail) -> add(new Key.Opaque(text), List.of(), mayFail ? 3 : 2));
        if (variables.size() > MOST_VARIABLES) {
            throw new Diagram.TooLargeException("the conditions ask for more than " + MOST_VARIABLES + " things");
        }
    }

    private boolean mayBeIn(List<Region> regions, EntityUid ancestor) {
        return regions.stream()
                .anyMatch(region ->
                        region.value() instanceof EntityUid uid && setting.mayBeIn(uid.type(), ancestor.type()));
    }

    private void add(Key key, List<Region> regions, int size) {
        indexes.put(key, variables.size());
        variables.add(new Variable(key, regions, size));
    }

    List<Variable> variables() {
        return variables;
    }

    int index(Key key) {
        Integer index = indexes.get(key);
        if (index == null) {
            throw new IllegalStateException("nothing asked for " + key);
        }
        return index;
    }

    boolean has(Key key) {
        return indexes.containsKey(key);
    }

    /** Returns the region of a place in a cell, null if it does not matter there. */
    @Nullable Region region(int[] cell, Spot spot) {
        int index = index(new Key.At(spot));
        return cell[index] < 0 ? null : variables.get(index).regions().get(cell[index]);
    }

    List<Region> regions(Spot spot) {
        return variables.get(index(new Key.At(spot))).regions();
    }

    int[] anywhere() {
        int[] cell = new int[variables.size()];
        Arrays.fill(cell, -1);
        return cell;
    }

    /**
     * Returns a request within a cell.
     *
     * @param instead values to put at places instead of what the cell says of them
     */
    Cell request(int[] cell, Map<Spot, Value> instead) {
        return new Builder(cell, instead, new TreeSet<>(places.keySet())).build();
    }

    /** Returns a request within a cell that has only some places, the four variables among them. */
    Cell request(int[] cell, SortedSet<Spot> spots) {
        return new Builder(cell, Map.of(), spots).build();
    }

    private final class Builder {
        private final int[] cell;
        private final Map<Spot, Value> instead;
        private final SortedSet<Spot> spots;
        private final Set<Spot> needed = new HashSet<>();
        private final Map<EntityUid, RecordValue> attributes = new LinkedHashMap<>();
        private final Map<EntityUid, Set<EntityUid>> parents = new LinkedHashMap<>();

        Builder(int[] cell, Map<Spot, Value> instead, SortedSet<Spot> spots) {
            this.cell = cell;
            this.instead = instead;
            this.spots = spots;
            for (Spot spot : spots) {
                if (cell[index(new Key.At(spot))] >= 0 || instead.containsKey(spot)) {
                    for (Spot at = spot.parent(); at != null; at = at.parent()) {
                        needed.add(at);
                    }
                }
            }
        }

        Cell build() {
            EntityUid principal = entity(Spot.PRINCIPAL);
            EntityUid resource = entity(Spot.RESOURCE);
            entity(Spot.ACTION);
            RecordValue context = record(Spot.CONTEXT);
            Set<EntityUid> known = setting.actionAncestors();
            if (known != null && !known.isEmpty()) {
                parents.put(setting.action(), known);
            }
            return new Cell(principal, setting.action(), resource, context, attributes, parents);
        }

        private EntityUid entity(Spot root) {
            Value value = value(root);
            if (value instanceof EntityUid uid) {
                return uid;
            }
            throw new IllegalStateException(root + " is no entity");
        }

        private @Nullable Value value(Spot spot) {
            Value given = instead.get(spot);
            if (given != null) {
                if (given instanceof EntityUid uid) {
                    describe(spot, uid);
                }
                return given;
            }
            Region region = region(cell, spot);
            if (region == null) {
                region = natural(spot);
            }
            return switch (region.kind()) {
                case ABSENT -> null;
                case VALUE -> region.value();
                case RECORD -> record(spot);
                case SET -> set(spot);
                case ENTITY -> {
                    if (region.value() instanceof EntityUid uid) {
                        describe(spot, uid);
                        yield uid;
                    }
                    throw new IllegalStateException("no entity stands for " + spot);
                }
            };
        }

        /** Returns the region to take where none is asked: absent if that may be and nothing within is asked for. */
        private Region natural(Spot spot) {
            List<Region> regions = regions(spot);
            if (needed.contains(spot)) {
                return regions.stream()
                        .filter(Region::hasAttributes)
                        .findFirst()
                        .orElse(regions.get(0));
            }
            return regions.contains(Region.ABSENT) ? Region.ABSENT : regions.get(0);
        }

        private void describe(Spot spot, EntityUid uid) {
            for (EntityUid ancestor : place(spot).ancestors()) {
                int index = index(new Key.In(spot, ancestor));
                boolean yes = variables.get(index).regions().isEmpty() ? cell[index] == 1 : true;
                if (yes && !ancestor.equals(uid)) {
                    parents.computeIfAbsent(uid, unused -> new LinkedHashSet<>())
                            .add(ancestor);
                }
            }
            RecordValue own = record(spot);
            RecordValue before = attributes.get(uid);
            if (before == null || before.attributes().isEmpty()) {
                attributes.put(uid, own);
            } else {
                SortedMap<String, Value> both = new TreeMap<>(before.attributes());
                both.putAll(own.attributes());
                attributes.put(uid, new RecordValue(both));
            }
        }

        private RecordValue record(Spot spot) {
            SortedMap<String, Value> values = new TreeMap<>();
            for (Spot within : spots.tailSet(spot)) {
                if (spot.equals(within.parent())) {
                    Value value = value(within);
                    if (value != null) {
                        values.put(within.name(), value);
                    }
                } else if (!isWithin(within, spot)) {
                    break;
                }
            }
            return new RecordValue(values);
        }

        private SetValue set(Spot spot) {
            Place place = place(spot);
            Collection<Value> held = new ArrayList<>();
            for (Value element : place.elements()) {
                if (cell[index(new Key.Element(spot, element))] == 1) {
                    held.add(element);
                }
            }
            if (place.hasOtherElements() && cell[index(new Key.OtherElement(spot))] == 1) {
                held.add(otherElement(spot, place));
            }
            return new SetValue(new LinkedHashSet<>(held));
        }
    }

    private static boolean isWithin(Spot inner, Spot outer) {
        return inner.root() == outer.root()
                && inner.names().size() >= outer.names().size()
                && inner.names().subList(0, outer.names().size()).equals(outer.names());
    }

    private Value otherElement(Spot spot, Place place) {
        Setting.Knowledge known = setting.of(spot);
        Type type =
                known == null || !(known.type() instanceof Type.SetType set) ? Type.Primitive.STRING : set.element();
        for (int i = 0; ; i++) {
            Value candidate = type == Type.Primitive.LONG
                    ? new LongValue(i)
                    : type instanceof Type.EntityType entity
                            ? new EntityUid(entity.name(), "other" + (i == 0 ? "" : i))
                            : new StringValue("other" + (i == 0 ? "" : i));
            if (!place.elements().contains(candidate)) {
                return candidate;
            }
        }
    }
}
