package dev.modelops.core.evidence;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.signing.Attested;
import dev.modelops.core.internal.signing.FileManifest;
import dev.modelops.core.internal.signing.JsonMember;
import dev.modelops.registry.DataSet;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Bills of materials as CycloneDX 1.6 writes them in JSON, with their members in one order. */
final class CycloneDx {
    private static final String FORMAT = "CycloneDX";
    private static final String VERSION = "1.6";
    private static final String SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json";
    private static final String OURS = "modelops:";
    private static final String ARTIFACT = OURS + "artifact";
    private static final String MODEL = "machine-learning-model";
    private static final int MAX_PROPERTIES = 10_000;
    private static final JsonMapper JSON = new JsonMapper();

    private CycloneDx() {}

    /** Writes what is known of a version; {@link IllegalArgumentException} if the files are not those of the version. */
    static Bytes write(ModelVersion version, List<SignedFile> files, List<ModelVersion> ancestors) {
        requireFilesOf(version, files);
        requireAncestorsOf(version, ancestors);
        ObjectNode content = object();
        ObjectNode metadata = content.putObject("metadata");
        metadata.put("timestamp", version.registeredAt().toString());
        metadata.putObject("tools")
                .putArray("components")
                .addObject()
                .put("type", "application")
                .put("name", "ModelOps");
        metadata.set("component", component(version, files, ancestors));
        if (!version.dataSets().isEmpty()) {
            ArrayNode components = content.putArray("components");
            ObjectNode depends = content.putArray("dependencies").addObject();
            depends.put("ref", version.ref().toString());
            ArrayNode on = depends.putArray("dependsOn");
            for (int i = 0; i < version.dataSets().size(); i++) {
                components.add(dataSet(version.dataSets().get(i), reference(i)));
                on.add(reference(i));
            }
        }
        ObjectNode document = object();
        document.put("$schema", SCHEMA);
        document.put("bomFormat", FORMAT);
        document.put("specVersion", VERSION);
        document.put("serialNumber", serialNumber(content));
        document.put("version", 1);
        document.setAll(content);
        return bytes(document);
    }

