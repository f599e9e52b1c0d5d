package dev.modelops.core.internal.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.VersionNumber;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.registry.ModelVersion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a log says of one of its versions: entries with a receipt each, all under one checkpoint. It is made by a {@link
 * Collector} alone, which verifies each receipt.
 */
public final class SourceEntries {
    /** The members of a registration that an import takes over as they are. */
    private static final List<String> TAKEN_OVER = List.of(
            "kind",
            "description",
            "metrics",
            "parameters",
            "tags",
            "dataSets",
            "codeCommit",
            "artifact",
            "fileCount",
            "byteCount",
            "bundle");

    private static final String FORM = "modelops.dev/source-entries@v1";
    private static final int MOST_RECEIPT_BYTES = 64 * 1024;

    /** Quoted in a document they are at most twice as long, and a document is read whole only up to 64 MiB. */
    private static final int MOST_BYTES = 30 * 1024 * 1024;

    private static final Set<EntryType> ABOUT_A_VERSION = EnumSet.of(
            EntryType.VERSION_REGISTERED,
            EntryType.VERSION_IMPORTED,
            EntryType.EVIDENCE_ATTACHED,
            EntryType.VERSION_APPROVED,
            EntryType.VERSION_REJECTED,
            EntryType.JUDGEMENT_WITHDRAWN,
            EntryType.CHAMPION_PROMOTED,
            EntryType.CHAMPION_ROLLED_BACK,
            EntryType.HANDLE_FELL_BACK,
            EntryType.VERSION_QUARANTINED,
            EntryType.VERSION_TRANSITIONED);

    private final LogKey source;
    private final ModelRef version;
    private final Checkpoint checkpoint;
    private final List<Item> items;

    private SourceEntries(LogKey source, ModelRef version, Checkpoint checkpoint, List<Item> items) {
        this.source = source;
        this.version = version;
        this.checkpoint = checkpoint;
        this.items = List.copyOf(items);
    }

    /** An entry with its bytes and its receipt. */
    public record Item(Entry entry, Bytes body, String receipt) {}

    /** A document of the version, as the other log says. */
    public record Document(String type, Digest digest, long size, Instant at) {}

    /** Tells whether an entry says something of a version that goes with it. */
    public static boolean isAbout(Entry entry, ModelRef version) {
        return version.toString().equals(entry.subject()) && ABOUT_A_VERSION.contains(entry.type());
    }

    /** Takes entries one by one, oldest first. */
    public static final class Collector {
        private final LogKey source;
        private final ModelRef version;
        private final NoteVerifier key;
        private final List<Item> items = new ArrayList<>();
        private @Nullable Checkpoint checkpoint;
        private long bytes;

        /** Begins with the key that is pinned and the version that the entries must be about. */
        public Collector(LogKey source, ModelRef version) {
            this.source = source;
            this.version = version;
            this.key = NoteVerifier.parse(source.text());
        }

        /** Takes an entry; {@link IllegalArgumentException} if it is not proved or does not belong to the version. */
        public void add(byte[] body, String receipt) {
            bytes += body.length + receipt.length();
            if (bytes > MOST_BYTES || receipt.length() > MOST_RECEIPT_BYTES) {
                throw new IllegalArgumentException(
                        "more entries and receipts than may go with a version, " + MOST_BYTES + " bytes");
            }
            TlogProof proof;
            CheckpointBody signed;
            try {
                proof = TlogProof.parse(receipt);
                signed = proof.verify(body, key);
            } catch (NoteException e) {
                throw new IllegalArgumentException("not proved: " + e.getMessage(), e);
            }
            Entry entry = Entry.decode(proof.index(), body);
            String note = proof.checkpoint().toString();
            if (checkpoint == null) {
                checkpoint = new Checkpoint(
                        signed.origin(), LogPosition.of(signed.size()), Digest.sha256(signed.root()), note);
            } else if (!checkpoint.note().equals(note)) {
                throw new IllegalArgumentException("under another checkpoint than the entries before it");
            }
            boolean begins = entry.type() == EntryType.VERSION_REGISTERED || entry.type() == EntryType.VERSION_IMPORTED;
            boolean follows =
                    items.isEmpty() || items.get(items.size() - 1).entry().index() < entry.index();
            if (!isAbout(entry, version)
                    || !Recovery.isOrBefore(entry.source(), source.origin())
                    || begins != items.isEmpty()
                    || !follows) {
                throw new IllegalArgumentException("entry " + entry.index() + ", '" + entry.typeName() + "' about "
                        + entry.subject() + ", does not belong to " + version + " of " + source.origin());
            }
            items.add(new Item(entry, Bytes.of(body), receipt));
        }

        /** Returns all; {@link IllegalArgumentException} if there are none. */
        public SourceEntries done() {
            if (checkpoint == null) {
                throw new IllegalArgumentException("holds no entries");
            }
            return new SourceEntries(source, version, checkpoint, items);
        }
    }

    /**
     * Reads a document that {@link #document} made.
     *
     * @param source the key of the log that the entries must be of
     * @throws IllegalArgumentException if it is another, or the entries are not proved
     */
    public static SourceEntries read(Bytes document, LogKey source) {
        ObjectNode json = Json.parseObject(document.toByteArray());
        if (!Entry.text(json, "form").equals(FORM)) {
            throw new IllegalArgumentException("expected the form " + FORM + ", found " + json.get("form"));
        }
        if (!Entry.text(json, "source").equals(source.text())) {
            throw new IllegalArgumentException(
                    "expected entries of the log " + source + ", found those of " + Entry.text(json, "source"));
        }
        Collector collector = new Collector(source, ModelRef.parse(Entry.text(json, "version")));
        for (JsonNode item : json.path("entries")) {
            collector.add(Entry.text(item, "entry").getBytes(StandardCharsets.UTF_8), Entry.text(item, "receipt"));
        }
        SourceEntries read = collector.done();
        if (!read.document().equals(document)) {
            throw new IllegalArgumentException("it is not in the one form it must have");
        }
        return read;
    }

