/** Fixtures, assertions and contract tests for projects that build on ModelOps. */
@org.jspecify.annotations.NullMarked
module dev.modelops.testkit {
    requires transitive dev.modelops.api;
    requires transitive org.assertj.core;
    requires static org.jspecify;
    requires transitive org.junit.jupiter.api;

    exports dev.modelops.testkit;
    exports dev.modelops.testkit.assertions;
    exports dev.modelops.testkit.fixtures;
}
