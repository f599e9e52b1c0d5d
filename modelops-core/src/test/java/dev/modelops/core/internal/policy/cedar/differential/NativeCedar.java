package dev.modelops.core.internal.policy.cedar.differential;

import com.cedarpolicy.model.exception.InternalException;
import com.cedarpolicy.model.policy.PolicySet;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The reference implementation of Cedar, in native code. It is called below its Java API, with JSON texts, because the API
 * would hide what is sent and costs several times as much.
 */
final class NativeCedar {
    private final Method callJson;
    private final Method cachePolicies;
    private final Method dropPolicies;
    private final Method cacheSchema;
    private final Method dropSchema;
    private final Method policiesToJson;
    private final Method policyToText;
    private final Method parsePolicies;
    private final Method schemaToJson;
    private final AtomicLong keys = new AtomicLong();

    private NativeCedar() throws ReflectiveOperationException {
        String engine = "com.cedarpolicy.BasicAuthorizationEngine";
        String policies = "com.cedarpolicy.model.policy.PolicySet";
        String schema = "com.cedarpolicy.model.schema.Schema";
        this.callJson = method(engine, "callCedarJNI", String.class, String.class);
        this.cachePolicies = method(policies, "preparsePolicySetJni", String.class, String.class);
        this.dropPolicies = method(policies, "removeCachedPolicySetJni", String.class);
        this.cacheSchema = method(schema, "preparseSchemaJni", String.class, String.class, boolean.class);
        this.dropSchema = method(schema, "removeCachedSchemaJni", String.class);
        this.policiesToJson = method(policies, "policySetToJson", String.class);
        this.policyToText = method("com.cedarpolicy.model.policy.Policy", "fromJsonJni", String.class);
        this.parsePolicies = method(policies, "parsePoliciesJni", String.class);
        this.schemaToJson = method(schema, "cedarToJsonJni", String.class);
    }

    private static Method method(String type, String name, Class<?>... parameters) throws ReflectiveOperationException {
        Method method = Class.forName(type).getDeclaredMethod(name, parameters);
        method.setAccessible(true);
        return method;
    }

    private static final class Loaded {
        private static final @Nullable NativeCedar ENGINE;
        private static final String PROBLEM;

        static {
            NativeCedar engine = null;
            String problem = "";
            try {
                engine = new NativeCedar();
            } catch (LinkageError | RuntimeException e) {
                problem = System.getProperty("os.name") + " " + System.getProperty("os.arch") + ": " + e;
            } catch (ReflectiveOperationException e) {
                throw new AssertionError("another version of cedar-java is on the class path", e);
            }
            ENGINE = engine;
            PROBLEM = problem;
        }
    }

    /** Returns the engine, null where its native library cannot be loaded. */
    static @Nullable NativeCedar orNull() {
        return Loaded.ENGINE;
    }

    /** Tells why the library cannot be loaded. */
    static String problem() {
        return Loaded.PROBLEM;
    }

    /** Something the engine refuses. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /** What the engine decides. */
    record Answer(boolean allows, Set<String> reasons, Set<String> errors) {}

    /** Policies that the engine keeps parsed until closed. */
    final class Policies implements AutoCloseable {
        private final String key;

        private Policies(String key) {
            this.key = key;
        }

        /** Decides a request without a schema; "entities" is among its members. */
        Answer decide(ObjectNode request) throws Refused {
            ObjectNode question = request.deepCopy();
            question.put("preparsedPolicySetId", key);
            question.putNull("preparsedSchemaName");
            question.put("validateRequest", false);
            return answer(ask("StatefulAuthorizationOperation", question));
        }

        @Override
        public void close() {
            try {
                invoke(dropPolicies, key);
            } catch (Refused e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Parses a policy set in the JSON form; its members may also be texts. */
    Policies parse(String policySet) throws Refused {
        String key = "policies-" + keys.incrementAndGet();
        invoke(cachePolicies, key, policySet);
        return new Policies(key);
    }

    /** Returns the JSON form of a policy set whose members may be texts. */
    JsonNode toJson(JsonNode policySet) throws Refused {
        return json(invoke(policiesToJson, policySet.toString()));
    }

    /** Returns the JSON form of policies and templates in a text, named by their order. */
    JsonNode parseText(String text) throws Refused {
        try {
            return json(((PolicySet) call(parsePolicies, text)).toJson());
        } catch (InternalException | JsonProcessingException e) {
            throw new Refused(String.valueOf(e.getMessage()));
        }
    }

    /** Returns the text of one static policy given in the JSON form. */
    String toText(JsonNode policy) throws Refused {
        return invoke(policyToText, policy.toString());
    }

    /** Refuses a schema text that has an error. */
    void checkSchema(String schema) throws Refused {
        String key = "schema-" + keys.incrementAndGet();
        invoke(cacheSchema, key, schema, true);
        invoke(dropSchema, key);
    }

    /** Returns the JSON form of a schema text. */
    String schemaToJson(String schema) throws Refused {
        return invoke(schemaToJson, schema);
    }

    /** Returns the ids of the policies that fail the strict validation against a schema text. */
    Set<String> invalid(JsonNode policySet, String schema) throws Refused {
        ObjectNode question = JsonNodeFactory.instance.objectNode();
        question.put("schema", schema);
        question.set("policies", policySet);
        Set<String> invalid = new TreeSet<>();
        ask("ValidateOperation", question)
                .path("validationErrors")
                .forEach(error -> invalid.add(error.path("policyId").asText()));
        return invalid;
    }

    /** Decides a request, checking it and its entities against a schema text. */
    Answer decide(JsonNode policySet, String schema, ObjectNode request) throws Refused {
        ObjectNode question = request.deepCopy();
        question.put("schema", schema);
        question.put("validateRequest", true);
        question.set("policies", policySet);
        return answer(ask("AuthorizationOperation", question));
    }

    private static Answer answer(JsonNode reply) {
        JsonNode response = reply.path("response");
        Set<String> reasons = new TreeSet<>();
        response.path("diagnostics").path("reason").forEach(reason -> reasons.add(reason.asText()));
        Set<String> errors = new TreeSet<>();
        response.path("diagnostics")
                .path("errors")
                .forEach(error -> errors.add(error.path("policyId").asText()));
        return new Answer(response.path("decision").asText().equals("allow"), reasons, errors);
    }

    private JsonNode ask(String operation, ObjectNode question) throws Refused {
        String text = invoke(callJson, operation, question.toString());
        if (!text.startsWith("{")) {
            throw new Refused(text);
        }
        JsonNode reply = json(text);
        if (!reply.path("type").asText().equals("success")) {
            throw new Refused(reply.toString());
        }
        return reply;
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    private static String invoke(Method method, Object... arguments) throws Refused {
        return String.valueOf(call(method, arguments));
    }

    private static Object call(Method method, Object... arguments) throws Refused {
        try {
            return method.invoke(null, arguments);
        } catch (InvocationTargetException e) {
            throw new Refused(String.valueOf(e.getCause()));
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
