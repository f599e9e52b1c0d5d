/** Contracts for governing models inside the application that runs them. */
@org.jspecify.annotations.NullMarked
module dev.modelops.api {
    requires static transitive org.jspecify;

    exports dev.modelops;
    exports dev.modelops.audit;
    exports dev.modelops.monitoring;
    exports dev.modelops.policy;
    exports dev.modelops.registry;
    exports dev.modelops.serving;
    exports dev.modelops.signing;
    exports dev.modelops.storage;

    uses dev.modelops.ModelOpsProvider;
}
