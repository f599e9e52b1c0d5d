package dev.modelops.core.internal.policy;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.AttributePath;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.EvaluationException;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.FactException;
import dev.modelops.policy.Facts;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A request as policies see it. Facts named {@code resource.x} or {@code principal.x} are attributes of those, {@code
 * environment.x} of the environment; all others form the context, their dotted names read as records within records, except
 * that all after {@code metrics.} is one name. Where a fact's name leads through the name of another, the shorter one
 * stands, and the longer one is an attribute of the entity that the shorter one names. A fact is computed when a rule asks
 * for it; one that cannot be established makes the rule fail. For one decision by one thread.
 */
final class AccessQuery implements Query {
    private static final String RESOURCE_PREFIX = "resource.";
    private static final String PRINCIPAL_PREFIX = "principal.";
    private static final String ENVIRONMENT_PREFIX = EntityNames.ENVIRONMENT + ".";
    private static final String METRICS_PREFIX = EntityNames.METRICS + ".";
    private static final String ROUNDED_UP_PREFIX = EntityNames.METRICS_ROUNDED_UP + ".";
    private static final String AUTHOR = RESOURCE_PREFIX + "author";
    private static final String MODEL = RESOURCE_PREFIX + "model";
    private static final int MOST_SEGMENTS = 16;

    private final AccessRequest request;
    private final ValuedFacts facts;
    private final EntityUid action;

    private @Nullable EntityUid principal;
    private @Nullable EntityUid resource;
    private @Nullable EntityUid environment;
    private @Nullable RecordValue context;

    /** The last answer to a look-up, for a condition asks whether a fact is there just before it reads it. */
    private @Nullable AttributePath asked;

    private @Nullable Value answer;

    AccessQuery(AccessRequest request, EntityUid action) {
        Facts given = request.facts();
        this.request = request;
        this.facts = given instanceof ValuedFacts valued ? valued : new PlainFacts(given);
        this.action = action;
    }

    AccessRequest request() {
        return request;
    }

    @Override
    public EntityUid principal() {
        EntityUid known = principal;
        if (known == null) {
            known = EntityNames.user(request.identity().principal());
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
            known = facts.resource(request.action());
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
            case EntityNames.ROLE ->
                entity.type().equals(EntityNames.USER)
                        && (entity.equals(principal())
                                ? holds(ancestor.id())
                                : attribute(entity, EntityNames.ROLES) instanceof SetValue roles
                                        && roles.elements().contains(ancestor));
            case EntityNames.MODEL ->
                isOfModel(ancestor.id())
                        && entity.type().equals(EntityNames.MODEL_VERSION)
                        && entity.equals(resource());
            default ->
                request.action().type() == Action.Type.TRANSITION
                        && ancestor.equals(EntityNames.TRANSITION)
                        && entity.equals(action);
        };
    }

    @Override
    public boolean isResourceIn(EntityUid ancestor) {
        return ancestor.type().equals(EntityNames.MODEL) && resourceType().equals(EntityNames.MODEL_VERSION)
                ? isOfModel(ancestor.id())
                : Query.super.isResourceIn(ancestor);
    }

    @Override
    public String resourceType() {
        return EntityNames.resourceTypeOf(request.action());
    }

    @Override
    public @Nullable Set<String> resourceWithin(String type) {
        String own = resourceType();
        if (type.equals(EntityNames.MODEL)
                && (own.equals(EntityNames.MODEL_VERSION) || own.equals(EntityNames.MODEL))) {
            Optional<ModelName> model = request.action().model();
            return model.isPresent() ? Set.of(model.get().value()) : Set.of();
        }
        if (own.equals(EntityNames.USER) && type.equals(EntityNames.ROLE)) {
            return null;
        }
        return own.equals(type) ? Set.of(resource().id()) : Set.of();
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
        if (entity.type().equals(EntityNames.USER) && isPrincipal(entity)) {
            Value own = ofPrincipal(name);
            if (own != null) {
                return own;
            }
        }
        if (entity.equals(resource())) {
            Value own = node(RESOURCE_PREFIX + name);
            if (own != null) {
                return own;
            }
        }
        return switch (entity.type()) {
            case EntityNames.MODEL -> entity.equals(ask(MODEL)) ? node(MODEL + "." + name) : null;
            case EntityNames.USER -> entity.equals(ask(AUTHOR)) ? node(AUTHOR + "." + name) : null;
            case EntityNames.ENVIRONMENT_TYPE -> entity.equals(environment()) ? node(ENVIRONMENT_PREFIX + name) : null;
            default -> null;
        };
    }

    @Override
    public @Nullable Value tag(EntityUid entity, String name) {
        return entity.equals(resource()) || entity.equals(ask(MODEL)) ? facts.tag(entity, name) : null;
    }

    @Override
    public @Nullable Value lookup(AttributePath path) {
        if (!path.isPlain()) {
            return null;
        }
        String name = path.dotted();
        AttributePath last = asked;
        // The name alone does not tell an attribute of the resource from one of the context's that is called like it.
        if (last != null && last.root() == path.root() && last.dotted().equals(name)) {
            return answer;
        }
        if (!isDirect(path.root(), path.names())) {
            return null;
        }
        Value found = quick(path);
        asked = path;
        answer = found;
        return found;
    }

    @Override
    public @Nullable Boolean has(AttributePath path) {
        if (lookup(path) != null) {
            return true;
        }
        return path.root() == Variable.CONTEXT
                        && path.isPlain()
                        && isDirect(path.root(), path.names())
                        && !path.names().get(0).equals(EntityNames.ENVIRONMENT)
                        && !path.isBehind(facts::names)
                ? false
                : null;
    }

