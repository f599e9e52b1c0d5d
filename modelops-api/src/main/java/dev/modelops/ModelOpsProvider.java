package dev.modelops;

import dev.modelops.audit.LogKey;
import dev.modelops.policy.PolicyTestReport;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Iterator;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;

/**
 * The link from the contracts to their implementation, found by {@link ServiceLoader}. Provided by {@code modelops-core};
 * not for applications to call or implement.
 */
public interface ModelOpsProvider {
    /**
     * Creates a log, as {@link ModelOps#create} says.
     *
     * @param storage an empty storage
     * @param genesis what the first entry fixes
     * @param clock the time of the first entry
     * @return the key to pin
     */
    LogKey create(Storage storage, Genesis genesis, Clock clock);

    /**
     * Opens a log, as {@link Opening#start} says.
     *
     * @param opening how
     * @return the facade
     */
    ModelOps start(Opening opening);

    /**
     * Opens or creates a log in a folder, as {@link ModelOps#embedded(Path, UnaryOperator)} says.
     *
     * @param folder the folder
     * @param settings completes the options
     * @return the facade
     */
    ModelOps embedded(Path folder, UnaryOperator<Opening> settings);

    /**
     * Returns a new storage that lives in memory and is gone with it. Closing it does nothing.
     *
     * @return the storage
     */
    Storage inMemory();

    /**
     * Decides the requests of a policy test file, as {@code dev.modelops.testkit.PolicyTests} says.
     *
     * @param file the file
     * @return what came of them
     * @throws dev.modelops.policy.InvalidPolicyException if the file or the policies it names are not as they must be
     */
    PolicyTestReport testPolicies(Path file);

    /**
     * Returns the implementation.
     *
     * @return the provider
     * @throws IllegalStateException if there is none, or more than one
     */
    static ModelOpsProvider load() {
        Iterator<ModelOpsProvider> found = ServiceLoader.load(
                        ModelOpsProvider.class, ModelOpsProvider.class.getClassLoader())
                .iterator();
        if (!found.hasNext()) {
            throw new IllegalStateException("no implementation of ModelOps was found; add modelops-core to the class or"
                    + " module path, beside modelops-api");
        }
        ModelOpsProvider provider = found.next();
        if (found.hasNext()) {
            throw new IllegalStateException(
                    "more than one implementation of ModelOps was found; keep one modelops-core on the path");
        }
        return provider;
    }
}
