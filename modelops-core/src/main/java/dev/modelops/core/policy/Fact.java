package dev.modelops.core.policy;

import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.Arrays;
import java.util.List;

/** A fact that conditions compare; from {@link Condition#fact}. Immutable. */
public final class Fact {
    private final Expr root;
    private final List<String> names;

    Fact(Expr root, List<String> names) {
        this.root = root;
        this.names = List.copyOf(names);
    }

    /**
     * Returns the condition that the number is at least another.
     *
     * @param least the smallest number that will do
     * @return the condition
     */
    public Condition atLeast(long least) {
        return compare(BinaryOperator.GREATER_OR_EQUAL, new LongValue(least));
    }

    /**
     * Returns the condition that the number is at most another.
     *
     * @param most the largest number that will do
     * @return the condition
     */
    public Condition atMost(long most) {
        return compare(BinaryOperator.LESS_OR_EQUAL, new LongValue(most));
    }

    /**
     * Returns the condition that the fact is a certain number.
     *
     * @param number the number
     * @return the condition
     */
    public Condition is(long number) {
        return compare(BinaryOperator.EQUAL, new LongValue(number));
    }

    /**
     * Returns the condition that the fact is a certain text.
     *
     * @param text the text
     * @return the condition
     */
    public Condition is(String text) {
        return compare(BinaryOperator.EQUAL, new StringValue(text));
    }

    /**
     * Returns the condition that the fact is one of some texts.
     *
     * @param texts the texts, at least one
     * @return the condition
     * @throws IllegalArgumentException if no text is given
     */
    public Condition isOneOf(String... texts) {
        SetOf set = texts(texts);
        return Condition.reading(root, names, fact -> Condition.binary(BinaryOperator.CONTAINS, set, fact));
    }

    /**
     * Returns the condition that the fact is true.
     *
     * @return the condition
     */
    public Condition isTrue() {
        return Condition.reading(root, names, fact -> fact);
    }

    /**
     * Returns the condition that the fact is false.
     *
     * @return the condition
     */
    public Condition isFalse() {
        return Condition.reading(root, names, fact -> new Unary(UnaryOperator.NOT, fact));
    }

    /**
     * Returns the condition that the list has some texts among its own.
     *
     * @param texts the texts, at least one
     * @return the condition
     * @throws IllegalArgumentException if no text is given
     */
    public Condition containsAll(String... texts) {
        SetOf set = texts(texts);
        return Condition.reading(root, names, fact -> Condition.binary(BinaryOperator.CONTAINS_ALL, fact, set));
    }

    /**
     * Returns the condition that the fact is known at all.
     *
     * @return the condition
     */
    public Condition isPresent() {
        return Condition.fixed(Condition.present(root, names));
    }

    private Condition compare(BinaryOperator operator, Value value) {
        return Condition.reading(root, names, fact -> Condition.binary(operator, fact, new Literal(value)));
    }

    private static SetOf texts(String... texts) {
        if (texts.length == 0) {
            throw new IllegalArgumentException("the condition needs at least one text");
        }
        return new SetOf(Arrays.stream(texts)
                .<Expr>map(text -> new Literal(new StringValue(text)))
                .toList());
    }
}
