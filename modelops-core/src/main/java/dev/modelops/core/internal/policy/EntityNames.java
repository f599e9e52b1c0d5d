package dev.modelops.core.internal.policy;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.policy.Action;

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

    /** The attribute of the principal that tells how firmly it was established, 0 to 2. */
    public static final String ASSURANCE = "assurance";

    private static final String ACTION_TYPE = "Action";
    private static final String ENVIRONMENT_TYPE = "Environment";

    private EntityNames() {}

    /** Returns an action. */
    public static EntityUid action(String id) {
        return new EntityUid(ACTION_TYPE, id);
    }

    /** Returns a role. */
    public static EntityUid role(Role role) {
        return new EntityUid(ROLE, role.value());
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
