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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads and writes the in-toto statement inside a model signature. */
final class Statement {
    static final String TYPE = "https://in-toto.io/Statement/v1";
    static final String PREDICATE = "https://model_signing/signature/v1.0";

    static final String OLD_PREDICATE = "https://model_signing/Digests/v0.1";

    private static final String OLD_PREDICATES = "https://model_signing/";
    private static final int MAX_IGNORED = 10_000;
    private static final long MAX_SHARD_SIZE = 1L << 53;

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
            Serialization serialization = manifest.serialization();
            for (FileEntry file : manifest.files()) {
                json.writeStartObject();
                json.writeStringField("name", file.name());
                json.writeStringField("digest", file.digest().toHex());
                json.writeStringField("algorithm", serialization.hash().id());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeObjectFieldStart("serialization");
            json.writeStringField("method", serialization.isSharded() ? "shards" : "files");
            json.writeStringField("hash_type", serialization.hash().id());
            if (serialization.isSharded()) {
                json.writeNumberField("shard_size", serialization.shardSize());
            }
            json.writeBooleanField("allow_symlinks", manifest.links());
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
    static UnauthenticatedStatement read(Bundle bundle, Leniency leniency) {
        if (!bundle.payloadType().equals(Dsse.IN_TOTO)) {
            throw invalid("payload type must be " + Dsse.IN_TOTO + ", but is " + Names.quote(bundle.payloadType()));
        }
        JsonMember root = parse(bundle);
        if (!root.get("_type").text().equals(TYPE)) {
            throw root.get("_type").wrong("must be " + TYPE);
        }
        String predicateType = root.get("predicateType").text();
        if (predicateType.equals(OLD_PREDICATE) && leniency.oldStatements()) {
            return readOld(root, bundle.notes());
        }
        requirePredicate(root.get("predicateType"), predicateType);
        root.onlyWith(Set.of("_type", "subject", "predicateType", "predicate"));
        JsonMember subject = root.get("subject").items(1, 1).get(0).object();
        String subjectName = subject.get("name").text();
        if (subjectName.isEmpty()) {
            throw subject.wrong("must have a name that is not empty");
        }
        Digest subjectDigest = digest(subject.get("digest").object().get("sha256"), FileHash.SHA256);
        JsonMember predicate = root.get("predicate").onlyWith(Set.of("resources", "serialization"));
        JsonMember member = predicate.get("serialization");
        List<Note> notes = new ArrayList<>(bundle.notes());
        Serialization serialization = serialization(member, notes);
        boolean allowSymlinks = member.get("allow_symlinks").flag();
        if (allowSymlinks) {
            notes.add(new Note(Note.Code.SYMLINKS_ALLOWED, "the publisher allowed symbolic links"));
        }
        NavigableSet<String> paths = new TreeSet<>();
        List<SignedFile> listed = resources(predicate.get("resources"), serialization, leniency, paths, notes);
        Digest listedRoot =
                FileManifest.root(listed.stream().map(SignedFile::digest).toList());
        if (!listedRoot.equals(subjectDigest)) {
            throw subject.wrong("must have the digest of the listed resources, which is " + listedRoot.toHex()
                    + ", but has " + subjectDigest.toHex());
        }
        List<SignedFile> files = inOrder(listed, paths, notes);
        return new UnauthenticatedStatement(
                FileManifest.root(files.stream().map(SignedFile::digest).toList()),
                subjectDigest,
                subjectName,
                files,
                notes,
                allowSymlinks,
                ignorePaths(member, paths, notes),
                serialization);
    }

    /** The time before version 1.0: the files are the subjects, hashed whole by SHA-256, and nothing else is said. */
    private static UnauthenticatedStatement readOld(JsonMember root, List<Note> bundleNotes) {
        List<Note> notes = new ArrayList<>(bundleNotes);
        notes.add(
                new Note(Note.Code.OLD_STATEMENT, "the statement is of the time before version 1.0, " + OLD_PREDICATE));
        NavigableSet<String> paths = new TreeSet<>();
        List<SignedFile> listed = new ArrayList<>();
        JsonMember subjects = root.get("subject");
        List<JsonMember> items = subjects.items(1, FileManifest.MAX_FILES);
        for (JsonMember subject : items) {
            String name = subject.object().get("name").text();
            requirePlain(subject, name, name.equals(".") && items.size() == 1);
            requireOnce(paths.add(name), subject, name);
            listed.add(
                    new SignedFile(name, digest(subject.get("digest").object().get("sha256"), FileHash.SHA256)));
        }
        requireNoFolders(subjects, paths);
        List<SignedFile> files = inOrder(listed, paths, notes);
        return new UnauthenticatedStatement(
                FileManifest.root(files.stream().map(SignedFile::digest).toList()),
                FileManifest.root(listed.stream().map(SignedFile::digest).toList()),
                "",
                files,
                notes,
                false,
                List.of(),
                Serialization.FILES);
    }

    private static List<SignedFile> inOrder(List<SignedFile> listed, Set<String> paths, List<Note> notes) {
        if (paths.contains(".")) {
            notes.add(
                    new Note(Note.Code.SINGLE_FILE_AS_DOT, "the single file is listed as '.' instead of by its name"));
        }
        List<SignedFile> files = listed.stream()
                .sorted(Comparator.comparing(SignedFile::name, Names.ORDER))
                .toList();
        if (!files.equals(listed)) {
            notes.add(new Note(Note.Code.RESOURCE_ORDER, "resources are not in the order of their names"));
        }
        return files;
    }

    /** Tells whether a payload is a statement of the time before version 1.0, whoever wrote it. */
    static boolean isOld(Bundle bundle) {
        try {
            return parse(bundle).get("predicateType").text().equals(OLD_PREDICATE);
        } catch (VerificationException e) {
            return false;
        }
    }

    /** Returns the kind of statement a bundle holds. */
    static String predicateType(Bundle bundle) {
        return parse(bundle).get("predicateType").text();
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
                        + "), but is of another version; sign the model anew with a current tool, or accept statements of"
                        + " the time before version 1.0");
    }

