package dev.modelops.core.internal.policy;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.AttributePath;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A request as policies see it. Facts named {@code resource.x} are attributes of the resource; all others form the context,
 * their dotted names read as records within records, except that all after {@code metrics.} is one name. Where a fact's name
 * leads through the name of another, the shorter one stands. Entities and records are built when first asked for; most
 * conditions are answered from the facts directly. For one decision by one thread.
 */
final class AccessQuery implements Query {
    private static final String RESOURCE_PREFIX = "resource.";
    private static final String METRICS_PREFIX = EntityNames.METRICS + ".";
    private static final String AUTHOR = RESOURCE_PREFIX + "author";
    private static final int MOST_SEGMENTS = 16;

    private final AccessRequest request;
    private final Map<String, Object> facts;
    private final EntityUid action;
    private final String[] roles;

    private @Nullable EntityUid principal;
    private @Nullable EntityUid resource;
    private @Nullable EntityUid environment;
    private @Nullable RecordValue context;

    /** The answer to the latest look-up, for a condition asks whether a fact is there just before it reads it. */
    private @Nullable Value latest;

    private @Nullable String latestName;
    private @Nullable RecordValue resourceAttributes;

    AccessQuery(AccessRequest request, EntityUid action) {
        this.request = request;
        this.facts = request.facts();
        this.action = action;
        this.roles = new String[request.roles().size()];
        int i = 0;
        for (Role role : request.roles()) {
            roles[i++] = role.value();
        }
    }

    @Override
    public EntityUid principal() {
        EntityUid known = principal;
        if (known == null) {
            known = user(request.identity().principal());
            principal = known;
        }
        return known;
    }

    @Override
    public EntityUid action() {
        return action;
    }

    @Override
    public EntityUid resource() {
        EntityUid known = resource;
        if (known == null) {
            known = resourceOf(request.action());
            resource = known;
        }
        return known;
    }

    @Override
    public RecordValue context() {
        RecordValue known = context;
        if (known == null) {
            known = buildContext();
            context = known;
        }
        return known;
    }

    @Override
    public boolean isDescendant(EntityUid entity, EntityUid ancestor) {
        return switch (ancestor.type()) {
            case EntityNames.ROLE -> holds(ancestor.id()) && entity.equals(principal());
            case EntityNames.MODEL -> {
                Optional<ModelName> model = request.action().model();
                yield entity.type().equals(EntityNames.MODEL_VERSION)
                        && model.isPresent()
                        && model.get().value().equals(ancestor.id())
                        && entity.equals(resource());
            }
            default ->
                request.action().type() == Action.Type.TRANSITION
                        && ancestor.equals(EntityNames.TRANSITION)
                        && entity.equals(action);
        };
    }

    @Override
    public boolean isPrincipalIn(EntityUid ancestor) {
        return ancestor.type().equals(EntityNames.ROLE) ? holds(ancestor.id()) : Query.super.isPrincipalIn(ancestor);
    }

    @Override
    public boolean isPrincipal(Value value) {
        if (!(value instanceof EntityUid uid) || !uid.type().equals(EntityNames.USER)) {
            return false;
        }
        Principal who = request.identity().principal();
        int bar = who.issuer().length();
        String id = uid.id();
        return id.length() == bar + 1 + who.id().length()
                && id.charAt(bar) == '|'
                && id.startsWith(who.issuer())
                && id.endsWith(who.id());
    }

    @Override
    public @Nullable Value attribute(EntityUid entity, String name) {
        if (name.equals(EntityNames.ASSURANCE) && entity.equals(principal())) {
            return new LongValue(request.identity().assurance().ordinal());
        }
        return entity.equals(resource()) ? resourceAttributes().get(name) : null;
    }

    @Override
    public @Nullable Value lookup(AttributePath path) {
        List<String> names = path.names();
        if (!path.isPlain() || !isDirect(path.root(), names)) {
            return null;
        }
        if (path.root() == Variable.CONTEXT) {
            String first = names.get(0);
            if (first.equals(EntityNames.ENVIRONMENT)) {
                return names.size() == 1 ? environment() : null;
            }
            if (first.equals(EntityNames.METRICS_ROUNDED_UP)) {
                Object metric = facts.get(METRICS_PREFIX + names.get(1));
                return metric == null || facts.containsKey(EntityNames.METRICS)
                        ? null
                        : value(path.dotted(), metric, RoundingMode.CEILING);
            }
        }
        if (path.dotted().equals(latestName)) {
            return latest;
        }
        Object fact = facts.get(path.dotted());
        latest = fact == null || path.isBehind(facts) ? null : value(path.dotted(), fact, RoundingMode.FLOOR);
        latestName = path.dotted();
        return latest;
    }

    private static boolean isDirect(Variable root, List<String> names) {
        return switch (root) {
            case CONTEXT ->
                switch (names.get(0)) {
                    case "resource" -> false;
                    case EntityNames.METRICS, EntityNames.METRICS_ROUNDED_UP -> names.size() == 2;
                    default -> true;
                };
            case RESOURCE -> !names.get(0).equals(EntityNames.ASSURANCE);
            case PRINCIPAL, ACTION -> false;
        };
    }

