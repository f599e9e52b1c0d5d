package dev.modelops.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every {@link LogStore} must do, one test for each clause. Extend it, say how a store is made, and run it with
 * JUnit:
 *
 * <pre>{@code
 * class MyLogStoreTest extends LogStoreContract {
 *     @TempDir
 *     Path folder;
 *
 *     @Override
 *     protected LogStore createStore() {
 *         return new MyLogStore(folder);
 *     }
 *
 *     @Override
 *     protected LogStore reopen() {
 *         return new MyLogStore(folder);
 *     }
 * }
 * }</pre>
 *
 * <p>Where the interface leaves a choice, the contract settles it: records, seals and heads that do not fit, checkpoints
 * that the log has not reached, and arguments out of range are {@link IllegalArgumentException}; a second append in a
 * transaction and the use of a transaction after its work are {@link IllegalStateException}; an interrupted caller either
 * gets its work done or a {@link StorageException}, keeps its interrupt status, and harms nobody else.
 *
 * <p>Stores that the methods of this class return are closed after each test.
 */
@DisplayName("A log store")
public abstract class LogStoreContract {
    private static final int PATIENCE_SECONDS = 60;
    private static final int GLIMPSE_MILLIS = 200;
    private static final int MOVING_MILLIS = 10_000;

    private final List<LogStore> opened = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private LogStore store;

    /** Creates the contract test. */
    protected LogStoreContract() {}

    /**
     * Creates an empty store on a storage of its own. Called once for each test, before anything else.
     *
     * @return the store
     */
    protected abstract LogStore createStore();

    /**
     * Opens another store on the storage that {@link #createStore} made last. With {@link StoreAbility#SHARED} it is
     * called while others are open; with {@link StoreAbility#DURABLE}, after all were closed. Without both it is not
     * called.
     *
     * @return the store
     */
    protected abstract LogStore reopen();

    /**
     * Returns what the store can do; all of it, unless overridden.
     *
     * @return the abilities
     */
    protected Set<StoreAbility> abilities() {
        return EnumSet.allOf(StoreAbility.class);
    }

    @BeforeEach
    final void createEmptyStore() {
        store = track(createStore());
    }

