package dev.modelops.core.internal.policy;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.policy.Action;
import java.util.Collection;
import java.util.Optional;

/** What policies call the things they speak of. */
public final class EntityNames {
    /** The type of people and services. */
    public static final String USER = "User";

    /** The type of roles; a user is in each role that counts. */
    public static final String ROLE = "Role";

    /** The type of models. */
    public static final String MODEL = "Model";

    /** The type of versions; each is in its model. */
    public static final String MODEL_VERSION = "ModelVersion";

    /** The log, as a resource. */
    public static final EntityUid LOG = new EntityUid("Log", "log");

    /** The action that every step of a life cycle is in. */
    public static final EntityUid TRANSITION = action(Action.Type.TRANSITION.id());

    /** The attribute of the context that holds the environment. */
    public static final String ENVIRONMENT = "environment";

    /** The attribute of the context that holds metrics, rounded down to four places. */
    public static final String METRICS = "metrics";

    /** The attribute of the context that holds metrics, rounded up to four places. */
    public static final String METRICS_ROUNDED_UP = "metricsRoundedUp";

    /** The attribute of the context that holds by how much the champion's metrics exceed those of the version. */
    public static final String REGRESSION = "regression";

    /** The attribute of the context that holds by how much the version's metrics exceed those of the champion. */
    public static final String INCREASE = "increase";

    /** The attribute of the principal that tells how firmly it was established, 0 to 2. */
    public static final String ASSURANCE = "assurance";

    /** The attribute of a user that holds its roles. */
    public static final String ROLES = "roles";

    /** The attribute of a user that holds the organisational units it belongs to: its roles that begin {@code unit.} */
    public static final String UNITS = "units";

    private static final String UNIT_PREFIX = "unit.";

    /** The type of environments. */
    public static final String ENVIRONMENT_TYPE = "Environment";

    private static final String ACTION_TYPE = "Action";

    private EntityNames() {}

    /** Tells whether what follows in a fact's name is one name, though it may have dots: that of a metric. */
    public static boolean isOpenRecord(String first) {
        return first.equals(METRICS)
                || first.equals(METRICS_ROUNDED_UP)
                || first.equals(REGRESSION)
                || first.equals(INCREASE);
    }

    /** Returns an action. */
    public static EntityUid action(String id) {
        return new EntityUid(ACTION_TYPE, id);
    }

    /** Returns a person or service. */
    public static EntityUid user(Principal principal) {
        return new EntityUid(USER, principal.toString());
    }

    /** Returns a version. */
    public static EntityUid version(ModelRef ref) {
        return new EntityUid(MODEL_VERSION, ref.toString());
    }

    /** Returns what an action is done to: the most specific thing that it names. */
    public static EntityUid resourceOf(Action action) {
        Optional<Principal> grantee = action.grantee();
        if (grantee.isPresent()) {
            return user(grantee.get());
        }
        Optional<ModelRef> version = action.version();
        if (version.isPresent()) {
            return version(version.get());
        }
        return action.model().map(EntityNames::model).orElse(LOG);
    }

    /** Returns the type of what an action is done to. */
    public static String resourceTypeOf(Action action) {
        if (action.grantee().isPresent()) {
            return USER;
        }
        return action.version().isPresent() ? MODEL_VERSION : action.model().isPresent() ? MODEL : LOG.type();
    }

    /** Returns a role. */
    public static EntityUid role(Role role) {
        return new EntityUid(ROLE, role.value());
    }

    /** Returns some roles as a set. */
    public static SetValue roles(Collection<Role> roles) {
        return SetValue.of(roles.stream().map(EntityNames::role).toList());
    }

    /** Returns the organisational units among some roles as a set. */
    public static SetValue units(Collection<Role> roles) {
        return SetValue.of(roles.stream()
                .filter(role -> role.value().startsWith(UNIT_PREFIX))
                .map(EntityNames::role)
                .toList());
    }

    /** Returns an environment. */
    public static EntityUid environment(Environment environment) {
        return new EntityUid(ENVIRONMENT_TYPE, environment.value());
    }

    /** Returns a model. */
    public static EntityUid model(ModelName model) {
        return new EntityUid(MODEL, model.value());
    }
}
