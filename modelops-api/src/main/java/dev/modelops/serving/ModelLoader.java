package dev.modelops.serving;

/**
 * Makes a usable model of verified files. Implemented by hosts. Called on the library's threads, for one version at a
 * time.
 *
 * @param <T> what is made; if it is {@link AutoCloseable} it is closed when its version was replaced and no call uses it
 */
@FunctionalInterface
public interface ModelLoader<T> {
    /**
     * Loads a model.
     *
     * @param artifact the verified files; not to be used after this returns
     * @return the model, safe for use by as many threads as will call it
     * @throws Exception if the model cannot be loaded; the version is then not served, and the one before it stays
     */
    T load(VerifiedArtifact artifact) throws Exception;
}
