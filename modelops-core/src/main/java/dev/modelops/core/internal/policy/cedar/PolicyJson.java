package dev.modelops.core.internal.policy.cedar;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.Call;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.If;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.RecordOf;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * The Cedar JSON policy format: the members of a policy in a fixed order, policies and attributes sorted, no white space, so
 * that equal policy sets give equal documents.
 */
public final class PolicyJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator out;

    private PolicyJson(JsonGenerator out) {
        this.out = out;
    }

    /**
     * Reads a policy set.
     *
     * @throws IllegalArgumentException if the document is not a policy set that can be evaluated here; the message says
     *     where and why
     */
    public static CedarPolicySet read(String document) {
        return PolicyJsonReader.read(document);
    }

    /**
     * Reads one policy or template.
     *
     * @throws IllegalArgumentException if the document is not a policy; the message says where and why
     */
    public static CedarPolicy readPolicy(String document) {
        return PolicyJsonReader.readPolicy(document);
    }

    /** Writes a policy set. */
    public static String write(CedarPolicySet set) {
        return written(json -> json.policySet(set));
    }

    /** Writes one policy or template. */
    public static String write(CedarPolicy policy) {
        return written(json -> json.policy(policy));
    }

    private interface Writing {
        void to(PolicyJson json) throws IOException;
    }

    private static String written(Writing writing) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            writing.to(new PolicyJson(out));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    private void policySet(CedarPolicySet set) throws IOException {
        out.writeStartObject();
        policies("templates", set.templates());
        policies("staticPolicies", set.statics());
        out.writeArrayFieldStart("templateLinks");
        for (Map.Entry<String, TemplateLink> link : set.links().entrySet()) {
            out.writeStartObject();
            out.writeStringField("templateId", link.getValue().templateId());
            out.writeStringField("newId", link.getKey());
            out.writeObjectFieldStart("values");
            for (Map.Entry<Slot, EntityUid> value : link.getValue().values().entrySet()) {
                entity(value.getKey().cedarName(), value.getValue());
            }
            out.writeEndObject();
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private void policies(String name, SortedMap<String, CedarPolicy> policies) throws IOException {
        out.writeObjectFieldStart(name);
        for (Map.Entry<String, CedarPolicy> policy : policies.entrySet()) {
            out.writeFieldName(policy.getKey());
            policy(policy.getValue());
        }
        out.writeEndObject();
    }

    private void policy(CedarPolicy policy) throws IOException {
        out.writeStartObject();
        out.writeStringField("effect", policy.effect() == Effect.PERMIT ? "permit" : "forbid");
        scope("principal", policy.principal(), Slot.PRINCIPAL);
        scope("action", policy.action(), Slot.PRINCIPAL);
        scope("resource", policy.resource(), Slot.RESOURCE);
        out.writeObjectFieldStart("annotations");
        for (Map.Entry<String, String> annotation : policy.annotations().entrySet()) {
            out.writeStringField(annotation.getKey(), annotation.getValue());
        }
        out.writeEndObject();
        out.writeArrayFieldStart("conditions");
        for (Clause clause : policy.clauses()) {
            out.writeStartObject();
            out.writeStringField("kind", clause.kind() == Clause.Kind.WHEN ? "when" : "unless");
            expr("body", clause.body());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private void scope(String name, Scope scope, Slot slot) throws IOException {
        out.writeObjectFieldStart(name);
        if (scope instanceof Scope.All) {
            out.writeStringField("op", "All");
        } else if (scope instanceof Scope.Eq eq) {
            out.writeStringField("op", "==");
            entity("entity", eq.entity());
        } else if (scope instanceof Scope.In in) {
            out.writeStringField("op", "in");
            entity("entity", in.entity());
        } else if (scope instanceof Scope.InAny any) {
            out.writeStringField("op", "in");
            out.writeArrayFieldStart("entities");
            for (EntityUid uid : any.entities()) {
                entity(uid);
            }
            out.writeEndArray();
        } else if (scope instanceof Scope.Is is) {
            out.writeStringField("op", "is");
            out.writeStringField("entity_type", is.type());
        } else if (scope instanceof Scope.IsIn isIn) {
            out.writeStringField("op", "is");
            out.writeStringField("entity_type", isIn.type());
            out.writeObjectFieldStart("in");
            entity("entity", isIn.entity());
            out.writeEndObject();
        } else if (scope instanceof Scope.EqSlot) {
            out.writeStringField("op", "==");
            out.writeStringField("slot", slot.cedarName());
        } else if (scope instanceof Scope.InSlot) {
            out.writeStringField("op", "in");
            out.writeStringField("slot", slot.cedarName());
        } else if (scope instanceof Scope.IsInSlot isIn) {
            out.writeStringField("op", "is");
            out.writeStringField("entity_type", isIn.type());
            out.writeObjectFieldStart("in");
            out.writeStringField("slot", slot.cedarName());
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private void entity(String name, EntityUid uid) throws IOException {
        out.writeFieldName(name);
        entity(uid);
    }

    private void entity(EntityUid uid) throws IOException {
        out.writeStartObject();
        out.writeStringField("type", uid.type());
        out.writeStringField("id", uid.id());
        out.writeEndObject();
    }

    private void expr(String name, Expr expr) throws IOException {
        out.writeFieldName(name);
        expr(expr);
    }

    private void expr(Expr expr) throws IOException {
        out.writeStartObject();
        if (expr instanceof Literal literal) {
            out.writeFieldName("Value");
            value(literal.value());
        } else if (expr instanceof Var var) {
            out.writeStringField("Var", var.variable().cedarName());
        } else if (expr instanceof Unary unary) {
            out.writeObjectFieldStart(unary.operator().cedarName());
            expr("arg", unary.operand());
            out.writeEndObject();
        } else if (expr instanceof Binary binary) {
            out.writeObjectFieldStart(binary.operator().cedarName());
            expr("left", binary.left());
            expr("right", binary.right());
            out.writeEndObject();
        } else if (expr instanceof If choice) {
            out.writeObjectFieldStart("if-then-else");
            expr("if", choice.condition());
            expr("then", choice.then());
            expr("else", choice.otherwise());
            out.writeEndObject();
        } else if (expr instanceof GetAttr get) {
            attribute(".", get.of(), get.name());
        } else if (expr instanceof Has has) {
            attribute("has", has.of(), has.name());
        } else if (expr instanceof Like like) {
            like(like);
        } else if (expr instanceof Is is) {
            out.writeObjectFieldStart("is");
            expr("left", is.entity());
            out.writeStringField("entity_type", is.type());
            if (is.in() != null) {
                expr("in", is.in());
            }
            out.writeEndObject();
        } else if (expr instanceof SetOf set) {
            exprs("Set", set.elements());
        } else if (expr instanceof RecordOf record) {
            out.writeObjectFieldStart("Record");
            for (Map.Entry<String, Expr> attribute : record.attributes().entrySet()) {
                expr(attribute.getKey(), attribute.getValue());
            }
            out.writeEndObject();
        } else if (expr instanceof Call call) {
            exprs(call.function().cedarName(), call.arguments());
        }
        out.writeEndObject();
    }

    private void exprs(String name, List<Expr> exprs) throws IOException {
        out.writeArrayFieldStart(name);
        for (Expr expr : exprs) {
            expr(expr);
        }
        out.writeEndArray();
    }

    private void attribute(String operator, Expr of, String name) throws IOException {
        out.writeObjectFieldStart(operator);
        expr("left", of);
        out.writeStringField("attr", name);
        out.writeEndObject();
    }

    private void like(Like like) throws IOException {
        out.writeObjectFieldStart("like");
        expr("left", like.text());
        out.writeArrayFieldStart("pattern");
        List<String> texts = like.pattern().texts();
        for (int i = 0; i < texts.size(); i++) {
            if (i > 0) {
                out.writeString("Wildcard");
            }
            if (!texts.get(i).isEmpty()) {
                out.writeStartObject();
                out.writeStringField("Literal", texts.get(i));
                out.writeEndObject();
            }
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private void value(Value value) throws IOException {
        if (value instanceof BoolValue bool) {
            out.writeBoolean(bool.value());
        } else if (value instanceof LongValue number) {
            out.writeNumber(number.value());
        } else if (value instanceof StringValue text) {
            out.writeString(text.value());
        } else if (value instanceof EntityUid uid) {
            out.writeStartObject();
            entity("__entity", uid);
            out.writeEndObject();
        } else {
            throw new IllegalStateException("no literal: " + value.typeName());
        }
    }
}
