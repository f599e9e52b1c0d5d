package dev.modelops.core.internal.observation;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.monitoring.Finding;
import dev.modelops.core.internal.monitoring.Layout;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Family;
import dev.modelops.core.internal.monitoring.Window;
import dev.modelops.core.internal.observation.Layouts.Watched;
import dev.modelops.core.internal.prediction.Segment;
import dev.modelops.core.internal.prediction.Segments;
import dev.modelops.monitoring.DriftReport.Coverage;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Looks back on all that was counted of a model, window by window, as evaluations judged or would have judged it. */
public final class Hindsight {
    /** Outcomes are taken into account whenever they came. */
    private static final Duration EVER = Duration.ofDays(36_500);

    /** So many windows are kept of a version, fewer if they are large. */
    private static final int MOST_WINDOWS = 2000;

    private static final int MOST_CELLS = 10_000_000;

    private final Ledger ledger;
    private final BlobStore blobs;
    private final Layouts layouts;

    /** Looks back on a log. */
    public Hindsight(Ledger ledger, BlobStore blobs, Layouts layouts) {
        this.ledger = ledger;
        this.blobs = blobs;
        this.layouts = layouts;
    }

    /**
     * What is known of a model.
     *
     * @param versions what was counted, by version, in the order of their numbers
     * @param coverage how much of it could be seen
     */
    public record Seen(List<OfVersion> versions, Coverage coverage) {
        /** Copies the list. */
        public Seen {
            versions = List.copyOf(versions);
        }
    }

    /**
     * What was counted of a version.
     *
     * @param ref the version
     * @param layout what is counted
     * @param windows the windows that have ended, oldest first; where nothing was counted, there is none
     * @param isCut whether there were more of them before
     * @param measured what each check measured in each window whose time has come, by the number of the window
     */
    public record OfVersion(
            ModelRef ref, Layout layout, List<Window> windows, boolean isCut, Map<String, Measured> measured) {}

    /**
     * What a check measured.
     *
     * @param check the check, with the group if it is about fairness
     * @param windows what was measured, by the number of the window
     * @param changes the change that a detector remembered in a window, by the number of the window
     */
    public record Measured(Finding check, Map<Long, Finding.Measurement> windows, Map<Long, Finding.Change> changes) {}

    /** Tells whether a version says how it is watched; {@link ModelOpsException} if that cannot be read. */
    public boolean isWatched(ModelRef ref) {
        return layouts.load(ref).watched() != null;
    }

    /**
     * Looks back.
     *
     * @param size how many entries of the log are read
     * @param now until when
     */
    public Seen look(ModelName model, Environment environment, long size, Instant now) {
        Joined all = new Joined(
                this::watched,
                layout -> Math.max(
                        Evaluation.windows(layout.spec()),
                        Math.min(MOST_WINDOWS, MOST_CELLS / Math.max(1, layout.allCells()))),
                EVER);
        new Segments(ledger, blobs).read(model, environment, EnumSet.allOf(Segment.Kind.class), 0, size, all);
        all.drain();
        List<OfVersion> versions = new ArrayList<>();
        for (Joined.Version version : all.versions().values()) {
            versions.add(ofVersion(version, now));
        }
        return new Seen(versions, all.coverage());
    }

    private @Nullable Watched watched(ModelRef ref) {
        if (ledger.tip().state().version(ref) == null) {
            return null;
        }
        try {
            return layouts.load(ref).watched();
        } catch (StorageException e) {
            throw e;
        } catch (ModelOpsException e) {
            // Whoever asks whether it is watched is told why not.
            return null;
        }
    }

    static OfVersion ofVersion(Joined.Version version, Instant now) {
        Watched watched = version.watched();
        MonitorSpec spec = watched.spec();
        List<Window> windows = version.history().latest(spec.windowOf(now) - 1, Integer.MAX_VALUE);
        Map<String, Measured> measured = new TreeMap<>();
        for (Family family : Family.values()) {
            if (spec.checks(family).isEmpty()) {
                continue;
            }
            long last = spec.windowOf(now.minus(spec.wait(family))) - 1;
            for (long index : version.windows(family, last)) {
                for (Finding finding : version.find(family, index)) {
                    Measured check = measured.computeIfAbsent(
                            finding.key(), key -> new Measured(finding, new LinkedHashMap<>(), new LinkedHashMap<>()));
                    check.windows()
                            .put(
                                    index,
                                    finding.measurements()
                                            .get(finding.measurements().size() - 1));
                    if (finding.change() != null) {
                        check.changes().put(index, finding.change());
                    }
                }
            }
        }
        return new OfVersion(
                watched.ref(), watched.layout(), windows, version.history().tooOld() > 0, measured);
    }
}
