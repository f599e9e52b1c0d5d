package dev.modelops.core.internal.prediction;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Page;
import dev.modelops.ReadOnlyException;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditLog;
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.registry.SessionAccess;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicyAdministration;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.RegistryView;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.PredictionRecord;
import dev.modelops.storage.BlobStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;

/** The prediction log for one session. */
public final class LivePredictionLog implements PredictionLog {
    /** Clocks of hosts differ from log time by 5 minutes at most, and an entry comes after its records. */
    private static final Duration CLOCKS = Duration.ofMinutes(10);

    private final Governor governor;
    private final Artifacts artifacts;
    private final BlobStore blobs;
    private final Recordings recordings;
    private final SessionAccess access;
    private final ModelRegistry registry;
    private final PolicyAdministration policies;
    private final AuditLog audit;

    /** Creates it of what the session reads by. */
    public LivePredictionLog(
            Governor governor,
            Artifacts artifacts,
            BlobStore blobs,
            Recordings recordings,
            SessionAccess access,
            ModelRegistry registry,
            PolicyAdministration policies,
            AuditLog audit) {
        this.governor = governor;
        this.artifacts = artifacts;
        this.blobs = blobs;
        this.recordings = recordings;
        this.access = access;
        this.registry = registry;
        this.policies = policies;
        this.audit = audit;
    }

    @Override
    public Recorder record(String model, Environment environment, Rules rules) {
        Identity identity = access.caller();
        ModelName name = ModelName.of(model);
        Action action = Action.record(name, environment);
        governor.require(identity, action);
        var unused = governor.ledger().tip().state().requireModel(name);
        if (governor.isReadOnly()) {
            throw new ReadOnlyException(
                    "the log was opened without a writer key; open it with writer(...) to " + action);
        }
        return new LiveRecorder(recordings, governor, artifacts, identity, name, environment, rules);
    }

    @Override
    public Page<PredictionRecord> find(Query query) {
        access.require(Action.audit());
        List<Found> found = new ArrayList<>();
        long present = size();
        Place start = query.cursor().map(text -> Place.parse(text, present)).orElse(null);
        long size = start == null ? present : start.size();
        Place more = search(query, query.limit(), found, start, size);
        return new Page<>(
                found.stream().map(Found::record).toList(),
                Optional.ofNullable(more).map(Place::toString),
                LogPosition.of(size));
    }

    @Override
    public Optional<Trace> trace(Query query) {
        access.require(Action.audit());
        return first(query).map(found -> {
            PredictionRecord record = found.record();
            RegistryView then = registry.asOf(record.position());
            ModelRef ref = record.version();
            return new Trace(
                    record,
                    then.get(ref),
                    then.approvals(ref).stream()
                            .filter(approval -> approval.environment().equals(record.environment()))
                            .toList(),
                    admission(record),
                    policies.asOf(record.position()),
                    found.entry().index());
        });
    }

    @Override
    public String prove(String id) {
        access.require(Action.audit());
        for (ModelName model : governor.ledger().tip().state().models().keySet()) {
            Found found = first(Query.of(model).id(id)).orElse(null);
            if (found != null) {
                return proof(found);
            }
        }
        throw new NotFoundException("no prediction " + id + " is in any segment that was recorded and has not expired");
    }

    private String proof(Found found) {
        ObjectNode proof = Json.object();
        proof.put("form", ProvedRecord.FORM);
        proof.put("record", new String(found.lines().get(found.at()), StandardCharsets.UTF_8));
        proof.put("index", found.at());
        ArrayNode path = proof.putArray("path");
        Segment.path(found.lines(), found.at()).forEach(path::add);
        long index = found.entry().index();
        proof.put("entry", new String(governor.ledger().body(index), StandardCharsets.UTF_8));
        proof.put("receipt", audit.receipt(index));
        return new String(Json.write(proof), StandardCharsets.UTF_8);
    }

    /** Returns the act by which a version had become the champion that it was, if it was. */
    private Optional<Recorded> admission(PredictionRecord record) {
        Ledger ledger = governor.ledger();
        ModelState model = ledger.stateAt(record.position().size())
                .requireModel(record.version().name());
        PVector<VersionNumber> history = model.champions().get(record.environment());
        PVector<Instant> reigns = model.reigns().get(record.environment());
        if (history == null
                || reigns == null
                || !history.get(history.size() - 1).equals(record.version().version())) {
            return Optional.empty();
        }
        Instant at = reigns.get(reigns.size() - 1);
        CommandId[] command = new CommandId[1];
        long to = Math.min(ledger.positionAt(at), record.position().size());
        ledger.scan(ledger.positionAt(at.minusNanos(1)), to, (entry, body) -> {
            boolean isMove =
                    entry.type() == EntryType.CHAMPION_PROMOTED || entry.type() == EntryType.CHAMPION_ROLLED_BACK;
            if (isMove
                    && record.version().toString().equals(entry.subject())
                    && record.environment().value().equals(entry.find("environment"))) {
                command[0] = entry.command();
            }
            return true;
        });
        return Optional.ofNullable(command[0]).map(governor::outcome);
    }

