package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/** Reads and writes the in-toto statement inside a model signature. */
final class Statement {
    static final String TYPE = "https://in-toto.io/Statement/v1";
    static final String PREDICATE = "https://model_signing/signature/v1.0";

    private static final String OLD_PREDICATES = "https://model_signing/";
    private static final int MAX_IGNORED = 10_000;
    private static final int SHA256_DIGITS = 64;

    private Statement() {}

    static Bytes write(FileManifest manifest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonMapper().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("_type", TYPE);
            json.writeArrayFieldStart("subject");
            json.writeStartObject();
            json.writeStringField("name", manifest.subjectName());
            json.writeObjectFieldStart("digest");
            json.writeStringField("sha256", manifest.root().toHex());
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndArray();
            json.writeStringField("predicateType", PREDICATE);
            json.writeObjectFieldStart("predicate");
            json.writeArrayFieldStart("resources");
            for (FileEntry file : manifest.files()) {
                json.writeStartObject();
                json.writeStringField("name", file.name());
                json.writeStringField("digest", file.digest().toHex());
                json.writeStringField("algorithm", "sha256");
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeObjectFieldStart("serialization");
            json.writeStringField("method", "files");
            json.writeStringField("hash_type", "sha256");
            json.writeBooleanField("allow_symlinks", false);
            json.writeArrayFieldStart("ignore_paths");
            for (String path : manifest.ignorePaths()) {
                json.writeString(path);
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array cannot fail to be written", e);
        }
        return Bytes.of(out.toByteArray());
    }

    /** Reads the statement of a bundle. Says nothing about who made it. */
    static UnauthenticatedStatement read(Bundle bundle) {
        if (!bundle.payloadType().equals(Dsse.IN_TOTO)) {
            throw invalid("payload type must be " + Dsse.IN_TOTO + ", but is " + Names.quote(bundle.payloadType()));
        }
        JsonMember root = parse(bundle);
        requireType(root);
        root.onlyWith(Set.of("_type", "subject", "predicateType", "predicate"));
        JsonMember subject = root.get("subject").items(1, 1).get(0).object();
        String subjectName = subject.get("name").text();
        if (subjectName.isEmpty()) {
            throw subject.wrong("must have a name that is not empty");
        }
        Digest subjectDigest = digest(subject.get("digest").object().get("sha256"));
        JsonMember predicate = root.get("predicate").onlyWith(Set.of("resources", "serialization"));
        JsonMember serialization = predicate.get("serialization");
        requireSupported(serialization);

        List<Note> notes = new ArrayList<>(bundle.notes());
        boolean allowSymlinks = serialization.get("allow_symlinks").flag();
        if (allowSymlinks) {
            notes.add(new Note(Note.Code.SYMLINKS_ALLOWED, "the publisher allowed symbolic links"));
        }
        List<SignedFile> listed = resources(predicate.get("resources"));
        Digest listedRoot =
                FileManifest.root(listed.stream().map(SignedFile::digest).toList());
        if (!listedRoot.equals(subjectDigest)) {
            throw subject.wrong("must have the digest of the listed resources, which is " + listedRoot.toHex()
                    + ", but has " + subjectDigest.toHex());
        }
        if (listed.get(0).name().equals(".")) {
            notes.add(new Note(
                    Note.Code.SINGLE_FILE_AS_DOT, "the single file is listed as '.' instead of by its name"));
        }
        List<SignedFile> files = listed.stream()
                .sorted(Comparator.comparing(SignedFile::name, Names.ORDER))
                .toList();
        if (!files.equals(listed)) {
            notes.add(new Note(Note.Code.RESOURCE_ORDER, "resources are not in the order of their names"));
        }
        return new UnauthenticatedStatement(
                FileManifest.root(files.stream().map(SignedFile::digest).toList()),
                subjectDigest,
                subjectName,
                files,
                notes,
                allowSymlinks,
                ignorePaths(serialization, files));
    }

    /** Tells whether a payload speaks of model signing in a version before 1.0, whoever wrote it. */
    static boolean isOldVersion(Bundle bundle) {
        try {
            String predicateType = parse(bundle).get("predicateType").text();
            return predicateType.startsWith(OLD_PREDICATES) && !predicateType.equals(PREDICATE);
        } catch (VerificationException e) {
            return false;
        }
    }

    static VerificationException oldVersion() {
        return new VerificationException(
                Reason.UNSUPPORTED,
                "model signature must be of OpenSSF Model Signing v1.0 (" + PREDICATE
                        + "), but is of another version; sign the model anew with a current tool");
    }

    private static JsonMember parse(Bundle bundle) {
        return JsonMember.parse(Reason.INVALID_STATEMENT, "signed statement", bundle.payload(), Bundle.MAX_BYTES);
    }

    private static void requireType(JsonMember root) {
        if (!root.get("_type").text().equals(TYPE)) {
            throw root.get("_type").wrong("must be " + TYPE);
        }
        String predicateType = root.get("predicateType").text();
        if (!predicateType.equals(PREDICATE)) {
            if (predicateType.startsWith(OLD_PREDICATES)) {
                throw oldVersion();
            }
            throw root.get("predicateType").wrong("must be " + PREDICATE + ", but is " + Names.quote(predicateType));
        }
    }

    private static void requireSupported(JsonMember serialization) {
        serialization.onlyWith(Set.of("method", "hash_type", "allow_symlinks", "shard_size", "ignore_paths"));
        String method = serialization.get("method").text();
        String hash = serialization.get("hash_type").text();
        switch (method) {
            case "files" -> {
                if (serialization.has("shard_size")) {
                    throw serialization.wrong("must have no shard_size for the method files");
                }
            }
            case "shards" -> throw unsupported("the shards method", "sign with the files method");
            default ->
                throw serialization.wrong("must have the method files or shards, but has " + Names.quote(method));
        }
        switch (hash) {
            case "sha256" -> {}
            case "blake2b", "blake3" -> throw unsupported("files hashed by " + hash, "sign with sha256");
            default -> throw serialization.wrong("must have the hash_type sha256, but has " + Names.quote(hash));
        }
    }

    private static List<SignedFile> resources(JsonMember resources) {
        List<SignedFile> files = new ArrayList<>();
        NavigableSet<String> names = new TreeSet<>();
        List<JsonMember> items = resources.items(1, FileManifest.MAX_FILES);
        for (JsonMember resource : items) {
            String name = resource.object().get("name").text();
            boolean bare = name.equals(".") && items.size() == 1;
            String flaw = bare ? null : Names.flaw(name);
            if (flaw != null) {
                throw resource.wrong("must have a plain relative name, but has " + Names.quote(name) + ": " + flaw);
            }
            if (!names.add(name)) {
                throw resource.wrong("must be listed once, but " + Names.quote(name) + " is listed twice");
            }
            String algorithm = resource.get("algorithm").text();
            if (!algorithm.equals("sha256")) {
                throw resource.wrong(
                        "must have the algorithm that hash_type says, sha256, but has " + Names.quote(algorithm));
            }
            files.add(new SignedFile(name, digest(resource.get("digest"))));
        }
        for (String name : names) {
            if (Names.below(name, names) != null) {
                throw resources.wrong("must not list " + Names.quote(name) + " both as a file and as a folder");
            }
        }
        return files;
    }

    private static List<String> ignorePaths(JsonMember serialization, List<SignedFile> files) {
        JsonMember member = serialization.find("ignore_paths");
        if (member == null) {
            return List.of();
        }
        NavigableSet<String> names = new TreeSet<>();
        files.forEach(file -> names.add(file.name()));
        Set<String> paths = new TreeSet<>(Names.ORDER);
        for (JsonMember item : member.items(0, MAX_IGNORED)) {
            String path = item.text();
            String flaw = Names.flaw(path);
            if (flaw != null) {
                throw item.wrong("must be a plain relative path, but is " + Names.quote(path) + ": " + flaw);
            }
            if (names.contains(path) || Names.below(path, names) != null) {
                throw item.wrong("must not be " + Names.quote(path) + ", as a signed resource lies there");
            }
            paths.add(path);
        }
        return List.copyOf(paths);
    }

    private static Digest digest(JsonMember member) {
        String hex = member.text();
        if (hex.length() != SHA256_DIGITS || !hex.chars().allMatch(c -> "0123456789abcdef".indexOf(c) >= 0)) {
            throw member.wrong("must have " + SHA256_DIGITS + " lower-case hexadecimal digits");
        }
        return Digest.sha256(Bytes.parseHex(hex).toByteArray());
    }

    private static VerificationException unsupported(String what, String remedy) {
        return new VerificationException(
                Reason.UNSUPPORTED, "model signature uses " + what + ", which is not read here; " + remedy);
    }

    private static VerificationException invalid(String message) {
        return new VerificationException(Reason.INVALID_STATEMENT, message);
    }
}
