package dev.modelops.core.evidence;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.SignedFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a statement says about a model. */
public sealed interface Predicate {
    /** The URIs of the kinds of predicates there are. */
    Set<String> TYPES = Set.of(
            Provenance.TYPE,
            VerificationSummary.TYPE,
            TestResult.TYPE,
            Release.TYPE,
            Approval.TYPE,
            BillOfMaterials.TYPE);

    /**
     * Returns the URI of the kind of predicate.
     *
     * @return the predicate type
     */
    String type();

    /**
     * A document, data set, model or program that a statement refers to. It has at least one of name, address and digest.
     *
     * @param name what it is called; empty if that is not said
     * @param uri where it is to be found; empty if that is not said
     * @param digest digests of its content in hexadecimal, by algorithm; copied in
     */
    record Resource(String name, String uri, Map<String, String> digest) {
        /**
         * Creates a value.
         *
         * @param name what it is called; empty if that is not said
         * @param uri where it is to be found; empty if that is not said
         * @param digest digests of its content, by algorithm
         * @throws IllegalArgumentException if it has neither name, address nor digest
         */
        public Resource {
            digest = Map.copyOf(digest);
            if (name.isEmpty() && uri.isEmpty() && digest.isEmpty()) {
                throw new IllegalArgumentException("a resource must have a name, a URI or a digest, but has none");
            }
        }

        /**
         * Returns a resource known by its content.
         *
         * @param name what it is called
         * @param digest the digest of its content
         * @return the resource
         */
        public static Resource of(String name, Digest digest) {
            return new Resource(name, "", Map.of(digest.algorithm(), digest.toHex()));
        }

        /**
         * Returns this resource with an address.
         *
         * @param address where it is to be found
         * @return the changed copy
         */
        public Resource at(String address) {
            return new Resource(name, address, digest);
        }
    }

    /**
     * How a model was made: SLSA provenance v1. Parameters are strings, booleans, numbers, and lists and maps of these.
     *
     * @param buildType the URI of the way it was made, which says what the parameters mean
     * @param externalParameters what was chosen from outside; copied in
     * @param internalParameters what the builder set itself; copied in
     * @param resolvedDependencies data, base models, code and images that went in; copied in
     * @param builder the URI of who made it, and vouches for the rest
     * @param invocationId which run it was, if known
     * @param startedOn when the run began, if known
     * @param finishedOn when it ended, if known
     * @param byproducts what else came out; copied in
     */
    record Provenance(
            String buildType,
            Map<String, Object> externalParameters,
            Map<String, Object> internalParameters,
            List<Resource> resolvedDependencies,
            String builder,
            Optional<String> invocationId,
            Optional<Instant> startedOn,
            Optional<Instant> finishedOn,
            List<Resource> byproducts)
            implements Predicate {
        /** The predicate type. */
        public static final String TYPE = "https://slsa.dev/provenance/v1";

        /** The build type of a run in which a model was trained or converted. */
        public static final String TRAINING = "https://modelops.dev/training/v1";

        /**
         * Creates a value.
         *
         * @param buildType the URI of the way it was made
         * @param externalParameters what was chosen from outside
         * @param internalParameters what the builder set itself
         * @param resolvedDependencies what went in
         * @param builder the URI of who made it
         * @param invocationId which run it was
         * @param startedOn when the run began
         * @param finishedOn when it ended
         * @param byproducts what else came out
         * @throws IllegalArgumentException if build type or builder are empty, the run ended before it began, or a parameter
         *     is of another kind
         */
        public Provenance {
            requireText("build type", buildType);
            requireText("builder", builder);
            externalParameters = Parameters.copy(externalParameters);
            internalParameters = Parameters.copy(internalParameters);
            resolvedDependencies = List.copyOf(resolvedDependencies);
            byproducts = List.copyOf(byproducts);
            if (startedOn.isPresent()
                    && finishedOn.isPresent()
                    && finishedOn.get().isBefore(startedOn.get())) {
                throw new IllegalArgumentException(
                        "a run must end after it began, at " + startedOn.get() + ", but ended at " + finishedOn.get());
            }
        }

        /**
         * Returns a provenance that says only who and how.
         *
         * @param buildType the URI of the way it was made, such as {@link #TRAINING}
         * @param builder the URI of who made it
         * @return the provenance
         */
        public static Provenance of(String buildType, String builder) {
            return new Provenance(
                    buildType,
                    Map.of(),
                    Map.of(),
                    List.of(),
                    builder,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of());
        }

        /**
         * Sets the parameters that were chosen from outside.
         *
         * @param parameters the parameters
         * @return the changed copy
         */
        public Provenance externalParameters(Map<String, Object> parameters) {
            return new Provenance(
                    buildType,
                    parameters,
                    internalParameters,
                    resolvedDependencies,
                    builder,
                    invocationId,
                    startedOn,
                    finishedOn,
                    byproducts);
        }

        /**
         * Sets the parameters that the builder set itself.
         *
         * @param parameters the parameters
         * @return the changed copy
         */
        public Provenance internalParameters(Map<String, Object> parameters) {
            return new Provenance(
                    buildType,
                    externalParameters,
                    parameters,
                    resolvedDependencies,
                    builder,
                    invocationId,
                    startedOn,
                    finishedOn,
                    byproducts);
        }

        /**
         * Sets what went in.
         *
         * @param resources data, base models, code and images
         * @return the changed copy
         */
        public Provenance resolvedDependencies(Resource... resources) {
            return new Provenance(
                    buildType,
                    externalParameters,
                    internalParameters,
                    List.of(resources),
                    builder,
                    invocationId,
                    startedOn,
                    finishedOn,
                    byproducts);
        }

        /**
         * Sets which run it was.
         *
         * @param id what the builder calls the run
         * @param started when it began
         * @param finished when it ended
         * @return the changed copy
         */
        public Provenance invocation(String id, Instant started, Instant finished) {
            return new Provenance(
                    buildType,
                    externalParameters,
                    internalParameters,
                    resolvedDependencies,
                    builder,
                    Optional.of(id),
                    Optional.of(started),
                    Optional.of(finished),
                    byproducts);
        }

        /**
         * Sets what else came out.
         *
         * @param resources such as logs
         * @return the changed copy
         */
        public Provenance byproducts(Resource... resources) {
            return new Provenance(
                    buildType,
                    externalParameters,
                    internalParameters,
                    resolvedDependencies,
                    builder,
                    invocationId,
                    startedOn,
                    finishedOn,
                    List.of(resources));
        }

        @Override
        public String type() {
            return TYPE;
        }
    }