    /** A record where it was found. */
    private record Found(Entry entry, List<byte[]> lines, int at, PredictionRecord record) {}

    /** Where a listing goes on: in which state, with which segment and record of it. */
    private record Place(long size, long entry, int record) {
        static Place parse(String text, long present) {
            if (text.matches("[0-9]{1,18}-[0-9]{1,18}-[0-9]{1,9}")) {
                String[] parts = text.split("-", -1);
                Place place = new Place(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
                if (place.size >= 1 && place.size <= present && place.entry < place.size) {
                    return place;
                }
            }
            throw new IllegalArgumentException(
                    "cursor must be one that a page of this listing gave, but was '" + text + "'");
        }

        @Override
        public String toString() {
            return size + "-" + entry + "-" + record;
        }
    }

    private Optional<Found> first(Query query) {
        List<Found> found = new ArrayList<>();
        long size = size();
        var unused = search(
                query,
                1,
                found,
                query.cursor().map(text -> Place.parse(text, size)).orElse(null),
                size);
        return found.stream().findFirst();
    }

    private long size() {
        return governor.ledger().tip().state().size();
    }

    /** Collects at most so many, and returns where further ones begin, or null. */
    private @Nullable Place search(Query query, int limit, List<Found> found, @Nullable Place start, long size) {
        Ledger ledger = governor.ledger();
        long first = query.from()
                .filter(from -> from.isAfter(Instant.EPOCH.plus(CLOCKS)))
                .map(from -> ledger.positionAt(from.minus(CLOCKS)))
                .orElse(0L);
        if (start != null) {
            first = Math.max(first, start.entry());
        }
        Place[] more = new Place[1];
        ledger.scan(Math.min(first, size), size, (entry, body) -> {
            if (entry.type() != EntryType.SEGMENT_RECORDED
                    || !query.model().value().equals(entry.subject())
                    || Segment.Kind.of(entry) != Segment.Kind.PREDICTIONS
                    || ledger.tip().state().texts().isExpired(query.model(), entry.index())) {
                return true;
            }
            int skipped = start != null && start.entry() == entry.index() ? start.record() : 0;
            int at = collect(query, limit, entry, skipped, found);
            if (at >= 0) {
                more[0] = new Place(size, entry.index(), at);
            }
            return at < 0;
        });
        return more[0];
    }

    /** Returns the number of the first record that meets the query but has no room, or -1. */
    private int collect(Query query, int limit, Entry entry, int skipped, List<Found> found) {
        Segment segment = Segments.segment(entry);
        if (query.id().filter(id -> !segment.mayHold(id)).isPresent()
                || query.from().filter(segment.to()::isBefore).isPresent()
                || query.until()
                        .filter(until -> !segment.from().isBefore(until))
                        .isPresent()
                || query.version().filter(number -> !mayHold(entry, number)).isPresent()) {
            return -1;
        }
        List<byte[]> lines = Segments.lines(entry, segment, blobs);
        for (int i = skipped; i < lines.size(); i++) {
            PredictionRecord record = Segments.prediction(entry, lines.get(i));
            if (meets(query, record)) {
                if (found.size() == limit) {
                    return i;
                }
                found.add(new Found(entry, lines, i, record));
            }
        }
        return -1;
    }

    private static boolean mayHold(Entry entry, VersionNumber number) {
        if (!entry.data().has("versions")) {
            return true;
        }
        for (var version : entry.data().path("versions")) {
            if (version.asInt() == number.value()) {
                return true;
            }
        }
        return false;
    }

    private static boolean meets(Query query, PredictionRecord record) {
        return query.id().map(record.id()::equals).orElse(true)
                && query.request()
                        .map(request -> record.request().filter(request::equals).isPresent())
                        .orElse(true)
                && query.version().map(record.version().version()::equals).orElse(true)
                && query.from().map(from -> !record.at().isBefore(from)).orElse(true)
                && query.until().map(record.at()::isBefore).orElse(true);
    }
}
