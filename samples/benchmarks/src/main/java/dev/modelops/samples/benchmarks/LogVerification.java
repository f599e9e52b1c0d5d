package dev.modelops.samples.benchmarks;

import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.WhatIfReport;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.Storage;
import java.lang.management.ManagementFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Verifying a log (hashes, seals, checkpoints, the fold, every decision taken again), beside hashing its entries and
 * the nodes of its tree; and trying another policy set on it.
 */
final class LogVerification {
    private final long entries;
    private final int turns;

    LogVerification(long entries, int turns) {
        this.entries = entries;
        this.turns = turns;
    }

    void run(Report report) throws InterruptedException {
        Storage storage = Storages.inMemory();
        LogKey key = fill(storage);
        List<byte[]> bodies = bodies(storage);
        List<Double> verifications = new ArrayList<>();
        List<Double> openings = new ArrayList<>();
        List<Double> replays = new ArrayList<>();
        long decisions = 0;
        List<Double> hashings = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            hashings.add(hash(bodies));
            try (StoreInspection inspection = StoreInspection.open(storage, key)) {
                long start = cpuNanos();
                AuditReport found = inspection.audit().verify(Progress.NONE);
                verifications.add(bodies.size() * 1e9 / (cpuNanos() - start));
                if (!found.isSound()) {
                    throw new IllegalStateException("the log is not sound: " + found.findings());
                }
            }
            try (StoreInspection inspection = StoreInspection.open(storage, key)) {
                long start = cpuNanos();
                long size = inspection.registry().position().size();
                openings.add(size * 1e9 / (cpuNanos() - start));
                start = cpuNanos();
                WhatIfReport tried = inspection.audit().whatIf(other(), flip -> {}, Progress.NONE);
                decisions = tried.decisions();
                replays.add(decisions * 1e9 / (cpuNanos() - start));
            }
        }
        double hashing = Report.best(hashings);
        long bytes = bodies.stream().mapToLong(body -> body.length).sum() / bodies.size();
        String beside = "hashing its " + bytes + "-byte entries and nodes: " + Report.rate(hashing);
        double best = Report.best(verifications);
        report.add(
                "verify a log of " + bodies.size() + " entries, in memory, by CPU time of one thread",
                Report.rate(best),
                beside,
                Report.percent(best / hashing),
                "at least 1 M/s per core",
                Report.verdict(best >= 1e6));
        double opening = Report.best(openings);
        report.add(
                "open the same log, from its first entry",
                Report.rate(opening),
                beside,
                Report.percent(opening / hashing),
                "",
                "");
        double replay = Report.best(replays);
        report.add(
                "try another policy set on its " + decisions + " recorded decisions",
                Report.rate(replay),
                "opening it from its first entry: " + Report.rate(opening),
                Report.percent(replay / opening),
                "a million in seconds",
                Report.format("%.1f s a million", 1e6 / replay));
    }

    private static PolicySet other() {
        return Rules.from(Policies.builtIn())
                .forbid("gate-audit")
                .on(Action.Type.AUDIT)
                .role(Role.SERVICE)
                .build();
    }

    private LogKey fill(Storage storage) throws InterruptedException {
        AtomicLong number = new AtomicLong();
        try (Governed governed = Governed.create(storage)) {
            ModelRegistry registry = governed.author().registry();
            while (governed.size() < entries) {
                var unused = Callers.rate(
                        32,
                        Duration.ofMillis(500),
                        () -> registry.setTag(governed.version(), "reviewed", Long.toString(number.getAndIncrement())));
            }
            return governed.logKey();
        }
    }

    private static List<byte[]> bodies(Storage storage) {
        List<byte[]> bodies = new ArrayList<>();
        List<LogRecord> page;
        do {
            page = storage.log().read(bodies.size(), 1000);
            page.forEach(stored -> bodies.add(stored.body().toByteArray()));
        } while (!page.isEmpty());
        return bodies;
    }

    private static double hash(List<byte[]> bodies) {
        long start = cpuNanos();
        MessageDigest sha256 = sha256();
        List<byte[]> level = new ArrayList<>(bodies.size());
        for (byte[] body : bodies) {
            sha256.update((byte) 0);
            level.add(sha256.digest(body));
        }
        while (level.size() > 1) {
            List<byte[]> above = new ArrayList<>(level.size() / 2 + 1);
            for (int i = 0; i + 1 < level.size(); i += 2) {
                sha256.update((byte) 1);
                sha256.update(level.get(i));
                above.add(sha256.digest(level.get(i + 1)));
            }
            if (level.size() % 2 == 1) {
                above.add(level.get(level.size() - 1));
            }
            level = above;
        }
        return bodies.size() * 1e9 / (cpuNanos() - start);
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