    @AfterEach
    final void closeEverything() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("a call on the store has not returned")
                .isTrue();
        opened.forEach(LogStore::close);
    }

    // Reading

    @Test
    void aNewStoreHasTheHeadOfTheEmptyTree() {
        assertThat(store.head()).isEqualTo(new LogHead(0, Digest.sha256Of(Bytes.of(new byte[0]))));
    }

    @Test
    void aNewStoreHoldsNoRecordsSealsOrCheckpoints() {
        assertThat(store.read(0, 10)).isEmpty();
        assertThat(store.seals(0, 10)).isEmpty();
        assertThat(store.checkpoints(0, 10)).isEmpty();
        assertThat(store.latestCheckpoint()).isEmpty();
    }

    @Test
    void whatWasAppendedIsReadBack() {
        add(store, "a", "b");
        add(store, "c");

        assertThat(store.head()).isEqualTo(headAt(3));
        assertThat(store.read(0, 10)).containsExactly(record(0, "a"), record(1, "b"), record(2, "c"));
        assertThat(store.seals(0, 10)).containsExactly(seal(0, 2), seal(2, 3));
    }

    @Test
    void recordsAreReadInOrderFromAnIndexUpToTheLimit() {
        add(store, "a", "b", "c", "d", "e");

        assertThat(readAll(store, 3)).containsExactly(record(3, "d"), record(4, "e"));
        assertThat(store.read(1, 1)).containsExactly(record(1, "b"));
        List<LogRecord> some = store.read(1, 3);
        assertThat(some)
                .isNotEmpty()
                .isEqualTo(
                        List.of(record(1, "b"), record(2, "c"), record(3, "d")).subList(0, Math.min(3, some.size())));
    }

    @Test
    void readingAtOrPastTheEndReturnsNothing() {
        add(store, "a", "b");

        assertThat(store.read(2, 10)).isEmpty();
        assertThat(store.read(3, 10)).isEmpty();
        assertThat(store.read(Long.MAX_VALUE, Integer.MAX_VALUE)).isEmpty();
    }

    @Test
    void aLongReadMayComeInChunksButStopsOnlyAtTheEnd() {
        List<String> bodies =
                LongStream.range(0, 6).mapToObj(i -> "x".repeat(65_000) + i).toList();
        for (int i = 0; i < 20; i++) {
            add(store, bodies.toArray(String[]::new));
        }

        List<LogRecord> all = readAll(store, 0);

        assertThat(all).hasSize(120);
        assertThat(all.get(119)).isEqualTo(record(119, bodies.get(5)));
    }

    @Test
    void bodiesOfEveryAllowedLengthAreKeptExactly() {
        byte[] longest = new byte[65_535];
        for (int i = 0; i < longest.length; i++) {
            longest[i] = (byte) (i % 251);
        }
        Bytes everyByte = Bytes.of(Arrays.copyOf(longest, 251));
        List<Bytes> bodies =
                List.of(Bytes.of(new byte[1]), Bytes.of(longest), everyByte, Bytes.ofUtf8("'\u0000\u20ac"));

        store.append(transaction -> append(transaction, bodies));

        assertThat(readAll(store, 0)).extracting(LogRecord::body).containsExactlyElementsOf(bodies);
    }

    @Test
    void emptyAndOverlongBodiesAreRefused() {
        for (int length : new int[] {0, 65_536}) {
            Bytes body = Bytes.of(new byte[length]);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.append(transaction -> append(transaction, List.of(body))));
        }
        assertEmpty(store);
    }

    @Test
    void argumentsOutOfRangeAreRefused() {
        add(store, "a");
        assertThatIllegalArgumentException().isThrownBy(() -> store.read(-1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> store.read(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> store.seals(-1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> store.seals(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> store.checkpoints(-1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> store.checkpoints(0, 0));
        store.append(transaction -> {
            assertThatIllegalArgumentException().isThrownBy(() -> transaction.read(-1, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> transaction.seals(0, 0));
            return 0;
        });
    }

    @Test
    void sealsAreThoseThatEndAfterAnIndexInOrderUpToTheLimit() {
        add(store, "a", "b");
        add(store, "c");
        add(store, "d", "e", "f");

        assertThat(store.seals(1, 10)).containsExactly(seal(0, 2), seal(2, 3), seal(3, 6));
        assertThat(store.seals(2, 10)).containsExactly(seal(2, 3), seal(3, 6));
        assertThat(store.seals(0, 2)).containsExactly(seal(0, 2), seal(2, 3));
        assertThat(store.seals(6, 10)).isEmpty();
    }

    @Test
    void listsGivenInAreCopied() {
        List<LogRecord> given = new ArrayList<>(List.of(record(0, "a"), record(1, "b")));
        store.append(transaction -> {
            transaction.append(given, seal(0, 2), headAt(2));
            given.set(0, record(0, "changed"));
            return 0;
        });
        given.clear();

        assertThat(store.read(0, 10)).containsExactly(record(0, "a"), record(1, "b"));
    }

    @Test
    void listsHandedOutAreCopies() {
        add(store, "a", "b");
        store.publish(checkpoint(2));

        tryToClear(store.read(0, 10));
        tryToClear(store.seals(0, 10));
        tryToClear(store.checkpoints(0, 10));

        assertThat(store.read(0, 10)).hasSize(2);
        assertThat(store.seals(0, 10)).hasSize(1);
        assertThat(store.checkpoints(0, 10)).hasSize(1);
    }

    // Appending

    @Test
    void theTransactionReadsWhatTheStoreHolds() {
        add(store, "a", "b");
        add(store, "c");

        store.append(transaction -> {
            assertThat(transaction.head()).isEqualTo(headAt(3));
            assertThat(transaction.read(1, 10)).containsExactly(record(1, "b"), record(2, "c"));
            assertThat(transaction.seals(2, 10)).containsExactly(seal(2, 3));
            return 0;
        });
    }

    @Test
    void theWorkRunsOnceOnTheCallingThreadAndItsResultIsReturned() {
        AtomicInteger runs = new AtomicInteger();
        AtomicReference<Thread> thread = new AtomicReference<>();
        Object result = new Object();

        Object returned = store.append(transaction -> {
            runs.incrementAndGet();
            thread.set(Thread.currentThread());
            return result;
        });

        assertThat(returned).isSameAs(result);
        assertThat(runs).hasValue(1);
        assertThat(thread).hasValue(Thread.currentThread());
    }

    @Test
    void workThatThrowsAppendsNothing() {
        RuntimeException failure = new RuntimeException("the work failed");
        AssertionError error = new AssertionError("the work erred");

        assertThat(catchThrowable(() -> store.append(transaction -> {
                    append(transaction, "a");
                    throw failure;
                })))
                .isSameAs(failure);
        assertThat(catchThrowable(() -> store.append(transaction -> {
                    append(transaction, "a");
                    throw error;
                })))
                .isSameAs(error);

        assertEmpty(store);
        add(store, "b");
        assertThat(store.read(0, 10)).containsExactly(record(0, "b"));
    }

    @Test
    void workThatAppendsNothingChangesNothing() {
        add(store, "a");

        LogHead seen = store.append(LogStore.Transaction::head);

        assertThat(seen).isEqualTo(headAt(1));
        assertThat(store.head()).isEqualTo(headAt(1));
        assertThat(store.seals(0, 10)).containsExactly(seal(0, 1));
    }

    @Test
    void aBatchThatLeavesAGapAfterTheHeadIsRefused() {
        add(store, "a");
        assertRefused(List.of(record(2, "c")), seal(2, 3), headAt(3));
        assertRefused(List.of(record(2, "c")), seal(1, 2), headAt(2));
    }

    @Test
    void aBatchThatOverlapsTheHeadIsRefused() {
        add(store, "a");
        assertRefused(List.of(record(0, "x"), record(1, "y")), seal(0, 2), headAt(2));
        assertRefused(List.of(record(0, "x")), seal(1, 2), headAt(2));
    }

    @Test
    void aBatchThatIsNotDenseIsRefused() {
        add(store, "a");
        assertRefused(List.of(record(1, "b"), record(3, "d")), seal(1, 4), headAt(4));
        assertRefused(List.of(record(1, "b"), record(3, "d")), seal(1, 3), headAt(3));
        assertRefused(List.of(record(1, "b"), record(1, "c")), seal(1, 3), headAt(3));
        assertRefused(List.of(record(2, "b"), record(1, "c")), seal(1, 3), headAt(3));
    }

    @Test
    void anEmptyBatchIsRefused() {
        add(store, "a");
        assertRefused(List.of(), seal(1, 1), headAt(1));
    }

    @Test
    void aSealThatDoesNotCoverTheBatchIsRefused() {
        add(store, "a");
        assertRefused(List.of(record(1, "b")), seal(0, 2), headAt(2));
        assertRefused(List.of(record(1, "b")), seal(1, 3), headAt(2));
    }

    @Test
    void aHeadThatDoesNotEndWithTheBatchIsRefused() {
        add(store, "a");
        assertRefused(List.of(record(1, "b")), seal(1, 2), headAt(3));
        assertRefused(List.of(record(1, "b")), seal(1, 2), headAt(1));
    }

    @Test
    void aRefusedBatchLeavesTheTransactionAsItWas() {
        store.append(transaction -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> transaction.append(List.of(record(1, "x")), seal(1, 2), headAt(2)));
            return append(transaction, "a");
        });

        assertThat(store.read(0, 10)).containsExactly(record(0, "a"));
    }

    @Test
    void aSecondAppendInATransactionIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> store.append(transaction -> {
                    append(transaction, "a");
                    transaction.append(List.of(record(1, "b")), seal(1, 2), headAt(2));
                    return 0;
                }));

        assertEmpty(store);
    }

    @Test
    void aTransactionIsNotUsableAfterItsWork() {
        LogStore.Transaction over = store.append(transaction -> transaction);

        assertThatIllegalStateException().isThrownBy(over::head);
        assertThatIllegalStateException().isThrownBy(() -> over.read(0, 1));
        assertThatIllegalStateException().isThrownBy(() -> over.seals(0, 1));
        assertThatIllegalStateException().isThrownBy(() -> over.append(List.of(record(0, "a")), seal(0, 1), headAt(1)));
        assertEmpty(store);
    }

    // Order and isolation

    @Test
    void theHeadIsLockedFromBeforeItIsReadUntilTheCommit() {
        LogStore other = another();
        AtomicBoolean otherRuns = new AtomicBoolean();

        Future<LogHead> second = store.append(transaction -> {
            Future<LogHead> started = threads.submit(() -> other.append(later -> {
                otherRuns.set(true);
                return later.head();
            }));
            glimpse(started);
            assertThat(otherRuns)
                    .as("the second work runs under the first one's lock")
                    .isFalse();
            append(transaction, "a");
            return started;
        });

        assertThat(await(second)).isEqualTo(headAt(1));
    }

    @Test
    void appendsOfManyWritersAreTotallyOrderedAndNoneIsLost() {
        List<LogStore> stores = List.of(store, another());
        int writers = 4;
        int batches = 20;

        List<Future<List<Long>>> running = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
            int number = writer;
            running.add(threads.submit(() -> {
                List<Long> starts = new ArrayList<>();
                for (int batch = 0; batch < batches; batch++) {
                    String body = number + ":" + batch;
                    int size = 1 + (number + batch) % 3;
                    starts.add(stores.get(number % 2).append(transaction -> {
                        long from = transaction.head().size();
                        assertThat(from == 0 || transaction.head().equals(headAt(from)))
                                .isTrue();
                        assertThat(transaction.read(from, 1)).isEmpty();
                        append(
                                transaction,
                                Stream.generate(() -> body).limit(size).toArray(String[]::new));
                        return from;
                    }));
                }
                return starts;
            }));
        }
        List<List<Long>> starts = running.stream().map(LogStoreContract::await).toList();

        List<LogRecord> all = readAll(store, 0);
        assertThat(store.head()).isEqualTo(headAt(all.size()));
        assertThat(all).extracting(LogRecord::index).containsExactlyElementsOf(longs(all.size()));
        Map<String, List<Long>> places = all.stream()
                .collect(Collectors.groupingBy(
                        record -> record.body().toUtf8(), Collectors.mapping(LogRecord::index, Collectors.toList())));
        for (int writer = 0; writer < writers; writer++) {
            for (int batch = 0; batch < batches; batch++) {
                long from = starts.get(writer).get(batch);
                assertThat(places.get(writer + ":" + batch))
                        .containsExactlyElementsOf(LongStream.range(from, from + 1 + (writer + batch) % 3)
                                .boxed()
                                .toList());
            }
        }
        List<LogSeal> seals = store.seals(0, 1_000);
        assertThat(seals).hasSize(writers * batches);
        long end = 0;
        for (LogSeal seal : seals) {
            assertThat(seal.from()).isEqualTo(end);
            end = seal.size();
        }
        assertThat(end).isEqualTo(all.size());
    }

    @Test
    void anAppendIsNotSeenBeforeItsWorkHasEnded() {
        LogStore other = another();
        add(store, "a");

        Future<View> view = store.append(transaction -> {
            append(transaction, "b", "c", "d");
            Future<View> started = threads.submit(() -> View.of(other));
            glimpse(started);
            return started;
        });

        assertThat(await(view)).matches(seen -> seen.isWhole(1, 3), "is whole");
        assertThat(View.of(other)).isEqualTo(new View(4, 4, 4, 4));
    }

    @Test
    void aReaderNeverSeesPartOfAnAppend() {
        LogStore other = another();
        AtomicBoolean done = new AtomicBoolean();
        Future<List<View>> reader = threads.submit(() -> {
            List<View> views = new ArrayList<>();
            while (!done.get()) {
                views.add(View.of(other));
            }
            return views;
        });

        for (int batch = 0; batch < 30; batch++) {
            add(store, "a", "b", "c", "d", "e", "f", "g");
        }
        done.set(true);

        assertThat(await(reader)).allMatch(view -> view.isWhole(0, 7));
    }

    // Checkpoints

    @Test
    void aPublishedCheckpointIsReadBackExactly() {
        add(store, "a");
        LogCheckpoint published = new LogCheckpoint(1, "example.org/log\n1\n'\"%\\\n\n\u2014 example.org/log AAAA\n");

        store.publish(published);

        assertThat(store.latestCheckpoint()).contains(published);
        assertThat(store.checkpoints(0, 10)).containsExactly(published);
    }

    @Test
    void theFirstCheckpointForASizeStays() {
        add(store, "a");
        store.publish(checkpoint(1));

        store.publish(new LogCheckpoint(1, "another note"));

        assertThat(store.latestCheckpoint()).contains(checkpoint(1));
        assertThat(store.checkpoints(0, 10)).containsExactly(checkpoint(1));
    }

    @Test
    void theLatestCheckpointIsTheOneWithTheGreatestSize() {
        add(store, "a", "b", "c");
        store.publish(checkpoint(1));
        store.publish(checkpoint(3));
        store.publish(checkpoint(2));

        assertThat(store.latestCheckpoint()).contains(checkpoint(3));
    }

    @Test
    void checkpointsAreReadFromASizeInOrderUpToTheLimit() {
        add(store, "a", "b", "c", "d");
        store.publish(checkpoint(4));
        store.publish(checkpoint(1));
        store.publish(checkpoint(3));

        assertThat(store.checkpoints(1, 10)).containsExactly(checkpoint(1), checkpoint(3), checkpoint(4));
        assertThat(store.checkpoints(2, 10)).containsExactly(checkpoint(3), checkpoint(4));
        assertThat(store.checkpoints(0, 2)).containsExactly(checkpoint(1), checkpoint(3));
        assertThat(store.checkpoints(5, 10)).isEmpty();
    }

    @Test
    void aCheckpointThatTheLogHasNotReachedIsRefused() {
        add(store, "a");

        assertThatIllegalArgumentException().isThrownBy(() -> store.publish(checkpoint(2)));
        assertThatIllegalArgumentException().isThrownBy(() -> store.publish(checkpoint(-1)));

        assertThat(store.checkpoints(0, 10)).isEmpty();
    }

    // Time

    @Test
    void aTimeOfItsOwnIsThatOfTheWorldAndGoesOn() throws InterruptedException {
        Optional<Instant> first = store.time();
        if (first.isEmpty()) {
            return;
        }
        Duration off = Duration.between(first.get(), Clock.systemUTC().instant());
        assertThat(off.abs())
                .as("how far %s, the store's time, is from this host's: is it read in another time zone?", first.get())
                .isLessThan(Duration.ofMinutes(5));

        Optional<Instant> next = first;
        for (int i = 0; i < MOVING_MILLIS && next.equals(first); i++) {
            Thread.sleep(1);
            next = store.time();
        }
        assertThat(next.orElseThrow()).as("the time a while later").isAfter(first.get());
    }

    // Interrupts, closing, durability

    @Test
    void anInterruptedCallerHarmsNobodyElse() {
        LogStore other = another();
        add(store, "a");

        Attempt append = await(threads.submit(() -> Attempt.interrupted(() -> add(store, "b"))));
        Attempt publish = await(threads.submit(() -> Attempt.interrupted(() -> store.publish(checkpoint(1)))));
        Attempt read = await(threads.submit(() -> Attempt.interrupted(() -> readAll(store, 0))));

        assertThat(List.of(append, publish, read)).allMatch(Attempt::statusKept);
        long size = append.done() ? 2 : 1;
        for (LogStore each : List.of(store, other)) {
            assertThat(View.of(each)).isEqualTo(new View(size, size, size, size));
            assertThat(each.latestCheckpoint().isPresent()).isEqualTo(publish.done());
        }
        add(store, "c");
        add(other, "d");
        assertThat(store.head()).isEqualTo(headAt(size + 2));
    }

    @Test
    void aCallerInterruptedWhileItWaitsForTheLockHarmsNobodyElse() {
        LogStore other = another();
        CompletableFuture<Thread> waiter = new CompletableFuture<>();

        Future<Attempt> waiting = store.append(transaction -> {
            Future<Attempt> started = threads.submit(() -> {
                waiter.complete(Thread.currentThread());
                return Attempt.of(() -> add(other, "b"));
            });
            glimpse(started);
            await(waiter).interrupt();
            glimpse(started);
            append(transaction, "a");
            return started;
        });

        Attempt attempt = await(waiting);
        assertThat(attempt.statusKept()).as("the interrupt status was kept").isTrue();
        long size = attempt.done() ? 2 : 1;
        assertThat(View.of(store)).isEqualTo(new View(size, size, size, size));
        add(other, "c");
        assertThat(store.head()).isEqualTo(headAt(size + 1));
    }

    @Test
    void aClosedStoreRefusesItsWork() {
        add(store, "a");
        store.publish(checkpoint(1));
        boolean hasTime = store.time().isPresent();
        close(store);

        if (abilities().contains(StoreAbility.CLOSING)) {
            if (hasTime) {
                assertClosed(store::time);
            }
            assertClosed(store::head);
            assertClosed(() -> store.read(0, 1));
            assertClosed(() -> store.seals(0, 1));
            assertClosed(() -> store.append(LogStore.Transaction::head));
            assertClosed(() -> {
                store.publish(checkpoint(0));
                return 0;
            });
            assertClosed(store::latestCheckpoint);
            assertClosed(() -> store.checkpoints(0, 1));
        } else {
            assertThat(store.read(0, 10)).containsExactly(record(0, "a"));
            add(store, "b");
            assertThat(store.head()).isEqualTo(headAt(2));
        }
    }

    @Test
    void aSecondCloseDoesNothing() {
        close(store);

        assertThatCode(store::close).doesNotThrowAnyException();
    }

    @Test
    void closingOneStoreLeavesTheOthersOpen() {
        Assumptions.assumeTrue(
                abilities().contains(StoreAbility.SHARED),
                "the store does not claim to be shared (StoreAbility.SHARED)");
        LogStore other = another();
        add(store, "a");
        assertThat(other.head()).isEqualTo(headAt(1));

        close(store);

        add(other, "b");
        assertThat(other.read(0, 10)).containsExactly(record(0, "a"), record(1, "b"));
    }

    @Test
    void whatWasWrittenIsThereAfterReopening() {
        Assumptions.assumeTrue(
                abilities().contains(StoreAbility.DURABLE), "the store does not claim to last (StoreAbility.DURABLE)");
        add(store, "a", "b");
        add(store, "c");
        store.publish(checkpoint(2));
        close(store);

        LogStore again = track(reopen());

        assertThat(again.head()).isEqualTo(headAt(3));
        assertThat(again.read(0, 10)).containsExactly(record(0, "a"), record(1, "b"), record(2, "c"));
        assertThat(again.seals(0, 10)).containsExactly(seal(0, 2), seal(2, 3));
        assertThat(again.checkpoints(0, 10)).containsExactly(checkpoint(2));
        add(again, "d");
        assertThat(again.read(3, 10)).containsExactly(record(3, "d"));
    }

    private LogStore track(LogStore created) {
        opened.add(created);
        return created;
    }

    private void close(LogStore open) {
        opened.remove(open);
        open.close();
    }

    private LogStore another() {
        return abilities().contains(StoreAbility.SHARED) ? track(reopen()) : store;
    }

    private void assertRefused(List<LogRecord> records, LogSeal seal, LogHead head) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.append(transaction -> {
                    transaction.append(records, seal, head);
                    return 0;
                }));
        assertThat(View.of(store)).isEqualTo(new View(1, 1, 1, 1));
    }

    private static void assertEmpty(LogStore store) {
        assertThat(View.of(store)).isEqualTo(new View(0, 0, 0, 0));
    }

    private static void assertClosed(Callable<?> call) {
        assertThatThrownBy(call::call).isInstanceOf(StorageException.class);
    }

    private static void tryToClear(List<?> list) {
        try {
            list.clear();
        } catch (UnsupportedOperationException e) {
            assertThat(list).isNotEmpty();
        }
    }

    private static void glimpse(Future<?> other) {
        try {
            other.get(GLIMPSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            assertThat(other).isNotDone();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("a call on the store failed or did not return", e);
        }
    }

    private static List<Long> longs(long end) {
        return LongStream.range(0, end).boxed().toList();
    }

    private static List<LogRecord> readAll(LogStore store, long from) {
        List<LogRecord> all = new ArrayList<>();
        List<LogRecord> chunk = store.read(from, Integer.MAX_VALUE);
        while (!chunk.isEmpty()) {
            all.addAll(chunk);
            chunk = store.read(from + all.size(), Integer.MAX_VALUE);
        }
        return all;
    }

    private static long add(LogStore store, String... bodies) {
        return store.append(transaction -> append(transaction, bodies));
    }

    private static long append(LogStore.Transaction transaction, String... bodies) {
        return append(transaction, Stream.of(bodies).map(Bytes::ofUtf8).toList());
    }

    private static long append(LogStore.Transaction transaction, List<Bytes> bodies) {
        long from = transaction.head().size();
        List<LogRecord> records = new ArrayList<>();
        for (Bytes body : bodies) {
            records.add(new LogRecord(from + records.size(), body));
        }
        transaction.append(records, seal(from, from + records.size()), headAt(from + records.size()));
        return from + records.size();
    }

    private static LogRecord record(long index, String body) {
        return new LogRecord(index, Bytes.ofUtf8(body));
    }

    private static LogSeal seal(long from, long size) {
        return new LogSeal(from, size, "seal\n" + from + " " + size + "\n\n\u2014 example.org/writer AAAA\n");
    }

    private static LogHead headAt(long size) {
        return new LogHead(size, Digest.sha256Of(Bytes.ofUtf8("root at " + size)));
    }

    private static LogCheckpoint checkpoint(long size) {
        return new LogCheckpoint(size, "checkpoint at " + size);
    }

    /** How a call went on a thread that was interrupted: done or refused by the store, and whether the thread still knows. */
    private record Attempt(boolean done, boolean statusKept) {
        static Attempt interrupted(Runnable call) {
            Thread.currentThread().interrupt();
            return of(call);
        }

        static Attempt of(Runnable call) {
            try {
                call.run();
                return new Attempt(true, Thread.interrupted());
            } catch (StorageException e) {
                return new Attempt(false, Thread.interrupted());
            }
        }
    }

    /** What a reader saw, in the order in which it looked: head, seals, records, head again. */
    private record View(long headBefore, long sealed, long records, long headAfter) {
        static View of(LogStore store) {
            LogHead before = store.head();
            assertThat(before.size() == 0 || before.equals(headAt(before.size())))
                    .isTrue();
            List<LogSeal> seals = store.seals(0, 1_000);
            List<LogRecord> records = readAll(store, 0);
            return new View(
                    before.size(),
                    seals.isEmpty() ? 0 : seals.get(seals.size() - 1).size(),
                    records.size(),
                    store.head().size());
        }

        boolean isWhole(long start, long batch) {
            return headBefore <= sealed
                    && sealed <= records
                    && records <= headAfter
                    && Stream.of(headBefore, sealed, records, headAfter).allMatch(n -> (n - start) % batch == 0);
        }
    }
}
