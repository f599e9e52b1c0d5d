/** What projects that build on ModelOps test with. */
@org.jspecify.annotations.NullMarked
module dev.modelops.testkit {
    requires transitive dev.modelops.api;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports dev.modelops.testkit.contract;

    opens dev.modelops.testkit.contract to
            org.junit.platform.commons;
}
