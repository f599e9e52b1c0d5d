package dev.modelops.core.internal.governor;

import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Outside.Answer;
import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.FactProvider;
import dev.modelops.policy.Facts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the providers of outside facts, each on a thread of its own, all within one deadline. */
final class Providers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);
    private static final int MOST_QUESTIONS = 64;
    private static final int MOST_ELEMENTS = 100;
    private static final int LONGEST_TEXT = 1000;

    /** What all answers together may take up in an entry. */
    private static final int MOST_BYTES = 16_000;

    /** What the names of all facts together may take up in an entry. */
    private static final int MOST_BYTES_OF_NAMES = 8_000;

    private static final Duration DRAIN = Duration.ofSeconds(5);

    /** The first parts of names that belong to the library. */
    private static final Set<String> OWN = Set.of(
            "alerts",
            "action",
            "alias",
            "approvals",
            "attested",
            "champion",
            "documents",
            "fairness",
            "grant",
            "experiment",
            "halt",
            "lineage",
            "now",
            "override",
            "owners",
            "policies",
            "source",
            "required",
            "resource",
            "signature",
            "staging",
            "tag",
            "trust",
            "validation");

    private static final Set<String> OWN_ATTRIBUTES = Set.of(
            "principal." + EntityNames.ASSURANCE,
            "principal." + EntityNames.ROLES,
            "principal." + EntityNames.UNITS,
            "environment.services");

    private final List<FactProvider> providers;
    private final Map<String, String> all = new HashMap<>();
    private final long deadlineNanos;
    private final Clock clock;
    private final ThreadPoolExecutor threads;

    /** Takes over some providers; {@link IllegalArgumentException} if one gives a fact that is the library's own. */
    Providers(List<FactProvider> providers, Duration deadline, Clock clock) {
        this.providers = providers;
        this.deadlineNanos = deadline.toNanos();
        this.clock = clock;
        for (FactProvider provider : providers) {
            for (String fact : provider.provides()) {
                requireFree(fact, provider.name());
                all.put(fact, provider.name());
            }
        }
        int named = all.keySet().stream().mapToInt(String::length).sum();
        if (named > MOST_BYTES_OF_NAMES) {
            throw new IllegalArgumentException("the names of the facts of all providers may have " + MOST_BYTES_OF_NAMES
                    + " characters, to be recorded with an act, but have " + named + "; give fewer or shorter ones");
        }
        this.threads =
                new ThreadPoolExecutor(0, MOST_QUESTIONS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread created = new Thread(task, "modelops-facts");
                    created.setDaemon(true);
                    return created;
                });
    }

    private static void requireFree(String fact, String provider) {
        if (isOwn(fact)) {
            throw new IllegalArgumentException("fact provider '" + provider + "' must not give '" + fact
                    + "', which the library gives itself; name it otherwise");
        }
    }

    /** Tells whether a name belongs to the library: no provider gives a fact of that name or within it. */
    static boolean isOwn(String name) {
        int dot = name.indexOf('.');
        String first = dot < 0 ? name : name.substring(0, dot);
        return OWN.contains(first)
                || EntityNames.isOpenRecord(first)
                || OWN_ATTRIBUTES.stream().anyMatch(own -> name.equals(own) || name.startsWith(own + "."));
    }

    /** Returns what is known before anybody was asked: nothing, and that is not the same as absence. */
    Outside nothing() {
        return providers.isEmpty() ? Outside.NONE : new Outside(new TreeMap<>(), all);
    }

    /** Tells whether somebody is to be asked for an action. */
    boolean areAsked(Tip tip, Action action) {
        return !providers.isEmpty() && !tip.policy().read(action, all.keySet()).isEmpty();
    }

    /** Asks those whose facts a rule may read. */
    Outside gather(Tip tip, Action action, Supplier<AccessRequest> request) {
        if (providers.isEmpty()) {
            return Outside.NONE;
        }
        Set<String> read = new TreeSet<>(tip.policy().read(action, all.keySet()));
        if (action.type() == Action.Type.ROLLBACK) {
            // Where it leads is for the rules on serving to say.
            read.addAll(tip.policy().read(serving(action), all.keySet()));
        }
        Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Map<FactProvider, @Nullable Future<Map<String, Object>>> questions = new LinkedHashMap<>();
        Map<String, String> unasked = new HashMap<>();
        for (FactProvider provider : providers) {
            if (provider.provides().stream().noneMatch(read::contains)) {
                provider.provides().forEach(fact -> unasked.put(fact, provider.name()));
                continue;
            }
            AccessRequest asked = request.get();
            try {
                questions.put(provider, threads.submit(() -> provider.compute(asked)));
            } catch (RejectedExecutionException e) {
                questions.put(provider, null);
            }
        }
        long deadline = System.nanoTime() + deadlineNanos;
        SortedMap<String, Answer> answers = new TreeMap<>();
        int room = MOST_BYTES;
        for (Map.Entry<FactProvider, @Nullable Future<Map<String, Object>>> asked : questions.entrySet()) {
            FactProvider provider = asked.getKey();
            Answer answer = answer(provider, asked.getValue(), deadline, at);
            int size = Outside.sizeOf(answer);
            if (size > room) {
                answer = Answer.failed(
                        answer.names(),
                        "it gave " + size + " bytes, and an entry of the log has room for " + room + " more",
                        at,
                        answer.maxAge());
            } else {
                room -= size;
            }
            answers.put(provider.name(), answer);
        }
        return new Outside(answers, Map.copyOf(unasked));
    }

    private static Action serving(Action rollback) {
        return Action.serve(
                new ModelRef(rollback.model().orElseThrow(), VersionNumber.of(1)),
                rollback.environment().orElseThrow());
    }

    private Answer answer(
            FactProvider provider, @Nullable Future<Map<String, Object>> question, long deadline, Instant at) {
        Set<String> names = Set.copyOf(provider.provides());
        String failure;
        if (question == null) {
            failure = "too many questions wait for an answer";
        } else {
            try {
                Map<String, Object> given = question.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                failure = given == null ? "it returned null" : wrong(given, names);
                if (failure == null && given != null) {
                    return new Answer(new TreeMap<>(given), names, null, at, provider.maxAge());
                }
            } catch (TimeoutException e) {
                failure = "it did not answer within " + Duration.ofNanos(deadlineNanos);
            } catch (ExecutionException e) {
                failure = "it failed: " + e.getCause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = "the caller was interrupted";
            } catch (RuntimeException e) {
                failure = "what it returned cannot be read: " + e;
            }
            question.cancel(true);
        }
        LOG.warn("fact provider '{}' gave no facts: {}", provider.name(), failure);
        return Answer.failed(names, String.valueOf(failure), at, provider.maxAge());
    }

    private static @Nullable String wrong(Map<String, Object> given, Set<String> names) {
        for (Map.Entry<String, Object> fact : given.entrySet()) {
            if (!names.contains(fact.getKey())) {
                return "it gave '" + fact.getKey() + "', which is not among what it provides";
            }
            if (fact.getValue() == null) {
                return "it gave null for '" + fact.getKey() + "'; leave out what is absent";
            }
            try {
                Facts.requireFact(fact.getKey(), fact.getValue());
            } catch (IllegalArgumentException e) {
                return e.getMessage();
            }
            if (!isBounded(fact.getValue())) {
                return "'" + fact.getKey() + "' is too large; a text may have " + LONGEST_TEXT + " characters, a set "
                        + MOST_ELEMENTS + " elements";
            }
        }
        return null;
    }

    private static boolean isBounded(Object fact) {
        return fact instanceof Collection<?> elements
                ? elements.size() <= MOST_ELEMENTS && elements.stream().allMatch(Providers::isBounded)
                : fact.toString().length() <= LONGEST_TEXT;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        boolean ended = false;
        try {
            ended = threads.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            LOG.error("a fact provider did not end within {} of its interruption", DRAIN);
        }
    }
}