    private static JsonMember parse(Bundle bundle) {
        return JsonMember.parse(Reason.INVALID_STATEMENT, "signed statement", bundle.payload(), Bundle.MAX_BYTES);
    }

    private static void requirePredicate(JsonMember member, String predicateType) {
        if (!predicateType.equals(PREDICATE)) {
            if (predicateType.startsWith(OLD_PREDICATES)) {
                throw oldVersion();
            }
            throw member.wrong("must be " + PREDICATE + ", but is " + Names.quote(predicateType));
        }
    }

    private static Serialization serialization(JsonMember member, List<Note> notes) {
        member.onlyWith(Set.of("method", "hash_type", "allow_symlinks", "shard_size", "ignore_paths"));
        String id = member.get("hash_type").text();
        FileHash hash = FileHash.of(id);
        if (hash == null) {
            throw member.wrong("must have the hash_type sha256, blake2b or blake3, but has " + Names.quote(id));
        }
        String method = member.get("method").text();
        switch (method) {
            case "files" -> {
                if (member.has("shard_size")) {
                    throw member.wrong("must have no shard_size for the method files");
                }
                return new Serialization(hash, 0);
            }
            case "shards" -> {
                JsonMember size = member.get("shard_size");
                long bytes = size.wholeNumber(MAX_SHARD_SIZE);
                if (bytes < 1) {
                    throw size.wrong("must be positive");
                }
                if (!size.value().isIntegralNumber()) {
                    notes.add(new Note(Note.Code.SHARD_SIZE_AS_FRACTION, "the shard size is written with a fraction"));
                }
                notes.add(new Note(
                        Note.Code.EMPTY_FILES_NOT_COVERED,
                        "the shards method does not cover empty files: one may have been added or removed"));
                return new Serialization(hash, bytes);
            }
            default -> throw member.wrong("must have the method files or shards, but has " + Names.quote(method));
        }
    }

    private static List<SignedFile> resources(
            JsonMember resources,
            Serialization serialization,
            Leniency leniency,
            NavigableSet<String> paths,
            List<Note> notes) {
        List<SignedFile> files = new ArrayList<>();
        Map<String, NavigableMap<Long, Long>> ranges = new HashMap<>();
        boolean shardAlgorithm = false;
        for (JsonMember resource : resources.items(1, FileManifest.MAX_FILES)) {
            String name = resource.object().get("name").text();
            String path = name;
            if (serialization.isSharded()) {
                ShardName shard = shard(resource, name);
                path = shard.path();
                Long other = ranges.computeIfAbsent(path, p -> new TreeMap<>()).put(shard.start(), shard.end());
                requireOnce(other == null, resource, name);
                paths.add(path);
            } else {
                requireOnce(paths.add(path), resource, name);
            }
            requirePlain(resource, path, path.equals("."));
            shardAlgorithm |= isShardAlgorithm(resource, serialization, leniency);
            files.add(new SignedFile(name, digest(resource.get("digest"), serialization.hash())));
        }
        if (paths.contains(".") && paths.size() > 1) {
            throw resources.wrong("must not list '.', which stands for a single file, beside others");
        }
        requireNoFolders(resources, paths);
        ranges.forEach((path, found) -> requireWhole(resources, path, found, serialization.shardSize()));
        if (shardAlgorithm) {
            notes.add(new Note(
                    Note.Code.SHARD_ALGORITHM, "the algorithm of the shards is written with their size in it"));
        }
        return files;
    }

