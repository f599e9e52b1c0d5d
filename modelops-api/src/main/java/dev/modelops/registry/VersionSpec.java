package dev.modelops.registry;

import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.Progress;
import dev.modelops.VersionNumber;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A version to be registered: files and what is known about them. Immutable; every method that sets something returns a
 * changed copy. All text together must fit an entry of the log, 65,535 bytes.
 */
public final class VersionSpec {
    private final ModelName model;
    private final Path files;
    private String kind = "model";
    private String description = "";
    private Map<String, BigDecimal> metrics = Map.of();
    private Map<String, String> parameters = Map.of();
    private Map<String, String> tags = Map.of();
    private List<DataSet> dataSets = List.of();
    private @Nullable VersionNumber parent;
    private @Nullable LogPosition answers;
    private @Nullable VersionNumber number;
    private @Nullable String codeCommit;
    private @Nullable Bytes bundle;
    private @Nullable CommandId commandId;
    private Progress progress = Progress.NONE;

    private VersionSpec(ModelName model, Path files) {
        this.model = model;
        this.files = files;
    }

    private VersionSpec(VersionSpec from) {
        this(from.model, from.files);
        this.kind = from.kind;
        this.description = from.description;
        this.metrics = from.metrics;
        this.parameters = from.parameters;
        this.tags = from.tags;
        this.dataSets = from.dataSets;
        this.parent = from.parent;
        this.answers = from.answers;
        this.number = from.number;
        this.codeCommit = from.codeCommit;
        this.bundle = from.bundle;
        this.commandId = from.commandId;
        this.progress = from.progress;
    }

    /**
     * Returns the specification of a version made of the given files and nothing else.
     *
     * @param model the model's name
     * @param files a folder, with all that is in it, or a single file
     * @return the specification
     * @throws IllegalArgumentException if the name is not valid
     */
    public static VersionSpec of(String model, Path files) {
        return new VersionSpec(ModelName.of(model), files);
    }

    /**
     * Sets the kind of model, such as {@code classifier}, {@code decision-table} or {@code prompt}; {@code model} by
     * default.
     *
     * @param value 1 to 128 characters
     * @return the changed copy
     */
    public VersionSpec kind(String value) {
        VersionSpec copy = new VersionSpec(this);
        copy.kind = text("kind", value, 1, 128);
        return copy;
    }

    /**
     * Sets the description for people.
     *
     * @param value at most 4,000 characters
     * @return the changed copy
     */
    public VersionSpec description(String value) {
        VersionSpec copy = new VersionSpec(this);
        copy.description = text("description", value, 0, 4000);
        return copy;
    }

    /**
     * Adds a measured value.
     *
     * @param name 1 to 128 characters
     * @param value the value
     * @return the changed copy
     */
    public VersionSpec metric(String name, BigDecimal value) {
        VersionSpec copy = new VersionSpec(this);
        copy.metrics = with(metrics, text("metric name", name, 1, 128), value);
        return copy;
    }

