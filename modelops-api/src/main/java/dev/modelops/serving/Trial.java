package dev.modelops.serving;

import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * How a host calls a model of which a challenger may be on trial. Immutable and made once; the methods with an argument return
 * changed copies.
 *
 * @param <T> what the loader makes
 * @param <A> the input
 * @param <R> the result
 */
public final class Trial<T, A, R> {
    private final BiFunction<? super T, ? super A, ? extends R> call;
    private final UnaryOperator<A> copier;
    private final Consumer<? super Served<R>> listener;

    private Trial(
            BiFunction<? super T, ? super A, ? extends R> call,
            UnaryOperator<A> copier,
            Consumer<? super Served<R>> listener) {
        this.call = call;
        this.copier = copier;
        this.listener = listener;
    }

    /**
     * Returns a trial of calls whose inputs nobody changes, neither a model nor later on the caller.
     *
     * @param call what to do with model and input
     * @param <T> what the loader makes
     * @param <A> the input
     * @param <R> the result
     * @return the trial
     */
    public static <T, A, R> Trial<T, A, R> of(BiFunction<? super T, ? super A, ? extends R> call) {
        return new Trial<>(Objects.requireNonNull(call), UnaryOperator.identity(), answer -> {});
    }

    /**
     * Gives challengers a copy of the input, so that they cannot change what the champion or the caller has.
     *
     * @param copy returns a copy; called on the caller's thread, only if a challenger is going to be asked
     * @return the changed copy
     */
    public Trial<T, A, R> copying(UnaryOperator<A> copy) {
        return new Trial<>(call, Objects.requireNonNull(copy), listener);
    }

    /**
     * Takes the answers of shadows, to have them recorded. What a shadow threw or answered too late is no answer.
     *
     * @param take takes an answer, on the challenger's thread; what it throws is logged
     * @return the changed copy
     */
    public Trial<T, A, R> shadow(Consumer<? super Served<R>> take) {
        return new Trial<>(call, copier, Objects.requireNonNull(take));
    }

    /**
     * Returns what to do with model and input.
     *
     * @return the call
     */
    public BiFunction<? super T, ? super A, ? extends R> call() {
        return call;
    }

    /**
     * Returns what copies an input.
     *
     * @return the copier
     */
    public UnaryOperator<A> copier() {
        return copier;
    }

    /**
     * Returns what takes the answers of shadows.
     *
     * @return the listener
     */
    public Consumer<? super Served<R>> listener() {
        return listener;
    }
}