    private static ShardName shard(JsonMember resource, String name) {
        try {
            return ShardName.parse(name);
        } catch (IllegalArgumentException e) {
            throw resource.wrong("must name a range of a file, but is " + Names.quote(name) + ": " + e.getMessage());
        }
    }

    /** Ranges must follow each other from the start of the file, all but the last of the shard size. */
    private static void requireWhole(
            JsonMember resources, String path, NavigableMap<Long, Long> ranges, long shardSize) {
        long expected = 0;
        for (Map.Entry<Long, Long> range : ranges.entrySet()) {
            long length = range.getValue() - range.getKey();
            boolean last = range.getKey().equals(ranges.lastKey());
            if (range.getKey() != expected || length > shardSize || (!last && length != shardSize)) {
                throw resources.wrong("must list " + Names.quote(path) + " in ranges of " + shardSize
                        + " bytes that follow each other from 0, but has one from " + range.getKey() + " to "
                        + range.getValue());
            }
            expected = range.getValue();
        }
    }

    private static boolean isShardAlgorithm(JsonMember resource, Serialization serialization, Leniency leniency) {
        String algorithm = resource.get("algorithm").text();
        String expected = serialization.hash().id();
        if (algorithm.equals(expected)) {
            return false;
        }
        if (serialization.isSharded() && algorithm.equals(expected + "-sharded-" + serialization.shardSize())) {
            if (leniency.shardAlgorithms()) {
                return true;
            }
            throw new VerificationException(
                    Reason.UNSUPPORTED,
                    "resources of a model signature must have the algorithm " + expected + ", but have "
                            + Names.quote(algorithm)
                            + ", as the Python client writes it; sign the model anew, or accept"
                            + " such algorithms");
        }
        throw resource.wrong(
                "must have the algorithm that hash_type says, " + expected + ", but has " + Names.quote(algorithm));
    }

    private static void requirePlain(JsonMember resource, String path, boolean bare) {
        String flaw = bare ? null : Names.flaw(path);
        if (flaw != null) {
            throw resource.wrong("must have a plain relative name, but has " + Names.quote(path) + ": " + flaw);
        }
    }

    private static void requireOnce(boolean isFirst, JsonMember resource, String name) {
        if (!isFirst) {
            throw resource.wrong("must be listed once, but " + Names.quote(name) + " is listed twice");
        }
    }

    private static void requireNoFolders(JsonMember resources, NavigableSet<String> paths) {
        for (String path : paths) {
            if (Names.below(path, paths) != null) {
                throw resources.wrong("must not list " + Names.quote(path) + " both as a file and as a folder");
            }
        }
    }

    private static List<String> ignorePaths(JsonMember serialization, NavigableSet<String> names, List<Note> notes) {
        JsonMember member = serialization.find("ignore_paths");
        if (member == null) {
            return List.of();
        }
        Set<String> paths = new TreeSet<>(Names.ORDER);
        boolean pattern = false;
        for (JsonMember item : member.items(0, MAX_IGNORED)) {
            String path = item.text();
            String flaw = Names.flaw(path);
            if (flaw != null) {
                throw item.wrong("must be a plain relative path, but is " + Names.quote(path) + ": " + flaw);
            }
            if (names.contains(path) || Names.below(path, names) != null) {
                throw item.wrong("must not be " + Names.quote(path) + ", as a signed resource lies there");
            }
            pattern |= Names.hasPatternCharacter(path);
            paths.add(path);
        }
        if (pattern) {
            notes.add(new Note(
                    Note.Code.IGNORED_PATH_LIKE_PATTERN,
                    "a path to ignore holds a character of patterns; it was taken as it stands"));
        }
        return List.copyOf(paths);
    }

    private static Digest digest(JsonMember member, FileHash hash) {
        String hex = member.text();
        int digits = hash.length() * 2;
        if (hex.length() != digits || !hex.chars().allMatch(c -> "0123456789abcdef".indexOf(c) >= 0)) {
            throw member.wrong("must have " + digits + " lower-case hexadecimal digits");
        }
        return new Digest(hash.id(), Bytes.parseHex(hex));
    }

    private static VerificationException invalid(String message) {
        return new VerificationException(Reason.INVALID_STATEMENT, message);
    }
}
