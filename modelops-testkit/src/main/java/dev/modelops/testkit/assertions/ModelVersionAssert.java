package dev.modelops.testkit.assertions;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.Signer;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.function.Predicate;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about a {@link ModelVersion}. */
public final class ModelVersionAssert extends AbstractAssert<ModelVersionAssert, ModelVersion> {
    ModelVersionAssert(@Nullable ModelVersion actual) {
        super(actual, ModelVersionAssert.class);
    }

    /**
     * Asserts which version it is.
     *
     * @param ref the model and number
     * @return this
     */
    public ModelVersionAssert hasRef(ModelRef ref) {
        return check("to be " + ref, version -> version.ref().equals(ref));
    }

    /**
     * Asserts the state in its life cycle.
     *
     * @param status the state, such as {@code active}
     * @return this
     */
    public ModelVersionAssert hasStatus(String status) {
        return check("to be " + status, version -> version.status().equals(status));
    }

    /**
     * Asserts who registered it.
     *
     * @param author the author
     * @return this
     */
    public ModelVersionAssert hasAuthor(Principal author) {
        return check("to have the author " + author, version -> version.author().equals(author));
    }

    /**
     * Asserts that it was signed by the key of a signer, and that the log trusts that key.
     *
     * @param signer the publisher
     * @return this
     */
    public ModelVersionAssert isSignedBy(Signer signer) {
        return isSignedBy(Digest.sha256Of(Bytes.of(signer.publicKey().getEncoded())));
    }

    /**
     * Asserts that it was signed by a key, and that the log trusts that key.
     *
     * @param key the SHA-256 digest of the key's SubjectPublicKeyInfo in DER
     * @return this
     */
    public ModelVersionAssert isSignedBy(Digest key) {
        return check("to be signed by " + key, version -> version.publisher().equals(Optional.of(key)));
    }

    /**
     * Asserts that the key that signed it is not one the log trusts.
     *
     * @return this
     */
    public ModelVersionAssert isSignedByUntrustedKey() {
        return check(
                "to be signed by a key that the log does not trust",
                version -> version.publisher().isEmpty());
    }

    /**
     * Asserts that a value was measured.
     *
     * @param name the name of the metric
     * @return this
     */
    public ModelVersionAssert hasMetric(String name) {
        return check(
                "to have the metric '" + name + "'",
                version -> version.metrics().containsKey(name));
    }

    /**
     * Asserts a measured value. Only the number counts, not how many zeros it ends with.
     *
     * @param name the name of the metric
     * @param decimal the value, such as {@code 0.807}
     * @return this
     */
    public ModelVersionAssert hasMetric(String name, String decimal) {
        BigDecimal expected = new BigDecimal(decimal);
        return check("to have the metric '" + name + "' at " + decimal, version -> {
            BigDecimal found = version.metrics().get(name);
            return found != null && found.compareTo(expected) == 0;
        });
    }

    /**
     * Asserts a label.
     *
     * @param key the key of the tag
     * @param value its value
     * @return this
     */
    public ModelVersionAssert hasTag(String key, String value) {
        return check(
                "to have the tag " + key + "=" + value,
                version -> value.equals(version.tags().get(key)));
    }

    private ModelVersionAssert check(String expected, Predicate<ModelVersion> condition) {
        isNotNull();
        if (!condition.test(actual)) {
            throw failure("%s", "expected the version " + expected + ", but it was " + Description.of(actual));
        }
        return this;
    }
}
