package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.modelops.testkit.contract.BlobStoreContract;
import dev.modelops.testkit.contract.LogStoreContract;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Shows that each clause of the storage contracts bites: a store with one fault fails exactly the clauses about it. */
class BrokenStoresTest {
    private static final Set<String> RACES = Set.of(
            "theHeadIsLockedFromBeforeItIsReadUntilTheCommit",
            "appendsOfManyWritersAreTotallyOrderedAndNoneIsLost",
            "aReaderNeverSeesPartOfAnAppend",
            "anInterruptedCallerHarmsNobodyElse",
            "aCallerInterruptedWhileItWaitsForTheLockHarmsNobodyElse",
            "theSameContentCanBePutByManyAtOnce",
            "differentContentCanBePutByManyAtOnce");

    private static final Map<String, Future<Outcome>> RUNS = new TreeMap<>();

    /** The clauses wait more than they work, so several runs go on at once. */
    @BeforeAll
    static void runTheContractsOnBrokenStores() {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        RUNS.put("log", threads.submit(() -> run(FaultyLogStoreCase.class, "")));
        RUNS.put("blob", threads.submit(() -> run(FaultyBlobStoreCase.class, "")));
        for (LogFault fault : LogFault.values()) {
            RUNS.put("log " + fault, threads.submit(() -> run(FaultyLogStoreCase.class, fault.name())));
        }
        for (BlobFault fault : BlobFault.values()) {
            RUNS.put("blob " + fault, threads.submit(() -> run(FaultyBlobStoreCase.class, fault.name())));
        }
        threads.shutdown();
    }

    @AfterAll
    static void forgetTheRuns() {
        RUNS.clear();
    }

    @Test
    void storesWithoutAFaultPass() throws Exception {
        assertThat(outcome("log")).isEqualTo(new Outcome(clausesOf(LogStoreContract.class), Set.of()));
        assertThat(outcome("blob")).isEqualTo(new Outcome(clausesOf(BlobStoreContract.class), Set.of()));
    }

    @ParameterizedTest
    @EnumSource
    void aLogStoreWithAFaultFailsTheClausesAboutIt(LogFault fault) throws Exception {
        requireFound(outcome("log " + fault).failed(), fault.clauses());
    }

    @ParameterizedTest
    @EnumSource
    void aBlobStoreWithAFaultFailsTheClausesAboutIt(BlobFault fault) throws Exception {
        requireFound(outcome("blob " + fault).failed(), fault.clauses());
    }

    /**
     * The clause that a fault is for must find it, and no clause about something else may; but whether a clause in which
     * threads race meets the fault as well is up to chance.
     */
    private static void requireFound(Set<String> failed, List<String> clauses) {
        Set<String> surely = new HashSet<>(clauses);
        surely.removeAll(RACES);
        surely.add(clauses.get(0));
        assertThat(failed).containsAll(surely);
        Set<String> possibly = new HashSet<>(clauses);
        possibly.addAll(RACES);
        assertThat(possibly).containsAll(failed);
    }

    @Test
    void everyClauseHasAFaultOfItsOwn() {
        assertThat(Stream.of(LogFault.values()).map(fault -> fault.clauses().get(0)))
                .containsAll(clausesOf(LogStoreContract.class));
        assertThat(Stream.of(BlobFault.values()).map(fault -> fault.clauses().get(0)))
                .containsAll(clausesOf(BlobStoreContract.class));
    }

    private static Outcome outcome(String run) throws Exception {
        return Objects.requireNonNull(RUNS.get(run)).get();
    }

    private static Set<String> clausesOf(Class<?> contract) {
        List<String> names = Arrays.stream(contract.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(Method::getName)
                .toList();
        return new TreeSet<>(names);
    }

    private static Outcome run(Class<?> tests, String fault) {
        Outcome outcome = new Outcome(new TreeSet<>(), new TreeSet<>());
        LauncherDiscoveryRequestBuilder request =
                LauncherDiscoveryRequestBuilder.request().selectors(selectClass(tests));
        LauncherDiscoveryRequest configured = fault.isEmpty()
                ? request.build()
                : request.configurationParameter("fault", fault).build();
        LauncherFactory.create().execute(configured, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest() && test.getSource().orElseThrow() instanceof MethodSource method) {
                    Set<String> names = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL
                            ? outcome.passed()
                            : outcome.failed();
                    names.add(method.getMethodName());
                }
            }
        });
        return outcome;
    }

    private record Outcome(Set<String> passed, Set<String> failed) {}
}