    private boolean holds(String role) {
        for (String held : roles) {
            if (held.equals(role)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable EntityUid environment() {
        EntityUid known = environment;
        if (known == null) {
            Optional<Environment> named = request.action().environment();
            known = named.isPresent() ? EntityNames.environment(named.get()) : null;
            environment = known;
        }
        return known;
    }

    private static EntityUid user(Principal principal) {
        return new EntityUid(EntityNames.USER, principal.toString());
    }

    private static EntityUid resourceOf(Action action) {
        Optional<Principal> grantee = action.grantee();
        if (grantee.isPresent()) {
            return user(grantee.get());
        }
        Optional<ModelRef> version = action.version();
        if (version.isPresent()) {
            return new EntityUid(EntityNames.MODEL_VERSION, version.get().toString());
        }
        return action.model().map(EntityNames::model).orElse(EntityNames.LOG);
    }

    private RecordValue buildContext() {
        SortedMap<String, Object> tree = new TreeMap<>();
        new TreeMap<>(facts).forEach((name, fact) -> {
            if (!name.startsWith(RESOURCE_PREFIX)) {
                plant(tree, name, fact);
            }
        });
        tree.remove(EntityNames.ENVIRONMENT);
        EntityUid environment = environment();
        if (environment != null) {
            tree.put(EntityNames.ENVIRONMENT, environment);
        }
        return record(tree);
    }

    private static void plant(SortedMap<String, Object> tree, String name, Object fact) {
        if (isUnder(name, EntityNames.METRICS_ROUNDED_UP)) {
            return;
        }
        if (name.startsWith(METRICS_PREFIX)) {
            String metric = name.substring(METRICS_PREFIX.length());
            put(tree, List.of(EntityNames.METRICS, metric), value(name, fact, RoundingMode.FLOOR));
            if (tree.get(EntityNames.METRICS) instanceof SortedMap<?, ?>) {
                put(tree, List.of(EntityNames.METRICS_ROUNDED_UP, metric), value(name, fact, RoundingMode.CEILING));
            }
        } else {
            put(tree, List.of(name.split("\\.", MOST_SEGMENTS)), value(name, fact, RoundingMode.FLOOR));
        }
    }

    private static boolean isUnder(String name, String first) {
        return name.startsWith(first) && (name.length() == first.length() || name.charAt(first.length()) == '.');
    }

    /** Plants a value in a tree of maps, unless a value stands in the way. */
    @SuppressWarnings("unchecked")
    private static void put(SortedMap<String, Object> tree, List<String> names, @Nullable Value value) {
        SortedMap<String, Object> at = tree;
        for (String name : names.subList(0, names.size() - 1)) {
            Object next = at.computeIfAbsent(name, absent -> new TreeMap<String, Object>());
            if (!(next instanceof SortedMap<?, ?> map)) {
                return;
            }
            at = (SortedMap<String, Object>) map;
        }
        if (value != null) {
            at.putIfAbsent(names.get(names.size() - 1), value);
        }
    }

    private static RecordValue record(SortedMap<?, ?> tree) {
        SortedMap<String, Value> attributes = new TreeMap<>();
        tree.forEach((name, node) ->
                attributes.put((String) name, node instanceof SortedMap<?, ?> inner ? record(inner) : (Value) node));
        return new RecordValue(attributes);
    }

    private RecordValue resourceAttributes() {
        RecordValue known = resourceAttributes;
        if (known == null) {
            SortedMap<String, Object> tree = new TreeMap<>();
            new TreeMap<>(facts).forEach((name, fact) -> {
                if (name.startsWith(RESOURCE_PREFIX)) {
                    String attribute = name.substring(RESOURCE_PREFIX.length());
                    put(tree, List.of(attribute.split("\\.", MOST_SEGMENTS)), value(name, fact, RoundingMode.FLOOR));
                }
            });
            known = record(tree);
            resourceAttributes = known;
        }
        return known;
    }

    private static @Nullable Value value(String name, Object fact, RoundingMode rounding) {
        if (name.equals(AUTHOR)) {
            return fact instanceof String text ? new EntityUid(EntityNames.USER, text) : null;
        }
        if (fact instanceof Boolean truth) {
            return BoolValue.of(truth);
        } else if (fact instanceof Long number) {
            return new LongValue(number);
        } else if (fact instanceof String text) {
            return new StringValue(text);
        } else if (fact instanceof BigDecimal number) {
            return DecimalValue.ofRounded(number, rounding);
        } else if (fact instanceof List<?> list) {
            return new SetValue(list.stream()
                    .map(element -> new StringValue((String) element))
                    .collect(Collectors.toUnmodifiableSet()));
        }
        throw new IllegalStateException("no fact: " + fact.getClass().getName());
    }
}