    /** Returns the key of the log that the entries are of. */
    public LogKey source() {
        return source;
    }

    /** Returns the version there. */
    public ModelRef version() {
        return version;
    }

    /** Returns the checkpoint that every receipt leads to. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** Returns the entries, oldest first. */
    public List<Item> items() {
        return items;
    }

    /** Returns the entry that brought the version into that log. */
    public Entry registration() {
        return items.get(0).entry();
    }

    /** Returns the digest of that entry, which no other version has. */
    public Digest identity() {
        return Digest.sha256Of(items.get(0).body());
    }

    /** Returns the documents that were attached there, or that the version brought there; oldest first. */
    public List<Document> documents() {
        return items.stream()
                .flatMap(item -> documentsOf(item.entry()).stream())
                .toList();
    }

    /** Returns the documents that an entry attaches or brings. */
    public static List<Document> documentsOf(Entry entry) {
        if (entry.type() == EntryType.EVIDENCE_ATTACHED) {
            return List.of(new Document(
                    entry.get("evidenceType"),
                    Digest.parse(entry.get("digest")),
                    Entry.number(entry.data(), "size"),
                    entry.time()));
        }
        return entry.type() == EntryType.VERSION_IMPORTED ? documents(entry) : List.of();
    }

    /** Returns the documents that an import brought; none that is younger than the import. */
    public static List<Document> documents(Entry imported) {
        List<Document> documents = new ArrayList<>();
        for (JsonNode item : imported.data().path("evidence")) {
            Instant at = Times.parse(Entry.text(item, "at"));
            documents.add(new Document(
                    Entry.text(item, "type"),
                    Digest.parse(Entry.text(item, "digest")),
                    Entry.number(item, "size"),
                    at.isAfter(imported.time()) ? imported.time() : at));
        }
        return documents;
    }

    /** Returns where an imported version comes from, as its entry says. */
    public static ModelVersion.Source source(Entry imported) {
        if (!(imported.data().get("source") instanceof ObjectNode source)) {
            throw new IllegalArgumentException("expected an object 'source' in 'data'");
        }
        return new ModelVersion.Source(
                new LogKey(Entry.text(source, "logKey")),
                ModelRef.parse(Entry.text(source, "version")),
                Principal.parse(Entry.text(source, "author")),
                Optional.ofNullable(source.get("parent"))
                        .map(parent -> VersionNumber.of((int) Entry.number(source, "parent"))),
                LogPosition.of(Entry.number(source, "size")),
                Digest.parse(Entry.text(source, "root")),
                Digest.parse(Entry.text(source, "registration")),
                Digest.parse(imported.get("pack")),
                Digest.parse(imported.get("entries")));
    }

    /** Returns the entries and receipts as a document, which has one form only. */
    public Bytes document() {
        ObjectNode json = Json.object();
        json.put("form", FORM);
        json.put("source", source.text());
        json.put("version", version.toString());
        ArrayNode entries = json.putArray("entries");
        for (Item item : items) {
            entries.addObject()
                    .put("index", item.entry().index())
                    .put("entry", item.body().toUtf8())
                    .put("receipt", item.receipt());
        }
        return Bytes.of(Json.write(json));
    }

    /**
     * Returns what the entry of an import says because these entries do: all but who imports, the pack, and who here trusts
     * the signature.
     */
    public ObjectNode claims() {
        Entry registration = registration();
        ObjectNode claims = Json.object();
        for (String name : TAKEN_OVER) {
            JsonNode value = registration.data().get(name);
            if (value != null) {
                claims.set(name, value);
            }
        }
        ObjectNode from = claims.putObject("source");
        from.put("origin", source.origin());
        from.put("logKey", source.text());
        from.put("version", version.toString());
        from.put("registration", identity().toString());
        boolean isRegistered = registration.type() == EntryType.VERSION_REGISTERED;
        JsonNode before = registration.data().path("source");
        from.put("author", isRegistered ? registration.actor().toString() : Entry.text(before, "author"));
        JsonNode parent = (isRegistered ? registration.data() : before).get("parent");
        if (parent != null) {
            from.set("parent", parent);
        }
        from.put("size", checkpoint.position().size());
        from.put("root", checkpoint.root().toString());
        Bytes document = document();
        claims.put("entries", Digest.sha256Of(document).toString());
        ArrayNode evidence = claims.putArray("evidence");
        for (Document each : documents()) {
            add(evidence, each);
        }
        Instant newest = items.get(items.size() - 1).entry().time();
        add(evidence, new Document(ModelVersion.Source.ENTRIES, Digest.sha256Of(document), document.length(), newest));
        // As they will be read again: whether a number is short or long is nothing to compare.
        return Json.parseObject(Json.write(claims));
    }

    private static void add(ArrayNode evidence, Document document) {
        evidence.addObject()
                .put("type", document.type())
                .put("digest", document.digest().toString())
                .put("size", document.size())
                .put("at", DateTimeFormatter.ISO_INSTANT.format(document.at()));
    }
}