    /**
     * What a verifier found that looked at a model and its attestations: SLSA verification summary v1.
     *
     * @param verifier the URI of who verified
     * @param timeVerified when
     * @param resourceUri the address under which the model is meant to be used
     * @param policy the policy that was applied
     * @param inputAttestations the attestations that were looked at; copied in
     * @param result passed or failed
     * @param verifiedLevels the levels that were found to hold, such as {@code SLSA_BUILD_LEVEL_2}; copied in
     * @param slsaVersion the version of SLSA that these are of, if said
     */
    record VerificationSummary(
            String verifier,
            Instant timeVerified,
            String resourceUri,
            Resource policy,
            List<Resource> inputAttestations,
            Outcome result,
            List<String> verifiedLevels,
            Optional<String> slsaVersion)
            implements Predicate {
        /** The predicate type. */
        public static final String TYPE = "https://slsa.dev/verification_summary/v1";

        /**
         * Creates a value.
         *
         * @param verifier the URI of who verified
         * @param timeVerified when
         * @param resourceUri the address under which the model is meant to be used
         * @param policy the policy that was applied
         * @param inputAttestations the attestations that were looked at
         * @param result passed or failed
         * @param verifiedLevels the levels that were found to hold
         * @param slsaVersion the version of SLSA
         * @throws IllegalArgumentException if the verifier or the address is empty, or the result is a warning
         */
        public VerificationSummary {
            requireText("verifier", verifier);
            requireText("resource URI", resourceUri);
            inputAttestations = List.copyOf(inputAttestations);
            verifiedLevels = List.copyOf(verifiedLevels);
            if (result == Outcome.WARNED) {
                throw new IllegalArgumentException("a verification must have PASSED or FAILED, but has " + result);
            }
        }

        @Override
        public String type() {
            return TYPE;
        }
    }

    /**
     * How tests of a model came out: in-toto test result v0.1.
     *
     * @param result how they came out as a whole; a test that failed lets the whole fail
     * @param configuration what they were run with, such as test data and code; copied in
     * @param passedTests the tests that passed; copied in
     * @param warnedTests the tests that passed with a warning; copied in
     * @param failedTests the tests that failed; copied in
     */
    record TestResult(
            Outcome result,
            List<Resource> configuration,
            List<String> passedTests,
            List<String> warnedTests,
            List<String> failedTests)
            implements Predicate {
        /** The predicate type. */
        public static final String TYPE = "https://in-toto.io/attestation/test-result/v0.1";

        /**
         * Creates a value.
         *
         * @param result how they came out as a whole
         * @param configuration what they were run with
         * @param passedTests the tests that passed
         * @param warnedTests the tests that passed with a warning
         * @param failedTests the tests that failed
         * @throws IllegalArgumentException if tests failed and the whole did not
         */
        public TestResult {
            configuration = List.copyOf(configuration);
            passedTests = List.copyOf(passedTests);
            warnedTests = List.copyOf(warnedTests);
            failedTests = List.copyOf(failedTests);
            if (result != Outcome.FAILED && !failedTests.isEmpty()) {
                throw new IllegalArgumentException("a result must be FAILED where a test failed, but is " + result
                        + " with " + failedTests.size() + " failed");
            }
        }

        @Override
        public String type() {
            return TYPE;
        }
    }

