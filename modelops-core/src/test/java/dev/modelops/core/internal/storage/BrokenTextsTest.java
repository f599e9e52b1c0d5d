package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.modelops.testkit.contract.ErasableStoreContract;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Shows that each clause of the contract for texts bites: a store with one fault fails exactly the clauses about it. */
class BrokenTextsTest {
    @Test
    void aStoreWithoutAFaultPasses() {
        assertThat(failed("")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aStoreWithAFaultFailsTheClausesAboutIt(TextFault fault) {
        assertThat(failed(fault.name())).isEqualTo(new TreeSet<>(fault.clauses()));
    }

    @Test
    void everyClauseHasAFaultOfItsOwn() {
        Set<String> clauses = new TreeSet<>();
        Arrays.stream(ErasableStoreContract.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .forEach(method -> clauses.add(method.getName()));
        assertThat(Stream.of(TextFault.values()).map(fault -> fault.clauses().get(0)))
                .containsAll(clauses);
    }

    private static Set<String> failed(String fault) {
        Set<String> failed = new TreeSet<>();
        LauncherDiscoveryRequestBuilder request =
                LauncherDiscoveryRequestBuilder.request().selectors(selectClass(FaultyTextsCase.class));
        if (!fault.isEmpty()) {
            request.configurationParameter("fault", fault);
        }
        LauncherFactory.create().execute(request.build(), new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()
                        && result.getStatus() != TestExecutionResult.Status.SUCCESSFUL
                        && test.getSource().orElseThrow() instanceof MethodSource method) {
                    failed.add(method.getMethodName());
                }
            }
        });
        return failed;
    }
}
