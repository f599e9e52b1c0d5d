package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Progress;
import dev.modelops.signing.Signer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Set;
import java.util.function.Consumer;

/** Models on disk and bundles to be tampered with. */
final class Models {
    static final ObjectMapper JSON = new ObjectMapper();

    private Models() {}

    static Path file(Path folder, String name, String content) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder with a few files. */
    static Path folder(Path parent) {
        Path model = parent.resolve("model");
        file(model, "weights.bin", "weights");
        file(model, "config.json", "{}");
        file(model, "sub/tokenizer.txt", "tokens");
        return model;
    }

    static FileManifest hash(Path model, Path... leaveOut) {
        return FileManifest.hash(model, Set.of(leaveOut), Progress.NONE, 2);
    }

    static FileManifest hash(Path model, Serialization serialization) {
        return FileManifest.hash(
                model,
                FileManifest.Scan.toSign(Set.of(), true, FileManifest.Links.REFUSED, serialization),
                Progress.NONE,
                2);
    }

    static Bytes sign(Path model, Signer signer) {
        return Bundle.sign(hash(model), signer);
    }

    /** Changes the envelope without signing it again. */
    static Bytes edited(Bytes bundle, Consumer<ObjectNode> edit) {
        try {
            ObjectNode root = (ObjectNode) JSON.readTree(bundle.toByteArray());
            edit.accept(root);
            return Bytes.of(JSON.writeValueAsBytes(root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ObjectNode statement(Bytes bundle) {
        try {
            return (ObjectNode) JSON.readTree(Bundle.parse(bundle).payload().toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes the statement and signs it again, as a hostile or careless but trusted publisher would. */
    static Bytes restated(Bytes bundle, Signer signer, Consumer<ObjectNode> edit) {
        ObjectNode statement = statement(bundle);
        edit.accept(statement);
        return resigned(bundle, signer, Dsse.IN_TOTO, Bytes.ofUtf8(statement.toString()));
    }

    static Bytes resigned(Bytes bundle, Signer signer, String payloadType, Bytes payload) {
        Bytes signature = signer.sign(Bytes.of(Dsse.encode(payloadType, payload.toByteArray())));
        return edited(bundle, root -> {
            ObjectNode envelope = (ObjectNode) root.get("dsseEnvelope");
            envelope.put("payload", payload.toBase64());
            envelope.put("payloadType", payloadType);
            ((ObjectNode) envelope.at("/signatures/0")).put("sig", signature.toBase64());
        });
    }

    static ArrayNode resources(ObjectNode statement) {
        return (ArrayNode) statement.at("/predicate/resources");
    }

    static ObjectNode serialization(ObjectNode statement) {
        return (ObjectNode) statement.at("/predicate/serialization");
    }

    /** Sets the subject's digest to what the resources, as they stand, hash to. */
    static void fixRoot(ObjectNode statement) {
        MessageDigest sha256 = dev.modelops.core.internal.crypto.Crypto.sha256();
        for (JsonNode resource : resources(statement)) {
            sha256.update(Bytes.parseHex(resource.get("digest").asText()).toByteArray());
        }
        ((ObjectNode) statement.at("/subject/0/digest"))
                .put("sha256", Digest.sha256(sha256.digest()).toHex());
    }

    static Bytes rawSignature(Bytes bundle, byte[] signature) {
        return edited(
                bundle,
                root -> ((ObjectNode) root.at("/dsseEnvelope/signatures/0"))
                        .put("sig", Base64.getEncoder().encodeToString(signature)));
    }
}