    /**
     * That a model was released under a name: in-toto release, as of version 0.2 of its specification.
     *
     * @param purl the package URL, with a version
     * @param packageId what names the package whatever its version, if there is such a thing
     */
    record Release(String purl, Optional<String> packageId) implements Predicate {
        /** The predicate type. */
        public static final String TYPE = "https://in-toto.io/attestation/release/v0.1";

        /**
         * Creates a value.
         *
         * @param purl the package URL
         * @param packageId what names the package whatever its version
         * @throws IllegalArgumentException if it is not a package URL with a version
         */
        public Release {
            if (!purl.matches("pkg:[A-Za-z0-9.+-]+/[^@\\s]+@[^@\\s]+")) {
                throw new IllegalArgumentException(
                        "purl must be like pkg:generic/credit-risk@3, with a version, but was '" + purl + "'");
            }
        }

        @Override
        public String type() {
            return TYPE;
        }
    }

    /**
     * A person's judgement of a version for an environment, signed by that person's own key. It holds for one version in one
     * log and one environment, under one policy set and for the evidence that it names: nowhere else.
     *
     * @param log the identity of the log ({@link dev.modelops.Genesis#origin})
     * @param version the version in that log
     * @param environment where it may or may not serve
     * @param verdict approved or rejected
     * @param by who judged
     * @param policy the digest of the policy set in force
     * @param evidence the digests of the evidence that was seen; copied in
     * @param decidedOn when
     * @param reason why, if a reason is given; none in what {@link dev.modelops.policy.Action#signed} takes, for it could
     *     not be erased
     */
    record Approval(
            String log,
            ModelRef version,
            Environment environment,
            dev.modelops.registry.Approval.Verdict verdict,
            Principal by,
            Digest policy,
            Set<Digest> evidence,
            Instant decidedOn,
            Optional<String> reason)
            implements Predicate {
        /** The predicate type. */
        public static final String TYPE = "https://modelops.dev/approval/v1";

        /**
         * Creates a value.
         *
         * @param log the identity of the log
         * @param version the version in that log
         * @param environment where it may or may not serve
         * @param verdict approved or rejected
         * @param by who judged
         * @param policy the digest of the policy set in force
         * @param evidence the digests of the evidence that was seen
         * @param decidedOn when
         * @param reason why
         * @throws IllegalArgumentException if the log is empty
         */
        public Approval {
            requireText("log", log);
            evidence = Set.copyOf(evidence);
        }

        /**
         * Returns the JSON Schema (2020-12) of the predicate.
         *
         * @return the schema
         */
        public static String schema() {
            try (InputStream in = Approval.class.getResourceAsStream("approval-v1.schema.json")) {
                if (in == null) {
                    throw new IllegalStateException("the schema of approvals is not in this module");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException("the schema of approvals could not be read", e);
            }
        }

        @Override
        public String type() {
            return TYPE;
        }
    }

    /**
     * What a model is made of: a CycloneDX document in JSON. Written here is version 1.6, with the model as a component that
     * has its files, its model card, where it comes from and the data sets that it was made from; read is any version.
     *
     * @param document the document, kept without spaces between its members
     */
    record BillOfMaterials(Bytes document) implements Predicate {
        /** The predicate type. */
        public static final String TYPE = "https://cyclonedx.org/bom";

        /**
         * Takes a document of this or another tool.
         *
         * @param document the document
         * @throws IllegalArgumentException if it is no CycloneDX document in JSON
         */
        public BillOfMaterials {
            document = CycloneDx.normal(document);
        }

        /**
         * Writes what is known of a registered version. Equal versions have equal documents: the time in it is that of the
         * registration, and the serial number follows from what it says.
         *
         * <p>The hash of the model is its root digest, which the statement about it has as its subject too. What has no place
         * in the format are properties: {@code modelops:artifact}, {@code :kind}, {@code :author}, {@code :publisher},
         * {@code :tag:<key>}, {@code :source:log}, {@code :source:version} and {@code :source:author} of the component, and
         * {@code modelops:parameter:<name>} of the model card.
         *
         * @param version the version
         * @param files its files, as in its signature ({@link dev.modelops.core.signing.SignatureClaims#resources} or a
         *     verification)
         * @param ancestors the version that it was made from, then that version's own, as far as they are known
         * @return the bill of materials
         * @throws IllegalArgumentException if the files are not those of the version, or an ancestor is none
         */
        public static BillOfMaterials of(ModelVersion version, List<SignedFile> files, List<ModelVersion> ancestors) {
            return new BillOfMaterials(CycloneDx.write(version, files, ancestors));
        }

        /**
         * Returns the root digest of the model that the document names as its own.
         *
         * @return the property {@code modelops:artifact} of the component it describes; empty in those of other tools
         */
        public Optional<Digest> artifact() {
            return CycloneDx.artifact(document);
        }

        @Override
        public String type() {
            return TYPE;
        }
    }

    private static void requireText(String what, String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException(what + " must not be empty");
        }
    }
}
