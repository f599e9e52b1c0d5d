package dev.modelops.core.internal.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Alias;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.policy.Action;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Refused actions as entries record them: what policy was asked, so that it can be asked again, but for what its
 * actor wrote: nothing of that is kept of an act that was not done.
 */
public final class ActionJson {
    /** The member of an entry's payload that holds the action. */
    public static final String MEMBER = "asked";

    /** Stands for the text of a comment where a comment is decided again: decisions do not depend on it. */
    public static final String NOT_RECORDED = "(not in the log)";

    private ActionJson() {}

    /** Returns the recorded form. */
    public static ObjectNode write(Action action) {
        ObjectNode json = Json.object();
        json.put("type", action.type().id());
        action.model().ifPresent(model -> json.put("model", model.value()));
        action.version().ifPresent(ref -> json.put("version", ref.toString()));
        action.environment().ifPresent(environment -> json.put("environment", environment.value()));
        action.grantee().ifPresent(grantee -> json.put("grantee", grantee.toString()));
        action.role().ifPresent(role -> json.put("role", role.value()));
        action.name().ifPresent(name -> json.put("name", name));
        action.value().ifPresent(value -> json.put("value", value));
        action.policies().ifPresent(digest -> json.put("policies", digest.toString()));
        action.source()
                .ifPresent(source -> json.putObject("source")
                        .put("logKey", source.logKey())
                        .put("version", source.version().toString()));
        action.position().ifPresent(position -> json.put("position", position.size()));
        action.trustVersion().ifPresent(version -> json.put("trust", version));
        action.overriding().ifPresent(reason -> json.put("overriding", reason));
        return json;
    }

    /**
     * Reads the action that a payload says was refused.
     *
     * @return the action, null if the payload names none
     * @throws IllegalArgumentException if it cannot be read
     */
    public static @Nullable Action read(ObjectNode data) {
        JsonNode json = data.get(MEMBER);
        if (json == null) {
            return null;
        }
        String id = Entry.text(json, "type");
        Action.Type type = Arrays.stream(Action.Type.values())
                .filter(candidate -> candidate.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected a kind of action, found '" + id + "'"));
        Action action = type == Action.Type.COMMENT ? Action.comment(ref(json), NOT_RECORDED) : read(type, json);
        return json.get("overriding") == null ? action : action.overriding(Entry.text(json, "overriding"));
    }

    private static Action read(Action.Type type, JsonNode json) {
        return switch (type) {
            case REGISTER -> Action.register(model(json));
            case IMPORT_VERSION ->
                Action.importVersion(
                        model(json),
                        Entry.text(json.path("source"), "logKey"),
                        ModelRef.parse(Entry.text(json.path("source"), "version")));
            case ATTACH_EVIDENCE -> Action.attachEvidence(ref(json));
            case APPROVE -> Action.approve(ref(json), environment(json));
            case REJECT -> Action.reject(ref(json), environment(json));
            case WITHDRAW -> Action.withdraw(ref(json), environment(json));
            case PROMOTE -> Action.promote(ref(json), environment(json));
            case ROLLBACK -> Action.rollback(model(json), environment(json));
            case QUARANTINE -> Action.quarantine(ref(json), environment(json));
            case FALL_BACK ->
                Action.fallBack(
                        ref(json),
                        environment(json),
                        VersionNumber.of(Integer.parseInt(Entry.text(json, "value"))),
                        Entry.text(json, "name"));
            case SUSPEND -> Action.suspend(model(json), environment(json));
            case RESUME -> Action.resume(model(json), environment(json));
            case SET_ALIAS -> Action.setAlias(ref(json), Alias.of(Entry.text(json, "name")));
            case REMOVE_ALIAS -> Action.removeAlias(model(json), Alias.of(Entry.text(json, "name")));
            case SET_TAG ->
                json.has("version")
                        ? Action.setTag(ref(json), Entry.text(json, "name"), Entry.text(json, "value"))
                        : Action.setTag(model(json), Entry.text(json, "name"), Entry.text(json, "value"));
            case REMOVE_TAG ->
                json.has("version")
                        ? Action.removeTag(ref(json), Entry.text(json, "name"))
                        : Action.removeTag(model(json), Entry.text(json, "name"));
            case PROPOSE_POLICIES -> Action.proposePolicies(policies(json));
            case INSTALL_POLICIES -> Action.installPolicies(policies(json));
            case INSTALL_TRUST -> Action.installTrust(Math.toIntExact(Entry.number(json, "trust")));
            case GRANT_ROLE -> Action.grantRole(grantee(json), role(json));
            case REVOKE_ROLE -> Action.revokeRole(grantee(json), role(json));
            case TRANSITION -> Action.transition(ref(json), Entry.text(json, "name"));
            case ERASE -> Action.erase(LogPosition.of(Entry.number(json, "position")), Entry.text(json, "name"));
            case HOLD ->
                json.has("model")
                        ? Action.hold(Entry.text(json, "name"), model(json))
                        : Action.hold(Entry.text(json, "name"));
            case LIFT_HOLD -> Action.liftHold(Entry.text(json, "name"));
            case RECORD -> Action.record(model(json), environment(json));
            case EXPIRE_RECORDS ->
                Action.expireRecords(
                        model(json), LogPosition.of(Entry.number(json, "position")), Entry.text(json, "name"));
            case ALERT -> Action.alert(ref(json), environment(json));
            case ACKNOWLEDGE -> Action.acknowledge(ref(json), environment(json), Entry.text(json, "name"));
            case START_EXPERIMENT -> Action.startExperiment(ref(json), environment(json));
            case END_EXPERIMENT -> Action.endExperiment(ref(json), environment(json), Entry.text(json, "name"));
            case JUDGE -> Action.judge(ref(json), environment(json));
            case REQUEST_RETRAINING -> Action.requestRetraining(ref(json), environment(json), Entry.text(json, "name"));
            case READ -> json.has("model") ? Action.read(model(json)) : Action.readPolicies();
            case AUDIT -> Action.audit();
            case SERVE -> Action.serve(ref(json), environment(json));
            case COMMENT, OVERRIDE -> throw new IllegalArgumentException("'" + type.id() + "' is not asked for so");
        };
    }

    private static Digest policies(JsonNode json) {
        return Digest.parse(Entry.text(json, "policies"));
    }

    private static ModelName model(JsonNode json) {
        return ModelName.of(Entry.text(json, "model"));
    }

    private static ModelRef ref(JsonNode json) {
        return ModelRef.parse(Entry.text(json, "version"));
    }

    private static Environment environment(JsonNode json) {
        return Environment.of(Entry.text(json, "environment"));
    }

    private static Principal grantee(JsonNode json) {
        return Principal.parse(Entry.text(json, "grantee"));
    }

    private static Role role(JsonNode json) {
        return Role.of(Entry.text(json, "role"));
    }
}
