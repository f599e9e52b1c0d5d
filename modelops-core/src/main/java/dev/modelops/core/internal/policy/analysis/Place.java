package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.analysis.Setting.Knowledge;
import dev.modelops.core.internal.policy.cedar.DatetimeValue;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.DurationValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.ExtensionValue;
import dev.modelops.core.internal.policy.cedar.IpValue;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** What conditions ask of one place, and the regions that its values fall into by it. */
final class Place {
    private static final String BOOL = "Bool";
    private static final String STRING = "String";
    private static final String ENTITY = "Entity";
    private static final String SET = "Set";
    private static final String RECORD = "Record";

    private final Spot spot;

    /** The values asked for, by the name of their type; a type without values is asked for as such. */
    private final Map<String, Set<Value>> literals = new TreeMap<>();

    private final SortedSet<String> entityTypes = new TreeSet<>();
    private final Set<EntityUid> ancestors = new LinkedHashSet<>();
    private final Set<Value> elements = new LinkedHashSet<>();
    private boolean asksForOtherElements;

    Place(Spot spot) {
        this.spot = spot;
    }

    Spot spot() {
        return spot;
    }

    void asksForBool() {
        kind(BOOL);
    }

    void asksForText() {
        kind(STRING);
    }

    void asksForAttributes() {
        kind(RECORD);
    }

    void asksForEntity() {
        kind(ENTITY);
    }

    void asksForEntityType(String type) {
        kind(ENTITY);
        entityTypes.add(type);
    }

    void asksForAncestor(EntityUid ancestor) {
        kind(ENTITY).add(ancestor);
        ancestors.add(ancestor);
    }

    void asksForElement(Value element) {
        kind(SET);
        elements.add(element);
    }

    void asksForOtherElements() {
        kind(SET);
        asksForOtherElements = true;
    }

    /** Notes a comparison with a value that is no set and no record. */
    void asksFor(Value value) {
        kind(value.typeName()).add(value);
    }

    Set<EntityUid> ancestors() {
        return ancestors;
    }

    Set<Value> elements() {
        return elements;
    }

    boolean hasOtherElements() {
        return asksForOtherElements;
    }

    private Set<Value> kind(String type) {
        return literals.computeIfAbsent(type, unused -> new LinkedHashSet<>());
    }

    private Set<Value> asked(String type) {
        return literals.getOrDefault(type, Set.of());
    }

    /** Returns the regions, the most natural first. */
    List<Region> regions(Setting setting) {
        if (spot.equals(Spot.ACTION)) {
            return List.of(Region.only(setting.action()));
        }
        if (spot.equals(Spot.CONTEXT)) {
            return List.of(Region.RECORD);
        }
        Knowledge known = setting.of(spot);
        List<Region> regions = new ArrayList<>();
        if (known != null && known.type() != null) {
            typed(known.type(), setting, regions);
        } else if (known == null) {
            untyped(regions);
        }
        if (!spot.isRoot() && (known == null || known.mayBeAbsent())) {
            regions.add(Region.ABSENT);
        }
        if (known == null && !spot.isRoot()) {
            regions.add(other());
        }
        return regions;
    }

    private void typed(Type type, Setting setting, List<Region> regions) {
        if (type instanceof Type.BoolType) {
            addBools(regions);
        } else if (type == Type.Primitive.LONG) {
            addNumbers("Long", LongValue::new, regions);
        } else if (type == Type.Primitive.STRING) {
            addTexts(regions);
        } else if (type instanceof Type.ExtensionType extension) {
            switch (extension) {
                case DECIMAL -> addNumbers("decimal", DecimalValue::new, regions);
                case DATETIME -> addNumbers("datetime", DatetimeValue::new, regions);
                case DURATION -> addNumbers("duration", DurationValue::new, regions);
                case IPADDR -> addAddresses(regions);
            }
        } else if (type instanceof Type.EntityType entity) {
            addEntities(entity.name(), setting.ids(entity.name()), regions);
        } else if (type instanceof Type.SetType) {
            regions.add(Region.SET);
        } else if (type instanceof Type.RecordType) {
            regions.add(Region.RECORD);
        } else {
            throw new IllegalStateException("no regions are known for values of type " + type);
        }
    }

    private void untyped(List<Region> regions) {
        if (spot.isRoot()) {
            addEntities(regions);
            return;
        }
        for (String type : literals.keySet()) {
            switch (type) {
                case BOOL -> addBools(regions);
                case "Long" -> addNumbers("Long", LongValue::new, regions);
                case STRING -> addTexts(regions);
                case "decimal" -> addNumbers("decimal", DecimalValue::new, regions);
                case "datetime" -> addNumbers("datetime", DatetimeValue::new, regions);
                case "duration" -> addNumbers("duration", DurationValue::new, regions);
                case "ipaddr" -> addAddresses(regions);
                case ENTITY -> addEntities(regions);
                case SET -> regions.add(Region.SET);
                case RECORD -> regions.add(Region.RECORD);
                default -> throw new IllegalStateException("no regions are known for values of type " + type);
            }
        }
    }

