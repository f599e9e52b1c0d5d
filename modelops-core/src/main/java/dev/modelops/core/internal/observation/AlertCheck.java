package dev.modelops.core.internal.observation;

import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.monitoring.Finding;
import dev.modelops.core.internal.monitoring.Monitor;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Family;
import dev.modelops.core.internal.monitoring.ReferenceProfile;
import dev.modelops.core.internal.observation.Layouts.Known;
import dev.modelops.core.internal.observation.Layouts.Watched;
import dev.modelops.core.internal.prediction.Segment;
import dev.modelops.core.internal.prediction.Segments;
import dev.modelops.core.internal.signing.Bundle;
import dev.modelops.core.internal.signing.PublisherTrust;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.monitoring.Monitoring;
import dev.modelops.signing.SignedFile;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates again, while a log is verified, what its alerts say was found: by the monitor that is signed with the version, from
 * the segments of which the alert says that they were read, where these are still there. Each segment is read once at most.
 */
public final class AlertCheck {
    private static final int PAGE = 256;
    private static final int MOST_WINDOWS_AGO = 100_000;
    private static final int MOST_VERSIONS = 1000;

    private final LogStore log;
    private final BlobStore blobs;
    private final ObjLongConsumer<String> findings;
    private final ObjLongConsumer<String> unchecked;
    private final Map<Place, Read> places = new HashMap<>();
    private final Map<ModelRef, Known> versions = new HashMap<>();
    private RegistryState state = RegistryState.empty();

    private record Place(ModelName model, Environment environment) {}

    /** What was read of a place, and when the last segment was recorded that could not be. */
    private static final class Read {
        private final Joined joined;
        private final Duration horizon;
        private long upTo;
        private Instant gap = Instant.MIN;

        Read(Joined joined, Duration horizon) {
            this.joined = joined;
            this.horizon = horizon;
        }
    }

