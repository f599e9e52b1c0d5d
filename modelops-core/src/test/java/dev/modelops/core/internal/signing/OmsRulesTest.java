package dev.modelops.core.internal.signing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No rule of the specification is without a test. */
class OmsRulesTest {
    @ParameterizedTest
    @EnumSource
    void everyRuleHasATest(OmsRule rule) throws Exception {
        assertThat(tests().get(rule))
                .as("%s: %s", rule.level(), rule.text())
                .isNotNull()
                .isNotEmpty();
    }

    @Test
    void theTableHasEveryRuleOfTheSpecification() {
        assertThat(OmsRule.values()).hasSize(28);
        assertThat(OmsRule.values()).extracting(OmsRule::text).doesNotHaveDuplicates();
    }

    @Test
    void whatCoversARuleIsRun() throws Exception {
        for (List<Method> methods : tests().values()) {
            assertThat(methods)
                    .allMatch(method -> method.isAnnotationPresent(Test.class)
                            || method.isAnnotationPresent(ParameterizedTest.class));
        }
    }

    private static Map<OmsRule, List<Method>> tests() throws IOException, URISyntaxException, ClassNotFoundException {
        Map<OmsRule, List<Method>> tests = new EnumMap<>(OmsRule.class);
        Path folder = Path.of(Objects.requireNonNull(OmsRulesTest.class.getResource("OmsRulesTest.class"))
                        .toURI())
                .getParent();
        List<String> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("\\w+(Test|Properties)\\.class"))
                    .map(name -> OmsRulesTest.class.getPackageName() + "." + name.replace(".class", ""))
                    .toList();
        }
        for (String name : names) {
            for (Method method : Class.forName(name).getDeclaredMethods()) {
                Covers covers = method.getAnnotation(Covers.class);
                if (covers != null) {
                    for (OmsRule rule : covers.value()) {
                        tests.computeIfAbsent(rule, r -> new ArrayList<>()).add(method);
                    }
                }
            }
        }
        return tests;
    }
}
