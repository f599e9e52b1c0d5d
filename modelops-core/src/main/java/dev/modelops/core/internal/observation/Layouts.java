package dev.modelops.core.internal.observation;

import dev.modelops.Bytes;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.monitoring.Layout;
import dev.modelops.core.internal.monitoring.Monitor;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.ReferenceProfile;
import dev.modelops.monitoring.Monitoring;
import dev.modelops.serving.VerifiedArtifact;
import dev.modelops.signing.SignedFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What versions say of how they are watched, kept once it was read. */
public final class Layouts {
    private static final Logger LOG = LoggerFactory.getLogger(Layouts.class);
    private static final int MOST_KEPT = 1000;

    /** So many fit into a line of a segment, whatever is counted in them. */
    private static final int MOST_CELLS = 150_000;

    private final Ledger ledger;
    private final Artifacts artifacts;
    private final Map<ModelRef, Known> known = new ConcurrentHashMap<>();

    /** Begins with nothing. */
    public Layouts(Ledger ledger, Artifacts artifacts) {
        this.ledger = ledger;
        this.artifacts = artifacts;
    }

    /** A version that is watched, and by what. */
    record Watched(ModelRef ref, Monitor monitor) {
        Layout layout() {
            return monitor.layout();
        }

        MonitorSpec spec() {
            return monitor.layout().spec();
        }
    }

    /** What is known of a version: by what it is watched, or null if it is not. */
    record Known(@Nullable Watched watched) {}

    @FunctionalInterface
    private interface Files {
        byte[] read(String name, int most) throws IOException;
    }

    /** Returns what is known of a version without asking the store, or null. */
    @Nullable Known find(ModelRef ref) {
        return known.get(ref);
    }

    /** Takes note of a version whose files were verified to serve it. Never fails. */
    public void learn(VerifiedArtifact artifact) {
        try {
            var unused = keep(
                    artifact.ref(),
                    artifact.files().stream().map(SignedFile::name).toList(),
                    (name, most) -> {
                        try (InputStream in = artifact.open(name)) {
                            return in.readNBytes(most + 1);
                        }
                    });
        } catch (RuntimeException | IOException e) {
            LOG.warn("what {} says of how it is watched could not be read: {}", artifact.ref(), e.getMessage());
        }
    }

    /**
     * Returns what is known of a version, and reads it if need be.
     *
     * @throws dev.modelops.ModelOpsException if it cannot be read now
     */
    Known load(ModelRef ref) {
        Known there = known.get(ref);
        if (there != null) {
            return there;
        }
        List<SignedFile> files =
                artifacts.listedFiles(ledger.tip().state().requireVersion(ref).version());
        try {
            return keep(ref, files.stream().map(SignedFile::name).toList(), (name, most) -> {
                SignedFile file = files.stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst()
                        .orElseThrow();
                Bytes content = artifacts.read(file.digest());
                return content.toByteArray();
            });
        } catch (IOException e) {
            throw new IllegalStateException("what was read whole could not be read", e);
        }
    }

    private Known keep(ModelRef ref, List<String> names, Files files) throws IOException {
        boolean hasBaseline = names.contains(Monitoring.BASELINE);
        boolean hasMonitor = names.contains(Monitoring.MONITOR);
        Known found = new Known(null);
        if (hasBaseline && hasMonitor) {
            byte[] profile = files.read(Monitoring.BASELINE, ReferenceProfile.MOST_BYTES);
            byte[] spec = files.read(Monitoring.MONITOR, MonitorSpec.MOST_BYTES);
            try {
                Monitor monitor = new Monitor(MonitorSpec.parse(spec), ReferenceProfile.parse(profile));
                if (monitor.layout().allCells() > MOST_CELLS) {
                    throw new IllegalArgumentException("it counts in more than " + MOST_CELLS + " cells");
                }
                found = new Known(new Watched(ref, monitor));
            } catch (IllegalArgumentException e) {
                LOG.error("{} is not watched, for what it says of that cannot be used: {}", ref, e.getMessage());
            }
        } else if (hasBaseline || hasMonitor) {
            LOG.error(
                    "{} is not watched, for it has only one of the files {} and {}",
                    ref,
                    Monitoring.BASELINE,
                    Monitoring.MONITOR);
        }
        if (known.size() >= MOST_KEPT) {
            known.clear();
        }
        known.put(ref, found);
        return found;
    }
}