    /**
     * Returns a document of any version of the format in the form it is kept in, without spaces;
     * {@link IllegalArgumentException} if it is none, or says of itself that it is of no model there could be.
     */
    static Bytes normal(Bytes document) {
        try {
            JsonMember read = read(document);
            if (!read.get("bomFormat").text().equals(FORMAT)) {
                throw read.get("bomFormat").wrong("must be " + FORMAT);
            }
            String version = read.get("specVersion").text();
            if (!version.matches("[0-9]{1,3}\\.[0-9]{1,3}")) {
                throw read.get("specVersion").wrong("must be a version such as " + VERSION);
            }
            var unused = artifact(read);
            return bytes(read.value());
        } catch (VerificationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Returns the digest of the model's content that a document names as its own, as those written here do. */
    static Optional<Digest> artifact(Bytes document) {
        return artifact(read(document));
    }

    /** Returns a document as a tree. */
    static JsonNode members(Bytes document) {
        return read(document).value();
    }

    /** Returns a tree as a document. */
    static Bytes document(JsonNode members) {
        return bytes(members);
    }

    private static JsonMember read(Bytes document) {
        return JsonMember.parse(Reason.INVALID_STATEMENT, "bill of materials", document, Attested.MAX_BYTES);
    }

    private static Optional<Digest> artifact(JsonMember document) {
        JsonMember metadata = document.find("metadata");
        JsonMember component = metadata == null ? null : metadata.object().find("component");
        JsonMember properties = component == null ? null : component.object().find("properties");
        if (properties == null) {
            return Optional.empty();
        }
        List<JsonMember> named = properties.items(0, MAX_PROPERTIES).stream()
                .filter(property -> property.object().has("name")
                        && property.get("name").text().equals(ARTIFACT))
                .toList();
        if (named.size() > 1) {
            throw properties.wrong("must have one " + ARTIFACT + " at most, but has " + named.size());
        }
        try {
            return named.stream()
                    .map(property -> Digest.parse(property.get("value").text()))
                    .findFirst();
        } catch (IllegalArgumentException e) {
            throw properties.wrong("must have a digest as " + ARTIFACT + ": " + e.getMessage());
        }
    }

    private static void requireFilesOf(ModelVersion version, List<SignedFile> files) {
        Digest root = FileManifest.rootOf(files);
        if (!root.equals(version.artifact())) {
            throw new IllegalArgumentException("files must be those of " + version.ref() + ", which are "
                    + version.artifact() + " together, but are " + root + "; take them from its signature");
        }
    }

    private static void requireAncestorsOf(ModelVersion version, List<ModelVersion> ancestors) {
        ModelVersion child = version;
        for (ModelVersion ancestor : ancestors) {
            if (!ancestor.ref().name().equals(child.ref().name())
                    || !child.parent().equals(Optional.of(ancestor.ref().version()))) {
                throw new IllegalArgumentException("ancestors must each be the parent of the one before, but "
                        + ancestor.ref() + " is not that of " + child.ref());
            }
            child = ancestor;
        }
    }

    private static ObjectNode component(ModelVersion version, List<SignedFile> files, List<ModelVersion> ancestors) {
        ObjectNode component = named(MODEL, version.ref().name().value())
                .put("bom-ref", version.ref().toString())
                .put("version", version.ref().version().toString());
        if (!version.description().isEmpty()) {
            component.put("description", version.description());
        }
        component.set("hashes", hashes(version.artifact()));
        component.put("purl", "pkg:generic/" + version.ref());
        pedigree(component, version, ancestors);
        component
                .putArray("externalReferences")
                .addObject()
                .put("type", "digital-signature")
                .put("url", "model.sig")
                .set("hashes", hashes(version.bundle()));
        ArrayNode contents = component.putArray("components");
        FileManifest.inOrder(files)
                .forEach(file -> contents.add(named("file", file.name()).set("hashes", hashes(file.digest()))));
        component.set("modelCard", modelCard(version));
        component.set("properties", properties(version));
        return component;
    }

    private static void pedigree(ObjectNode component, ModelVersion version, List<ModelVersion> ancestors) {
        if (version.parent().isEmpty() && version.codeCommit().isEmpty()) {
            return;
        }
        ObjectNode pedigree = component.putObject("pedigree");
        if (version.parent().isPresent()) {
            ArrayNode before = pedigree.putArray("ancestors");
            if (ancestors.isEmpty()) {
                before.add(named(MODEL, version.ref().name().value())
                        .put("version", version.parent().get().toString()));
            }
            for (ModelVersion ancestor : ancestors) {
                before.add(named(MODEL, ancestor.ref().name().value())
                        .put("version", ancestor.ref().version().toString())
                        .set("hashes", hashes(ancestor.artifact())));
            }
        }
        version.codeCommit()
                .ifPresent(commit -> pedigree.putArray("commits").addObject().put("uid", commit));
    }

    private static ObjectNode modelCard(ModelVersion version) {
        ObjectNode card = object();
        if (!version.dataSets().isEmpty()) {
            ArrayNode data = card.putObject("modelParameters").putArray("datasets");
            for (int i = 0; i < version.dataSets().size(); i++) {
                data.addObject().put("ref", reference(i));
            }
        }
        if (!version.metrics().isEmpty()) {
            ArrayNode metrics = card.putObject("quantitativeAnalysis").putArray("performanceMetrics");
            new TreeMap<>(version.metrics())
                    .forEach((name, value) ->
                            metrics.addObject().put("type", name).put("value", value.toString()));
        }
        if (!version.parameters().isEmpty()) {
            ArrayNode parameters = card.putArray("properties");
            new TreeMap<>(version.parameters())
                    .forEach((name, value) -> property(parameters, "parameter:" + name, value));
        }
        return card;
    }

    private static ArrayNode properties(ModelVersion version) {
        ArrayNode properties = JSON.createArrayNode();
        property(properties, "artifact", version.artifact());
        property(properties, "kind", version.kind());
        property(properties, "author", version.author());
        version.publisher().ifPresent(key -> property(properties, "publisher", key));
        version.source().ifPresent(source -> {
            property(properties, "source:log", source.origin());
            property(properties, "source:version", source.version());
            property(properties, "source:author", source.author());
        });
        new TreeMap<>(version.tags()).forEach((key, value) -> property(properties, "tag:" + key, value));
        return properties;
    }

    private static void property(ArrayNode properties, String name, Object value) {
        properties.addObject().put("name", OURS + name).put("value", value.toString());
    }

    private static ObjectNode dataSet(DataSet data, String reference) {
        ObjectNode component = named("data", data.name()).put("bom-ref", reference);
        component.set("hashes", hashes(data.digest()));
        component.putArray("data").addObject().put("type", "dataset").put("name", data.name());
        return component;
    }

    private static String reference(int dataSet) {
        return "data-set-" + (dataSet + 1);
    }

    private static ObjectNode named(String type, String name) {
        return object().put("type", type).put("name", name);
    }

    private static ArrayNode hashes(Digest digest) {
        String algorithm = switch (digest.algorithm()) {
            case "blake2b" -> "BLAKE2b-512";
            case "blake3" -> "BLAKE3";
            default -> "SHA-256";
        };
        ArrayNode hashes = JSON.createArrayNode();
        hashes.addObject().put("alg", algorithm).put("content", digest.toHex());
        return hashes;
    }

    /** A UUID of version 8 (RFC 9562): the beginning of a digest, so that what says the same has the same number. */
    private static String serialNumber(ObjectNode content) {
        byte[] id = Digest.sha256Of(bytes(content)).value().toByteArray();
        id[6] = (byte) (id[6] & 0x0f | 0x80);
        id[8] = (byte) (id[8] & 0x3f | 0x80);
        String hex = Bytes.of(id).toHex();
        return "urn:uuid:" + hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16) + "-"
                + hex.substring(16, 20) + "-" + hex.substring(20, 32);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static Bytes bytes(JsonNode document) {
        try {
            return Bytes.of(JSON.writeValueAsBytes(document));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a text in it must be valid Unicode, but is not: " + e.getMessage(), e);
        }
    }
}
