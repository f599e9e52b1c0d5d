package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.schema.ActionDeclaration;
import dev.modelops.core.internal.policy.cedar.schema.EntityDeclaration;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import dev.modelops.core.internal.policy.cedar.schema.Type.Attribute;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Requests that conform to a schema, of one action, one type of principals and one of resources. */
record SchemaSetting(Schema schema, ActionDeclaration declaration, String principal, String resource)
        implements Setting {
    /** Returns every kind of request that a schema provides for. */
    static List<Setting> all(Schema schema) {
        List<Setting> all = new ArrayList<>();
        for (ActionDeclaration action : schema.actions().values()) {
            for (String principal : action.principals()) {
                for (String resource : action.resources()) {
                    all.add(new SchemaSetting(schema, action, principal, resource));
                }
            }
        }
        return all;
    }

    @Override
    public EntityUid action() {
        return declaration.uid();
    }

    @Override
    public Set<EntityUid> actionAncestors() {
        return declaration.ancestors();
    }

    @Override
    public Knowledge of(Spot spot) {
        Spot parent = spot.parent();
        if (parent == null) {
            return new Knowledge(root(spot.root()), false);
        }
        RecordType attributes = attributes(parent);
        Attribute attribute = attributes == null ? null : attributes.get(spot.name());
        return attribute == null ? new Knowledge(null, true) : new Knowledge(attribute.type(), !attribute.required());
    }

    @Override
    public List<Spot> required(Spot spot) {
        RecordType attributes = attributes(spot);
        List<Spot> found = new ArrayList<>();
        if (attributes != null && (spot.isRoot() || !(of(spot).type() instanceof EntityType))) {
            attributes.attributes().forEach((name, attribute) -> {
                if (attribute.required()) {
                    found.add(spot.child(name));
                }
            });
        }
        return found;
    }

    private @Nullable RecordType attributes(Spot spot) {
        Type type = of(spot).type();
        if (type instanceof EntityType entity) {
            EntityDeclaration declared = schema.entityType(entity.name());
            return declared == null ? null : declared.attributes();
        }
        return type instanceof RecordType record ? record : null;
    }

    private Type root(Variable variable) {
        return switch (variable) {
            case PRINCIPAL -> new EntityType(principal);
            case RESOURCE -> new EntityType(resource);
            case ACTION -> new EntityType(action().type());
            case CONTEXT -> declaration.context();
        };
    }

    @Override
    public boolean mayBeIn(String type, String ancestor) {
        return schema.mayBeIn(type, ancestor);
    }

    @Override
    public @Nullable Set<String> ids(String type) {
        EntityDeclaration declared = schema.entityType(type);
        return declared == null ? null : declared.ids();
    }

    @Override
    public String toString() {
        return principal + " asks for " + action() + " on " + resource;
    }
}
