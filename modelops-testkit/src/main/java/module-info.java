/** What downstream projects test with: fixtures, assertions, and the contracts of the storage interfaces. */
@org.jspecify.annotations.NullMarked
module dev.modelops.testkit {
    requires transitive dev.modelops.api;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports dev.modelops.testkit;
    exports dev.modelops.testkit.assertions;
    exports dev.modelops.testkit.contract;
    exports dev.modelops.testkit.fixtures;
}
