package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Digest;
import dev.modelops.InvalidModelException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.signing.SignedBy;
import dev.modelops.registry.VersionSpec;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A version of another log, about to be recorded here: its entries are verified, what it names is stored.
 *
 * @param from what the other log says of it
 * @param pack the digest of the pack that it came in
 * @param publisher who signed it, whom this log trusts
 * @param judgedBy the version of the trust policy by which that was judged
 */
public record ImportedVersion(SourceEntries from, Digest pack, SignedBy publisher, int judgedBy) {
    /** A log is written by a library like this one, but whoever holds its keys can write anything into it. */
    static ObjectNode requireOrdinary(SourceEntries from) {
        ObjectNode claims;
        try {
            claims = from.claims();
            ObjectNode described = Json.object();
            Governor.describe(spec(claims), described);
            for (Map.Entry<String, JsonNode> member : described.properties()) {
                if (!member.getValue().equals(claims.get(member.getKey()))) {
                    throw new IllegalArgumentException("'" + member.getKey() + "' is not in the form that it has here");
                }
            }
            Set<String> documents = new HashSet<>();
            for (SourceEntries.Document document : from.documents()) {
                if (document.type().isBlank()
                        || document.type().length() > 256
                        || !documents.add(document.type() + " " + document.digest())) {
                    throw new IllegalArgumentException("evidence has no type, or is there twice");
                }
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidModelException(
                    from.version() + " of " + from.source().origin()
                            + " was not registered there as this release would register it: " + e.getMessage()
                            + "; it cannot be imported",
                    e);
        }
        return claims;
    }

    private static VersionSpec spec(ObjectNode claims) {
        VersionSpec spec = VersionSpec.of("any", Path.of(""))
                .kind(Entry.text(claims, "kind"))
                .description(Entry.text(claims, "description"));
        for (Map.Entry<String, JsonNode> metric : claims.path("metrics").properties()) {
            spec = spec.metric(metric.getKey(), metric.getValue().asText());
        }
        for (Map.Entry<String, JsonNode> parameter : claims.path("parameters").properties()) {
            spec = spec.parameter(parameter.getKey(), parameter.getValue().asText());
        }
        for (Map.Entry<String, JsonNode> tag : claims.path("tags").properties()) {
            spec = spec.tag(tag.getKey(), tag.getValue().asText());
        }
        for (JsonNode dataSet : claims.path("dataSets")) {
            spec = spec.dataSet(Entry.text(dataSet, "name"), Digest.parse(Entry.text(dataSet, "digest")));
        }
        return claims.has("codeCommit") ? spec.codeCommit(Entry.text(claims, "codeCommit")) : spec;
    }
}
