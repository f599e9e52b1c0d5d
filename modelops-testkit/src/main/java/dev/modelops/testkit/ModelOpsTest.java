package dev.modelops.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives every test of a class, or one test, a fresh log in memory, as {@link ModelOpsExtension} describes it, and injects
 * it into the parameters of test and lifecycle methods.
 *
 * <pre>{@code
 * @ModelOpsTest
 * class ReleaseTest {
 *     @Test
 *     void versionsAreNotPromotedWithoutApproval(ModelOps ops, People people, @TempDir Path dir) {
 *         ModelVersion version = ops.as(people.dataScientist())
 *                 .registry()
 *                 .register(VersionSpec.of("credit-risk", Models.small(dir.resolve("model"))));
 *
 *         assertThatRefused(() -> ops.as(people.releaseManager()).registry().promote(version.ref(), PRODUCTION))
 *                 .isDeniedBy(Gates.APPROVAL);
 *     }
 * }
 * }</pre>
 *
 * <p>Not to be combined with a registered {@link ModelOpsExtension} in one class: both would offer the same parameters.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ModelOpsExtension.class)
public @interface ModelOpsTest {}
