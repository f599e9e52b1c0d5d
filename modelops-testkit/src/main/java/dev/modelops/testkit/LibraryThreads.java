package dev.modelops.testkit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Finds threads of the library that outlive the logs they worked for. One instance serves all tests of a run. Threads do
 * not say which log they belong to, so where tests run in parallel the check waits for the last of them.
 */
final class LibraryThreads {
    private static final String PREFIX = "modelops-";
    /** A thread may be seen alive for a moment after its work has ended. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private Set<Thread> before = Set.of();
    private int open;

    synchronized void opened() {
        if (open == 0) {
            before = new HashSet<>(alive());
        }
        open++;
    }

    /** Fails if this was the last open log and threads born since the first one was opened are still alive. */
    synchronized void closed() {
        open--;
        if (open > 0) {
            return;
        }
        List<Thread> left = new ArrayList<>(alive());
        left.removeAll(before);
        left.removeIf(LibraryThreads::ends);
        if (!left.isEmpty()) {
            throw new AssertionError(describe(left));
        }
    }

    private static List<Thread> alive() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(PREFIX))
                .toList();
    }

    private static boolean ends(Thread thread) {
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, GRACE_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    private static String describe(List<Thread> left) {
        StringBuilder text = new StringBuilder("expected close() to end every thread of the library, but ")
                .append(left.size())
                .append(" outlived it:");
        for (Thread thread : left) {
            text.append("\n  ")
                    .append(thread.getName())
                    .append(" (")
                    .append(thread.getState())
                    .append(')');
            for (StackTraceElement frame : thread.getStackTrace()) {
                text.append("\n    at ").append(frame);
            }
        }
        return text.append("\nClose every ModelOps, handle and listener that the test opened itself.")
                .toString();
    }
}
