package dev.modelops.core.evidence;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Writes predicates, with their members in one order. */
record PredicateWriter(Predicate predicate) {
    void write(JsonGenerator json) throws IOException {
        if (predicate instanceof Predicate.Provenance provenance) {
            write(json, provenance);
        } else if (predicate instanceof Predicate.VerificationSummary summary) {
            write(json, summary);
        } else if (predicate instanceof Predicate.TestResult result) {
            write(json, result);
        } else if (predicate instanceof Predicate.Release release) {
            json.writeStringField("purl", release.purl());
            text(json, "packageId", release.packageId());
        } else if (predicate instanceof Predicate.Approval approval) {
            write(json, approval);
        } else if (predicate instanceof Predicate.BillOfMaterials bill) {
            members(json, CycloneDx.members(bill.document()));
        }
    }

    /** Writes the members of an object as they stand. */
    static void members(JsonGenerator json, JsonNode object) throws IOException {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            json.writeFieldName(member.getKey());
            json.writeTree(member.getValue());
        }
    }

    private static void write(JsonGenerator json, Predicate.Provenance provenance) throws IOException {
        json.writeObjectFieldStart("buildDefinition");
        json.writeStringField("buildType", provenance.buildType());
        json.writeFieldName("externalParameters");
        Parameters.write(json, provenance.externalParameters());
        if (!provenance.internalParameters().isEmpty()) {
            json.writeFieldName("internalParameters");
            Parameters.write(json, provenance.internalParameters());
        }
        resources(json, "resolvedDependencies", provenance.resolvedDependencies());
        json.writeEndObject();
        json.writeObjectFieldStart("runDetails");
        json.writeObjectFieldStart("builder");
        json.writeStringField("id", provenance.builder());
        json.writeEndObject();
        json.writeObjectFieldStart("metadata");
        text(json, "invocationId", provenance.invocationId());
        text(json, "startedOn", provenance.startedOn().map(Instant::toString));
        text(json, "finishedOn", provenance.finishedOn().map(Instant::toString));
        json.writeEndObject();
        resources(json, "byproducts", provenance.byproducts());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Predicate.VerificationSummary summary) throws IOException {
        json.writeObjectFieldStart("verifier");
        json.writeStringField("id", summary.verifier());
        json.writeEndObject();
        json.writeStringField("timeVerified", summary.timeVerified().toString());
        json.writeStringField("resourceUri", summary.resourceUri());
        json.writeFieldName("policy");
        resource(json, summary.policy());
        resources(json, "inputAttestations", summary.inputAttestations());
        json.writeStringField("verificationResult", summary.result().name());
        texts(json, "verifiedLevels", summary.verifiedLevels());
        text(json, "slsaVersion", summary.slsaVersion());
    }

    private static void write(JsonGenerator json, Predicate.TestResult result) throws IOException {
        json.writeStringField("result", result.result().name());
        resources(json, "configuration", result.configuration());
        texts(json, "passedTests", result.passedTests());
        texts(json, "warnedTests", result.warnedTests());
        texts(json, "failedTests", result.failedTests());
    }

    private static void write(JsonGenerator json, Predicate.Approval approval) throws IOException {
        json.writeStringField("log", approval.log());
        json.writeStringField("version", approval.version().toString());
        json.writeStringField("environment", approval.environment().value());
        json.writeStringField("verdict", approval.verdict().name());
        json.writeStringField("by", approval.by().toString());
        json.writeStringField("policy", approval.policy().toString());
        texts(
                json,
                "evidence",
                approval.evidence().stream().map(Digest::toString).sorted().toList());
        json.writeStringField("decidedOn", approval.decidedOn().toString());
        text(json, "reason", approval.reason());
    }

    private static void text(JsonGenerator json, String name, Optional<String> text) throws IOException {
        if (text.isPresent()) {
            json.writeStringField(name, text.get());
        }
    }

    private static void texts(JsonGenerator json, String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    private static void resources(JsonGenerator json, String name, List<Predicate.Resource> resources)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (Predicate.Resource resource : resources) {
            resource(json, resource);
        }
        json.writeEndArray();
    }

    private static void resource(JsonGenerator json, Predicate.Resource resource) throws IOException {
        json.writeStartObject();
        if (!resource.name().isEmpty()) {
            json.writeStringField("name", resource.name());
        }
        if (!resource.uri().isEmpty()) {
            json.writeStringField("uri", resource.uri());
        }
        if (!resource.digest().isEmpty()) {
            json.writeObjectFieldStart("digest");
            for (Map.Entry<String, String> digest : new TreeMap<>(resource.digest()).entrySet()) {
                json.writeStringField(digest.getKey(), digest.getValue());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }
}