    private @Nullable Value quick(AttributePath path) {
        String name = path.dotted();
        List<String> names = path.names();
        switch (path.root()) {
            case PRINCIPAL -> {
                return ofPrincipal(names.get(0));
            }
            case RESOURCE -> {
                Value value = ask(name);
                return value == null || isBehind(path) ? null : value;
            }
            case CONTEXT -> {
                String first = names.get(0);
                if (first.equals(EntityNames.ENVIRONMENT)) {
                    EntityUid environment = environment();
                    return environment == null || names.size() == 1 ? environment : ask(name);
                }
                if (isBehind(path)) {
                    return null;
                }
                Value value = ask(name);
                return value == null ? group(name) : value;
            }
            default -> {
                return null;
            }
        }
    }

    private boolean isBehind(AttributePath path) {
        return facts instanceof PlainFacts && path.isBehind(facts::names);
    }

    private static boolean isDirect(Variable root, List<String> names) {
        String first = names.get(0);
        return switch (root) {
            case CONTEXT ->
                switch (first) {
                    case "resource", "principal" -> false;
                    case EntityNames.ENVIRONMENT -> names.size() <= 2;
                    default -> !EntityNames.isOpenRecord(first) || names.size() <= 2;
                };
            case RESOURCE ->
                !first.equals(EntityNames.ASSURANCE)
                        && !first.equals(EntityNames.ROLES)
                        && !first.equals(EntityNames.UNITS);
            case PRINCIPAL -> names.size() == 1;
            case ACTION -> false;
        };
    }

    private boolean holds(String role) {
        for (Role held : request.roles()) {
            if (held.value().equals(role)) {
                return true;
            }
        }
        return false;
    }

    private boolean isOfModel(String name) {
        Optional<ModelName> model = request.action().model();
        return model.isPresent() && model.get().value().equals(name);
    }

    private @Nullable EntityUid environment() {
        EntityUid known = environment;
        if (known == null) {
            Optional<Environment> named = request.action().environment();
            known = named.isPresent() ? facts.environment(named.get()) : null;
            environment = known;
        }
        return known;
    }

    private @Nullable Value ofPrincipal(String name) {
        return switch (name) {
            case EntityNames.ASSURANCE ->
                FactValues.of(request.identity().assurance().ordinal());
            case EntityNames.ROLES -> EntityNames.roles(request.roles());
            case EntityNames.UNITS -> EntityNames.units(request.roles());
            default -> node(PRINCIPAL_PREFIX + name);
        };
    }

    private @Nullable Value ask(String name) {
        try {
            return facts.value(name);
        } catch (FactException e) {
            throw new EvaluationException(EvaluationException.Kind.FACT, String.valueOf(e.getMessage()));
        }
    }

    /** Returns a fact, or the record of the facts whose names begin with the name and a dot, or null. */
    private @Nullable Value node(String name) {
        Value value = ask(name);
        return value == null ? group(name) : value;
    }

    private @Nullable RecordValue group(String name) {
        if (name.equals(EntityNames.METRICS_ROUNDED_UP)) {
            return facts.names().contains(EntityNames.METRICS) ? null : group(METRICS_PREFIX, ROUNDED_UP_PREFIX);
        }
        int dot = name.indexOf('.');
        return dot > 0 && EntityNames.isOpenRecord(name.substring(0, dot)) ? null : group(name + ".", name + ".");
    }

    private @Nullable RecordValue group(String prefix, String readAs) {
        SortedMap<String, Object> tree = new TreeMap<>();
        boolean isOpen = EntityNames.isOpenRecord(prefix.substring(0, prefix.length() - 1));
        boolean any = false;
        for (String name : facts.names()) {
            if (name.startsWith(prefix)) {
                any = true;
                String rest = name.substring(prefix.length());
                List<String> at = isOpen ? List.of(rest) : segments(rest);
                if (at.size() == 1 || !isBehindAnother(prefix, at)) {
                    put(tree, at, ask(readAs + rest));
                }
            }
        }
        return any ? record(tree) : null;
    }

    private boolean isBehindAnother(String prefix, List<String> names) {
        StringBuilder shorter = new StringBuilder(prefix);
        for (String name : names.subList(0, names.size() - 1)) {
            shorter.append(name);
            if (facts.names().contains(shorter.toString())) {
                return true;
            }
            shorter.append('.');
        }
        return false;
    }

    private static List<String> segments(String name) {
        return List.of(name.split("\\.", MOST_SEGMENTS));
    }

    private RecordValue buildContext() {
        Set<String> firsts = new TreeSet<>();
        for (String name : facts.names()) {
            if (!name.startsWith(RESOURCE_PREFIX) && !name.startsWith(PRINCIPAL_PREFIX)) {
                firsts.add(segments(name).get(0));
            }
        }
        if (firsts.contains(EntityNames.METRICS)) {
            firsts.add(EntityNames.METRICS_ROUNDED_UP);
        } else {
            firsts.remove(EntityNames.METRICS_ROUNDED_UP);
        }
        firsts.remove(EntityNames.ENVIRONMENT);
        SortedMap<String, Value> attributes = new TreeMap<>();
        for (String first : firsts) {
            Value value = node(first);
            if (value != null) {
                attributes.put(first, value);
            }
        }
        EntityUid environment = environment();
        if (environment != null) {
            attributes.put(EntityNames.ENVIRONMENT, environment);
        }
        return new RecordValue(attributes);
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
            at.put(names.get(names.size() - 1), value);
        }
    }

    private static RecordValue record(SortedMap<?, ?> tree) {
        SortedMap<String, Value> attributes = new TreeMap<>();
        tree.forEach((name, node) ->
                attributes.put((String) name, node instanceof SortedMap<?, ?> inner ? record(inner) : (Value) node));
        return new RecordValue(attributes);
    }
}