    /** Thrown where an alert does not follow. */
    private static final class WrongException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongException(String message) {
            super(message);
        }
    }

    /**
     * Starts at the beginning of a log.
     *
     * @param findings told what is wrong, and at which entry
     * @param unchecked told what could not be evaluated again, and at which entry
     */
    public AlertCheck(
            LogStore log, BlobStore blobs, ObjLongConsumer<String> findings, ObjLongConsumer<String> unchecked) {
        this.log = log;
        this.blobs = blobs;
        this.findings = findings;
        this.unchecked = unchecked;
    }

    /** Takes an entry that follows, with the state before it. */
    public void follow(RegistryState before, Entry entry) {
        if (entry.type() == EntryType.RECORDS_EXPIRED) {
            expired(entry);
        }
        boolean isAlert = entry.type() == EntryType.ALERT_CHANGED;
        if (!isAlert && entry.type() != EntryType.RETRAINING_REQUESTED) {
            return;
        }
        state = before;
        try {
            ModelRef ref = ModelRef.parse(String.valueOf(entry.subject()));
            if (!isAlert) {
                requested(ref, entry);
            } else if (!entry.get("to").equals(Alert.State.ACKNOWLEDGED.name())) {
                changed(ref, entry);
            }
        } catch (WrongException | IllegalArgumentException | ArithmeticException e) {
            findings.accept(
                    entry.type().sentence() + " of entry " + entry.index() + " does not follow: " + e.getMessage(),
                    entry.index());
        } catch (ModelOpsException e) {
            // What is missing or altered was reported where it is named.
            leave(entry, e.getMessage());
        }
    }

    /** Takes note that the log ends. */
    public void end() {
        places.clear();
        versions.clear();
    }

    private void leave(Entry entry, @Nullable String reason) {
        unchecked.accept(
                entry.type().sentence() + " of entry " + entry.index() + " was not evaluated again: " + reason,
                entry.index());
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new WrongException(message);
        }
    }

    /** Who reads from now on sees these segments no more, who read them before still counts them: both are right. */
    private void expired(Entry entry) {
        long last = Math.min(Entry.number(entry.data(), "until"), entry.index()) - 1;
        places.forEach((place, read) -> {
            if (place.model().value().equals(entry.subject()) && last >= 0) {
                Instant time = log.read(last, 1).stream()
                        .map(found -> Entry.decode(found.index(), found.body().toByteArray())
                                .time())
                        .findFirst()
                        .orElse(entry.time());
                if (time.isAfter(read.gap)) {
                    read.gap = time;
                }
            }
        });
    }

    private void requested(ModelRef ref, Entry entry) {
        if (!entry.data().has("alert")) {
            return;
        }
        long index = entry.data().path("alert").asLong(-1);
        List<LogRecord> found = index < 0 || index >= entry.index() ? List.of() : log.read(index, 1);
        require(!found.isEmpty(), "there is no alert before it at " + index);
        Entry alert = Entry.decode(index, found.get(0).body().toByteArray());
        String to = alert.find("to");
        require(
                alert.type() == EntryType.ALERT_CHANGED
                        && ref.toString().equals(alert.subject())
                        && entry.get("environment").equals(alert.find("environment"))
                        && (Alert.State.FIRING.name().equals(to)
                                || Alert.State.ACKNOWLEDGED.name().equals(to)),
                "entry " + index + " says of no alert that it fires on " + ref);
    }

    private void changed(ModelRef ref, Entry entry) {
        Watched watched = watched(ref);
        String monitor = entry.find("monitor");
        require(watched != null && monitor != null, ref + " is not watched, or the alert says not by what");
        if (watched == null) {
            return;
        }
        require(
                watched.layout().monitor().equals(monitor),
                "it was found by the monitor " + monitor + ", but that of " + ref + " is "
                        + watched.layout().monitor());
        MonitorSpec spec = watched.spec();
        long window = Entry.number(entry.data(), "window");
        long present = spec.windowOf(entry.time());
        require(window <= present && window >= present - MOST_WINDOWS_AGO, "window " + window + " was not judged then");
        long upTo = Entry.number(entry.data(), "upTo");
        require(upTo >= 0 && upTo <= entry.index(), "it says that it read " + upTo + " entries");
        Duration horizon = Evaluation.horizon(spec);
        Read read = read(new Place(ref.name(), Environment.of(entry.get("environment"))), upTo, horizon);
        if (read.upTo > upTo || read.horizon.compareTo(horizon) < 0) {
            leave(
                    entry,
                    "it says that it read less of the log than an alert before it, or that it looked further back");
            return;
        }
        if (!read.gap.isBefore(entry.time().minus(horizon))) {
            leave(entry, "segments that it was found in have expired or are gone");
            return;
        }
        String check = entry.get("check");
        Finding found = find(read, ref, check, window);
        require(found != null, "in window " + window + " nothing was found by a check '" + check + "'");
        if (found == null) {
            return;
        }
        require(
                Arrays.equals(found.toBytes(), CanonicalJson.write(entry.data().path("finding"))),
                "in the segments is found that '" + check + "' is " + found.level() + " in window " + window
                        + ", or other numbers than it says");
        Finding.Level expected = switch (Alert.State.valueOf(entry.get("to"))) {
            case SUSPECT -> Finding.Level.EXCEEDING;
            case FIRING, ACKNOWLEDGED -> Finding.Level.ALARMING;
            case OK, RESOLVED -> Finding.Level.WITHIN;
        };
        require(
                found.level() == expected,
                "'" + check + "' is " + found.level() + ", but it became " + entry.get("to"));
    }

    private static @Nullable Finding find(Read read, ModelRef ref, String check, long window) {
        Joined.Version version = read.joined.versions().get(ref);
        if (version != null) {
            for (Family family : Family.values()) {
                for (Finding finding : version.find(family, window)) {
                    if (Evaluation.key(finding.key()).equals(check)) {
                        return finding;
                    }
                }
            }
        }
        return null;
    }

    private Read read(Place place, long upTo, Duration horizon) {
        Read read = places.computeIfAbsent(
                place,
                of -> new Read(
                        new Joined(
                                ref -> {
                                    try {
                                        return ref.name().equals(of.model()) ? watched(ref) : null;
                                    } catch (ModelOpsException e) {
                                        return null;
                                    }
                                },
                                horizon),
                        horizon));
        while (read.upTo < upTo) {
            List<LogRecord> page = log.read(read.upTo, (int) Math.min(PAGE, upTo - read.upTo));
            if (page.isEmpty()) {
                throw new NotFoundException("entry " + read.upTo + " is missing");
            }
            for (LogRecord next : page) {
                take(place, read, Entry.decode(next.index(), next.body().toByteArray()));
                read.upTo = next.index() + 1;
            }
        }
        return read;
    }

    private void take(Place place, Read read, Entry entry) {
        if (entry.type() != EntryType.SEGMENT_RECORDED
                || !place.model().value().equals(entry.subject())
                || !place.environment().value().equals(entry.find("environment"))) {
            return;
        }
        Segment.Kind kind = Segment.Kind.of(entry);
        if (kind == null) {
            return;
        }
        try {
            if (state.texts().isExpired(place.model(), entry.index())) {
                read.gap = entry.time();
            } else {
                Segments.read(entry, kind, blobs, read.joined);
                // Outcomes of only so many windows are held at once.
                read.joined.drain();
            }
        } catch (ModelOpsException e) {
            read.gap = entry.time();
        }
    }

    /** Returns how a version is watched, or null if it is not. */
    private @Nullable Watched watched(ModelRef ref) {
        Known known = versions.get(ref);
        if (known == null) {
            known = new Known(readWatched(ref));
            if (versions.size() == MOST_VERSIONS) {
                versions.clear();
            }
            versions.put(ref, known);
        }
        return known.watched();
    }

    private @Nullable Watched readWatched(ModelRef ref) {
        VersionState version = state.version(ref);
        if (version == null) {
            return null;
        }
        List<SignedFile> files = PublisherTrust.readUnauthenticated(
                        Bundle.parse(Ledger.readBlob(blobs, version.version().bundle())))
                .files();
        Digest baseline = digest(files, Monitoring.BASELINE);
        Digest monitor = digest(files, Monitoring.MONITOR);
        if (baseline == null || monitor == null) {
            return null;
        }
        try {
            return new Watched(
                    ref,
                    new Monitor(
                            MonitorSpec.parse(Ledger.readBlob(blobs, monitor).toByteArray()),
                            ReferenceProfile.parse(
                                    Ledger.readBlob(blobs, baseline).toByteArray())));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable Digest digest(List<SignedFile> files, String name) {
        return files.stream()
                .filter(file -> file.name().equals(name))
                .map(SignedFile::digest)
                .findFirst()
                .orElse(null);
    }
}
