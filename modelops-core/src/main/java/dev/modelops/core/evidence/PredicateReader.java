package dev.modelops.core.evidence;

import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.core.internal.signing.Attested;
import dev.modelops.core.internal.signing.JsonMember;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the predicates of statements; members that are not known are passed over. */
final class PredicateReader {
    private static final int MAX_ITEMS = 10_000;
    private static final Set<String> APPROVAL =
            Set.of("log", "version", "environment", "verdict", "by", "policy", "evidence", "decidedOn", "reason");

    private PredicateReader() {}

    static Predicate read(Attested attested) {
        return read(attested.predicateType(), attested.predicate());
    }

    static Predicate read(String type, JsonMember predicate) {
        try {
            return switch (type) {
                case Predicate.Provenance.TYPE -> provenance(predicate);
                case Predicate.VerificationSummary.TYPE -> summary(predicate);
                case Predicate.TestResult.TYPE -> testResult(predicate);
                case Predicate.Release.TYPE ->
                    new Predicate.Release(
                            predicate.get("purl").text(), optional(predicate, "packageId", JsonMember::text));
                case Predicate.Approval.TYPE -> approval(predicate.onlyWith(APPROVAL));
                case Predicate.BillOfMaterials.TYPE ->
                    new Predicate.BillOfMaterials(CycloneDx.document(predicate.value()));
                default ->
                    throw new VerificationException(
                            Reason.UNSUPPORTED,
                            "attestation must be a provenance, a verification summary, a test result, a release, an"
                                    + " approval or a bill of materials, but has a predicate type that is not read"
                                    + " here");
            };
        } catch (IllegalArgumentException | DateTimeException e) {
            throw predicate.wrong("must be a " + type + ", but is not: " + e.getMessage());
        }
    }

    private static Predicate.Provenance provenance(JsonMember predicate) {
        JsonMember build = predicate.get("buildDefinition");
        JsonMember run = predicate.get("runDetails").object();
        JsonMember metadata = present(run, "metadata");
        return new Predicate.Provenance(
                build.object().get("buildType").text(),
                Parameters.read(build.get("externalParameters")),
                optional(build, "internalParameters", Parameters::read).orElse(Map.of()),
                resources(build, "resolvedDependencies"),
                run.get("builder").object().get("id").text(),
                optional(metadata, "invocationId", JsonMember::text),
                optional(metadata, "startedOn", PredicateReader::time),
                optional(metadata, "finishedOn", PredicateReader::time),
                resources(run, "byproducts"));
    }

    private static Predicate.VerificationSummary summary(JsonMember predicate) {
        return new Predicate.VerificationSummary(
                predicate.get("verifier").object().get("id").text(),
                time(predicate.get("timeVerified")),
                predicate.get("resourceUri").text(),
                resource(predicate.get("policy")),
                resources(predicate, "inputAttestations"),
                Outcome.valueOf(predicate.get("verificationResult").text()),
                texts(predicate, "verifiedLevels"),
                optional(predicate, "slsaVersion", JsonMember::text));
    }

    private static Predicate.TestResult testResult(JsonMember predicate) {
        var unused = predicate.get("configuration");
        return new Predicate.TestResult(
                Outcome.valueOf(predicate.get("result").text()),
                resources(predicate, "configuration"),
                texts(predicate, "passedTests"),
                texts(predicate, "warnedTests"),
                texts(predicate, "failedTests"));
    }

    /** Nothing is passed over here: what a person approves must be all that is there. */
    private static Predicate.Approval approval(JsonMember predicate) {
        Set<Digest> evidence = new LinkedHashSet<>();
        for (JsonMember item : predicate.get("evidence").items(0, MAX_ITEMS)) {
            if (!evidence.add(Digest.parse(item.text()))) {
                throw item.wrong("must be named once");
            }
        }
        return new Predicate.Approval(
                predicate.get("log").text(),
                ModelRef.parse(predicate.get("version").text()),
                Environment.of(predicate.get("environment").text()),
                dev.modelops.registry.Approval.Verdict.valueOf(
                        predicate.get("verdict").text()),
                Principal.parse(predicate.get("by").text()),
                Digest.parse(predicate.get("policy").text()),
                evidence,
                time(predicate.get("decidedOn")),
                optional(predicate, "reason", JsonMember::text));
    }

    private static Instant time(JsonMember member) {
        return Instant.parse(member.text());
    }

    private static List<Predicate.Resource> resources(JsonMember of, String name) {
        JsonMember list = present(of, name);
        return list == null
                ? List.of()
                : list.items(0, MAX_ITEMS).stream()
                        .map(PredicateReader::resource)
                        .toList();
    }

    private static Predicate.Resource resource(JsonMember member) {
        Map<String, String> digests = new TreeMap<>();
        JsonMember digest = present(member.object(), "digest");
        if (digest != null) {
            digest.object()
                    .value()
                    .fieldNames()
                    .forEachRemaining(name -> digests.put(name, digest.get(name).text()));
        }
        return new Predicate.Resource(
                optional(member, "name", JsonMember::text).orElse(""),
                optional(member, "uri", JsonMember::text).orElse(""),
                digests);
    }

    private static List<String> texts(JsonMember of, String name) {
        JsonMember list = present(of, name);
        return list == null
                ? List.of()
                : list.items(0, MAX_ITEMS).stream().map(JsonMember::text).toList();
    }

    private static <T> Optional<T> optional(@Nullable JsonMember of, String name, Function<JsonMember, T> read) {
        JsonMember member = of == null ? null : present(of.object(), name);
        return member == null ? Optional.empty() : Optional.of(read.apply(member));
    }

    /** Returns a member, or null: null and absent are the same in the JSON of protobuf. */
    private static @Nullable JsonMember present(JsonMember of, String name) {
        JsonMember member = of.find(name);
        return member == null || member.value().isNull() ? null : member;
    }
}