    private static void addBools(List<Region> regions) {
        regions.add(Region.only(BoolValue.of(true)));
        regions.add(Region.only(BoolValue.of(false)));
    }

    private void addNumbers(String type, LongFunction<? extends Value> made, List<Region> regions) {
        SortedSet<Long> bounds = new TreeSet<>();
        asked(type).forEach(value -> bounds.add(number(value)));
        if (bounds.isEmpty()) {
            regions.add(Region.like(made.apply(0)));
            return;
        }
        Long before = null;
        for (long bound : bounds) {
            if (before != null && before + 1 < bound) {
                regions.add(Region.like(made.apply(before + 1)));
            }
            regions.add(Region.only(made.apply(bound)));
            before = bound;
        }
        if (bounds.last() < Long.MAX_VALUE) {
            regions.add(Region.like(made.apply(bounds.last() + 1)));
        }
        if (bounds.first() > Long.MIN_VALUE) {
            regions.add(Region.like(made.apply(bounds.first() - 1)));
        }
    }

    /** Returns where a value of an ordered type lies. */
    static long number(Value value) {
        if (value instanceof LongValue number) {
            return number.value();
        } else if (value instanceof DecimalValue decimal) {
            return decimal.tenThousandths();
        } else if (value instanceof DatetimeValue time) {
            return time.epochMilliseconds();
        } else if (value instanceof DurationValue duration) {
            return duration.milliseconds();
        }
        throw new IllegalArgumentException("a " + value.typeName() + " is not ordered");
    }

    /** Tells whether two values of a value's type are compared by size. */
    static boolean isOrdered(Value value) {
        return value instanceof LongValue || value instanceof ExtensionValue && !(value instanceof IpValue);
    }

    private void addTexts(List<Region> regions) {
        Set<Value> texts = asked(STRING);
        texts.forEach(text -> regions.add(Region.only(text)));
        String other = "other";
        while (texts.contains(new StringValue(other))) {
            other += "-";
        }
        regions.add(Region.like(new StringValue(other)));
    }

    /** Addresses are only told apart by equality here; what asks more of them is not looked into. */
    private void addAddresses(List<Region> regions) {
        Set<Value> addresses = asked("ipaddr");
        addresses.forEach(address -> regions.add(Region.only(address)));
        int last = 1;
        while (addresses.contains(IpValue.parse("192.0.2." + last))) {
            last++;
        }
        regions.add(Region.like(IpValue.parse("192.0.2." + last)));
    }

    private void addEntities(List<Region> regions) {
        SortedSet<String> types = new TreeSet<>(entityTypes);
        asked(ENTITY).forEach(value -> types.add(((EntityUid) value).type()));
        String other = spot.equals(Spot.PRINCIPAL)
                ? EntityNames.USER
                : spot.equals(Spot.RESOURCE) ? EntityNames.MODEL_VERSION : "Other";
        if (types.remove(other)) {
            addEntities(other, null, regions);
            types.forEach(type -> addEntities(type, null, regions));
            types.add(other);
            other = "Other";
        } else {
            regions.add(Region.like(new EntityUid(other, label())));
            types.forEach(type -> addEntities(type, null, regions));
            return;
        }
        while (types.contains(other)) {
            other += "_";
        }
        regions.add(Region.like(new EntityUid(other, label())));
    }

    private void addEntities(String type, @Nullable Set<String> ids, List<Region> regions) {
        if (ids != null) {
            ids.forEach(id -> regions.add(Region.only(new EntityUid(type, id))));
            return;
        }
        String id = label();
        while (asked(ENTITY).contains(new EntityUid(type, id))) {
            id += "-";
        }
        regions.add(Region.like(new EntityUid(type, id)));
        for (Value value : asked(ENTITY)) {
            if (((EntityUid) value).type().equals(type)) {
                regions.add(Region.only(value));
            }
        }
    }

    private String label() {
        return switch (spot.root()) {
            case PRINCIPAL -> spot.isRoot() ? "someone" : "someone-" + spot.name();
            case RESOURCE -> spot.isRoot() ? "something" : "something-" + spot.name();
            case ACTION -> "some";
            case CONTEXT -> spot.isRoot() ? "context" : "some-" + String.join("-", spot.names());
        };
    }

    /** Returns a value of a type that nothing asks for here. */
    private Region other() {
        Map<String, Value> values = new LinkedHashMap<>();
        values.put(STRING, new StringValue("other"));
        values.put("Long", new LongValue(0));
        values.put(BOOL, BoolValue.of(true));
        values.put("decimal", new DecimalValue(0));
        values.put(SET, new SetValue(Set.of()));
        if (!literals.containsKey(RECORD)) {
            values.put(ENTITY, new EntityUid("Other", label()));
            values.put(RECORD, RecordValue.EMPTY);
        }
        values.keySet().removeAll(literals.keySet());
        if (values.isEmpty()) {
            throw new Diagram.TooLargeException(spot + " is compared with values of every type");
        }
        return Region.like(values.values().iterator().next());
    }
}