    /**
     * Adds a measured value.
     *
     * @param name 1 to 128 characters
     * @param decimal the value in decimal digits, such as {@code 0.807}
     * @return the changed copy
     * @throws IllegalArgumentException if the text is not a decimal number
     */
    public VersionSpec metric(String name, String decimal) {
        try {
            return metric(name, new BigDecimal(decimal));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "metric '" + name + "' must be a decimal number, but was '" + decimal + "'", e);
        }
    }

    /**
     * Adds a parameter of the making, such as a learning rate.
     *
     * @param name 1 to 128 characters
     * @param value at most 1,000 characters
     * @return the changed copy
     */
    public VersionSpec parameter(String name, String value) {
        VersionSpec copy = new VersionSpec(this);
        copy.parameters = with(parameters, text("parameter name", name, 1, 128), text("parameter", value, 0, 1000));
        return copy;
    }

    /**
     * Adds a tag. Unlike all else, tags may be changed later.
     *
     * @param key 1 to 128 characters
     * @param value at most 1,000 characters
     * @return the changed copy
     */
    public VersionSpec tag(String key, String value) {
        VersionSpec copy = new VersionSpec(this);
        copy.tags = with(tags, text("tag key", key, 1, 128), text("tag", value, 0, 1000));
        return copy;
    }

    /**
     * Sets the version of the same model that this one was made from.
     *
     * @param version an existing version
     * @return the changed copy
     */
    public VersionSpec parent(VersionNumber version) {
        VersionSpec copy = new VersionSpec(this);
        copy.parent = version;
        return copy;
    }

    /**
     * Returns the spec with the request to train anew that the version answers: one of this model, which no other version
     * has answered.
     *
     * @param request the position of the request
     * @return a new spec
     */
    public VersionSpec answering(LogPosition request) {
        VersionSpec copy = new VersionSpec(this);
        copy.answers = request;
        return copy;
    }

    /**
     * Adds a data set that the version was made from.
     *
     * @param name what people call it
     * @param digest the digest of its content
     * @return the changed copy
     */
    public VersionSpec dataSet(String name, Digest digest) {
        VersionSpec copy = new VersionSpec(this);
        List<DataSet> list = new ArrayList<>(dataSets);
        list.add(new DataSet(name, digest));
        copy.dataSets = List.copyOf(list);
        return copy;
    }

    /**
     * Sets the commit of the code that made the version.
     *
     * @param value 1 to 256 characters
     * @return the changed copy
     */
    public VersionSpec codeCommit(String value) {
        VersionSpec copy = new VersionSpec(this);
        copy.codeCommit = text("code commit", value, 1, 256);
        return copy;
    }

    /**
     * Demands a version number. If that version exists with the same content it is returned, and nothing is registered;
     * with other content, or if the number is not the next one, registration fails with
     * {@link dev.modelops.VersionConflictException}. Without it, the next number is taken.
     *
     * @param value the number
     * @return the changed copy
     */
    public VersionSpec number(VersionNumber value) {
        VersionSpec copy = new VersionSpec(this);
        copy.number = value;
        return copy;
    }

    /**
     * Sets a signature that was made elsewhere, typically where the model was built. Without it the library signs with
     * the publisher key that the log was opened with.
     *
     * @param value the content of an OpenSSF Model Signing bundle over the files
     * @return the changed copy
     */
    public VersionSpec bundle(Bytes value) {
        VersionSpec copy = new VersionSpec(this);
        copy.bundle = value;
        return copy;
    }

    /**
     * Sets an identity for the act, so that a retry is recognised.
     *
     * @param id the identity
     * @return the changed copy
     */
    public VersionSpec as(CommandId id) {
        VersionSpec copy = new VersionSpec(this);
        copy.commandId = id;
        return copy;
    }

    /**
     * Sets who follows the hashing and storing of the files.
     *
     * @param listener told of bytes done
     * @return the changed copy
     */
    public VersionSpec progress(Progress listener) {
        VersionSpec copy = new VersionSpec(this);
        copy.progress = listener;
        return copy;
    }

    /**
     * Returns the model's name.
     *
     * @return the name
     */
    public ModelName model() {
        return model;
    }

    /**
     * Returns where the files are.
     *
     * @return a folder or a file
     */
    public Path files() {
        return files;
    }

    /**
     * Returns the kind of model.
     *
     * @return the kind
     */
    public String kind() {
        return kind;
    }

    /**
     * Returns the description.
     *
     * @return the text, empty if none was set
     */
    public String description() {
        return description;
    }

    /**
     * Returns the measured values.
     *
     * @return values by name
     */
    public Map<String, BigDecimal> metrics() {
        return metrics;
    }

    /**
     * Returns the parameters.
     *
     * @return values by name
     */
    public Map<String, String> parameters() {
        return parameters;
    }

    /**
     * Returns the tags.
     *
     * @return values by key
     */
    public Map<String, String> tags() {
        return tags;
    }

    /**
     * Returns the request to train anew that the version answers.
     *
     * @return the position of the request, or empty
     */
    public Optional<LogPosition> answers() {
        return Optional.ofNullable(answers);
    }

    /**
     * Returns the data sets.
     *
     * @return the references
     */
    public List<DataSet> dataSets() {
        return dataSets;
    }

    /**
     * Returns the parent version.
     *
     * @return the number, if one was set
     */
    public Optional<VersionNumber> parent() {
        return Optional.ofNullable(parent);
    }

    /**
     * Returns the demanded number.
     *
     * @return the number, if one was set
     */
    public Optional<VersionNumber> number() {
        return Optional.ofNullable(number);
    }

    /**
     * Returns the code commit.
     *
     * @return the commit, if one was set
     */
    public Optional<String> codeCommit() {
        return Optional.ofNullable(codeCommit);
    }

    /**
     * Returns the signature made elsewhere.
     *
     * @return the bundle, if one was set
     */
    public Optional<Bytes> bundle() {
        return Optional.ofNullable(bundle);
    }

    /**
     * Returns the identity of the act.
     *
     * @return the identity, if one was set
     */
    public Optional<CommandId> commandId() {
        return Optional.ofNullable(commandId);
    }

    /**
     * Returns who follows the work.
     *
     * @return the listener
     */
    public Progress progress() {
        return progress;
    }

    private static String text(String what, String value, int least, int most) {
        if (value.length() < least || value.length() > most || value.isBlank() && least > 0) {
            throw new IllegalArgumentException(
                    what + " must have " + least + " to " + most + " characters, but was '" + value + "'");
        }
        return value;
    }

    private static <V> Map<String, V> with(Map<String, V> map, String key, V value) {
        Map<String, V> changed = new LinkedHashMap<>(map);
        changed.put(key, value);
        return Map.copyOf(changed);
    }
}
