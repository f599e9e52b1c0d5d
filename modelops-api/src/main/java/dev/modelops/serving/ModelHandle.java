package dev.modelops.serving;

import dev.modelops.ModelRef;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The champion of one environment, ready to be called. It follows the log: a promotion or rollback, by whichever process,
 * swaps the model; a version that loses its admission is refused. Safe for use by many threads; a call sees one version
 * from beginning to end.
 *
 * @param <T> what the loader made
 */
public interface ModelHandle<T> extends AutoCloseable {
    /**
     * Calls the champion.
     *
     * @param call what to do with the model
     * @param <R> the result
     * @return the result with the version that gave it
     * @throws dev.modelops.NotFoundException if nothing was promoted
     * @throws dev.modelops.policy.AccessDeniedException if the champion is not admitted
     * @throws dev.modelops.StaleStateException if the store has not answered for longer than the bound the log was opened
     *     with
     * @throws dev.modelops.signing.VerificationException if its content is not what was signed
     * @throws dev.modelops.ModelOpsException if it cannot be loaded, for any other reason
     */
    <R> Served<R> apply(Function<? super T, ? extends R> call);

    /**
     * Calls the champion with an input.
     *
     * @param input the input
     * @param call what to do with model and input
     * @param <A> the input
     * @param <R> the result
     * @return the result with the version that gave it
     * @throws dev.modelops.ModelOpsException as {@link #apply(Function)} does
     */
    <A, R> Served<R> apply(A input, BiFunction<? super T, ? super A, ? extends R> call);

    /**
     * Returns the version that serves now.
     *
     * @return the version, empty if calls are refused
     */
    Optional<ModelRef> version();

    /** Stops following the log and closes the model once no call uses it. Later calls are refused. */
    @Override
    void close();
}
