package dev.modelops.serving;

/**
 * Makes a usable model of verified files. Implemented by hosts, often as a lambda. Called on the library's threads, for one
 * version at a time: first {@link #load}, then {@link #answer} for the golden inputs of the version, then {@link #warmUp}.
 * Whatever one of them throws, the version is not served, the one before it stays, and what was made is closed.
 *
 * <p>Golden inputs are part of a version, and signed with it: the file {@link #PROBES} among its files, a JSON object of
 *
 * <ul>
 *   <li>{@code form}: {@code "modelops.dev/probes@v1"}
 *   <li>{@code probes}: 1 to 1,000 objects, each with {@code input}, any JSON value, {@code expected}, the answer as any JSON
 *       value, and perhaps {@code name}
 *   <li>{@code tolerance}, optional, for all probes or in one: by how much a number of the answer may differ from the expected
 *       one, 0 by default
 *   <li>{@code rounds}, optional: how often each is asked, 1 by default and at most 1,000, so that the model is warm
 *   <li>{@code withinMillis}, optional: the longest that the quickest of these answers may take
 * </ul>
 *
 * @param <T> what is made; if it is {@link AutoCloseable} it is closed when it is no longer needed and no call uses it
 */
@FunctionalInterface
public interface ModelLoader<T> {
    /** The name of the file that holds the golden inputs of a version. */
    String PROBES = "modelops-probes.json";

    /**
     * Loads a model.
     *
     * @param artifact the verified files; not to be used after the model was warmed up
     * @return the model, safe for use by as many threads as will call it
     * @throws Exception if the model cannot be loaded
     */
    T load(VerifiedArtifact artifact) throws Exception;

    /**
     * Has a model answer one of the golden inputs of its version. A loader without this cannot load versions that have golden
     * inputs.
     *
     * @param model what was loaded
     * @param input the golden input, as JSON text
     * @return the answer, as JSON text
     * @throws Exception if the model cannot answer
     */
    default String answer(T model, String input) throws Exception {
        throw new UnsupportedOperationException("the version has golden inputs in '" + PROBES
                + "', but its loader does not say how to ask them; implement ModelLoader.answer");
    }

    /**
     * Prepares a model for its first calls; does nothing by default.
     *
     * @param model what was loaded, and has answered its golden inputs
     * @param artifact the verified files
     * @throws Exception if the model turns out not to be usable
     */
    default void warmUp(T model, VerifiedArtifact artifact) throws Exception {}
}
