package dev.modelops.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.testkit.Gates;
import org.junit.jupiter.api.Test;

/** The test kit names the gates without depending on this module; here the two lists meet. */
class TestKitGatesTest {
    @Test
    void testKitRequiresTheGatesOfProduction() {
        assertThat(Gates.all()).containsExactlyInAnyOrderElementsOf(Policies.PRODUCTION_GATES);
    }
}
