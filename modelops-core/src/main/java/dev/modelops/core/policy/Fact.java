package dev.modelops.core.policy;

import dev.modelops.Role;
import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.FactValues;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.DurationValue;
import dev.modelops.core.internal.policy.cedar.EvaluationException;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Call;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.ExtensionFunction;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A fact that conditions compare; from {@link Condition#fact} or {@link Condition#tag}. Immutable.
 *
 * <p>The library computes these from the state of the log when a rule asks for them:
 *
 * <table>
 * <caption>Facts about every request</caption>
 * <tr><th>name</th><th>is</th></tr>
 * <tr><td>{@code now}</td><td>the time of the decision</td></tr>
 * <tr><td>{@code principal.roles}, {@code principal.units}</td><td>the roles that count for whoever asks; those among them
 *     that begin {@code unit.}, which stand for organisational units</td></tr>
 * <tr><td>{@code principal.assurance}</td><td>how firmly the identity was established: 0 to 2</td></tr>
 * </table>
 *
 * <table>
 * <caption>Facts about a model, set as its tags</caption>
 * <tr><th>name</th><th>is</th></tr>
 * <tr><td>{@code resource.model}</td><td>the model concerned, of a version and of a model itself</td></tr>
 * <tr><td>{@code resource.model.project}, {@code .owner}, {@code .delegates}</td><td>a role</td></tr>
 * <tr><td>{@code resource.model.tier}</td><td>a whole number</td></tr>
 * <tr><td>{@code resource.model.confidential}, {@code .exportControlled}</td><td>true or false</td></tr>
 * <tr><td>{@code resource.model.dataClass}</td><td>a text</td></tr>
 * <tr><td>{@code resource.model.publishers}, {@code .slices}</td><td>a set of texts, which the tag lists between
 *     commas: the keys trusted for the model, the groups for which fairness is measured</td></tr>
 * </table>
 *
 * <p>A tag of another form than this makes the fact fail. The tag {@code owner.x} names the role of those who own component
 * {@code x}.
 *
 * <table>
 * <caption>Facts about a version</caption>
 * <tr><th>name</th><th>is</th></tr>
 * <tr><td>{@code resource.author}, {@code resource.author.roles}, {@code resource.author.units}</td><td>who registered it,
 *     and what roles and units count for them</td></tr>
 * <tr><td>{@code resource.number}, {@code .kind}, {@code .status}, {@code .artifact}, {@code .codeCommit},
 *     {@code .registeredAt}</td><td>as registered</td></tr>
 * <tr><td>{@code resource.promotable}, {@code resource.servable}</td><td>what its status allows</td></tr>
 * <tr><td>{@code resource.dataSets}, {@code resource.dataSetDigests}</td><td>the data sets it names</td></tr>
 * <tr><td>{@code resource.validUntil}</td><td>the time in its tag of that name</td></tr>
 * <tr><td>{@code signature.trusted}, {@code signature.publisher}, {@code resource.publisher}</td><td>whether a trusted key
 *     signed it that is not revoked since before then, and which</td></tr>
 * <tr><td>{@code source.origin}, {@code source.key}, {@code source.model}, {@code source.version}, {@code
 *     source.author}</td><td>of an imported version, and no other: the log that it comes from and the key of that log, the
 *     model and number there, and who registered it there</td></tr>
 * <tr><td>{@code documents}</td><td>the types of the evidence attached</td></tr>
 * <tr><td>{@code attested.types}</td><td>the types of the signed statements attached that enough holders of the role for that
 *     type have signed, by the {@linkplain dev.modelops.signing.TrustPolicy trust policy}; without one, that a key signed
 *     whom the log trusts to sign models</td></tr>
 * <tr><td>{@code attested.roles}</td><td>the roles of the trust policy of which enough holders have signed statements: of the
 *     types that are theirs, or for roles of the host's own of any type; never {@code root} and {@code approver}</td></tr>
 * <tr><td>{@code attested.tests}, {@code attested.verification}</td><td>{@code PASSED}, {@code WARNED} or {@code FAILED}: how
 *     the newest of such test results and of such verification summaries came out, the worst of as many as must agree;
 *     absent if there are too few</td></tr>
 * <tr><td>{@code validation.at}</td><td>when the newest {@code validation-report} was attached: for one that came with an
 *     imported version, in the log that it comes from</td></tr>
 * <tr><td>{@code lineage.dataSets}, {@code .dataSetDigests}, {@code .complete}</td><td>the data sets of it and all it was
 *     made from, and whether each of these names some</td></tr>
 * <tr><td>{@code fairness.slices}, {@code .largest}, {@code .missing}</td><td>the groups for which it has a metric
 *     {@code fairness.x}, the largest size of these, and the groups its model demands without one</td></tr>
 * </table>
 *
 * <table>
 * <caption>Facts about a version in an environment</caption>
 * <tr><th>name</th><th>is</th></tr>
 * <tr><td>{@code approvals.independent}</td><td>how many approvals count: of different validators who are not the author,
 *     on exactly this content and evidence, given after the last change</td></tr>
 * <tr><td>{@code approvals.by}, {@code approvals.roles}, {@code approvals.last}</td><td>who gave these, the roles they
 *     hold, who gave the newest</td></tr>
 * <tr><td>{@code approvals.newest}, {@code .secondNewest}, {@code .thirdNewest}</td><td>when they were given. To have
 *     approvals expire, hold the newest that is still needed against an age: two approvals of the last 30 days are there
 *     when the second newest is {@link #withinLast} 30 days</td></tr>
 * <tr><td>{@code approvals.signed}</td><td>how many of the approvals that count were signed by the person's own key</td></tr>
 * <tr><td>{@code approvals.signaturesMissing}</td><td>how many more would have to be, by the threshold of approvers in the
 *     trust policy, which is 1 if there is none</td></tr>
 * <tr><td>{@code approvals.rejections}</td><td>how many rejections stand</td></tr>
 * <tr><td>{@code owners.missing}</td><td>the roles of those who own a component that the version's tag {@code components}
 *     lists and of whom nobody's approval counts</td></tr>
 * <tr><td>{@code champion.exists}, {@code champion.version}</td><td>the present champion</td></tr>
 * <tr><td>{@code champion.current}, {@code champion.former}, {@code champion.lastServed}</td><td>whether the version is it,
 *     whether it has been, and when it last was</td></tr>
 * <tr><td>{@code halt.quarantined}, {@code halt.suspended}</td><td>whether the version is in quarantine, and the model
 *     suspended, in the environment</td></tr>
 * <tr><td>{@code regression.x}, {@code increase.x}</td><td>by how much the champion's metric {@code x} exceeds that of the
 *     version, and the other way round; rounded up</td></tr>
 * <tr><td>{@code staging.since}</td><td>since when it has been champion of staging without a break</td></tr>
 * <tr><td>{@code required.gates}</td><td>the gates that the environment demands</td></tr>
 * <tr><td>{@code environment.services}</td><td>the role {@code service.x} for environment {@code x}</td></tr>
 * </table>
 *
 * <table>
 * <caption>Facts about an action</caption>
 * <tr><th>name</th><th>is</th></tr>
 * <tr><td>{@code grant.role}, {@code grant.self}</td><td>the role granted or revoked, whether by its holder</td></tr>
 * <tr><td>{@code resource.roles}, {@code resource.units}</td><td>the roles granted to whoever receives or loses one</td></tr>
 * <tr><td>{@code tag.key}, {@code tag.value}, {@code alias.name}</td><td>what is set or removed</td></tr>
 * <tr><td>{@code source.origin}, {@code source.key}, {@code source.model}, {@code source.version}</td><td>where a version to
 *     be imported comes from</td></tr>
 * <tr><td>{@code policies.digest}, {@code .proposer}, {@code .revision}, {@code .self}</td><td>the policy set proposed or
 *     installed, and who proposed it</td></tr>
 * <tr><td>{@code trust.version}</td><td>the version of the trust policy to be installed</td></tr>
 * <tr><td>{@code override.action}, {@code .rules}, {@code .reason}</td><td>what is to be passed over</td></tr>
 * </table>
 *
 * <p>All other facts come from a {@link dev.modelops.policy.FactProvider}.
 */
public final class Fact {
    private static final List<String> NOW = List.of("now");

    private final Expr present;
    private final Expr value;

    Fact(Expr present, Expr value) {
        this.present = present;
        this.value = value;
    }

    static Fact attribute(Expr root, List<String> names) {
        return new Fact(Condition.present(root, names), Condition.get(root, names));
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
     * Returns the condition that the decimal is at least another.
     *
     * @param least the smallest number that will do, as digits, a point and one to four digits, such as {@code 0.80}
     * @return the condition
     * @throws IllegalArgumentException if the number has another form or does not fit
     */
    public Condition atLeast(String least) {
        return read(new Call(ExtensionFunction.GREATER_THAN_OR_EQUAL, List.of(value, decimal(least))));
    }

    /**
     * Returns the condition that the decimal is at most another.
     *
     * @param most the largest number that will do, as digits, a point and one to four digits, such as {@code 0.05}
     * @return the condition
     * @throws IllegalArgumentException if the number has another form or does not fit
     */
    public Condition atMost(String most) {
        return read(new Call(ExtensionFunction.LESS_THAN_OR_EQUAL, List.of(value, decimal(most))));
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
        return read(Condition.binary(BinaryOperator.CONTAINS, texts(texts), value));
    }

    /**
     * Returns the condition that the fact is true.
     *
     * @return the condition
     */
    public Condition isTrue() {
        return read(value);
    }

    /**
     * Returns the condition that the fact is false.
     *
     * @return the condition
     */
    public Condition isFalse() {
        return read(new Unary(UnaryOperator.NOT, value));
    }

    /**
     * Returns the condition that the set has some texts among its own.
     *
     * @param texts the texts, at least one
     * @return the condition
     * @throws IllegalArgumentException if no text is given
     */
    public Condition containsAll(String... texts) {
        return read(Condition.binary(BinaryOperator.CONTAINS_ALL, value, texts(texts)));
    }

    /**
     * Returns the condition that the set has at least one of some texts among its own.
     *
     * @param texts the texts, at least one
     * @return the condition
     * @throws IllegalArgumentException if no text is given
     */
    public Condition containsAny(String... texts) {
        return read(Condition.binary(BinaryOperator.CONTAINS_ANY, value, texts(texts)));
    }

    /**
     * Returns the condition that the set has some roles among its own.
     *
     * @param roles the roles, at least one
     * @return the condition
     * @throws IllegalArgumentException if no role is given
     */
    public Condition containsRoles(Role... roles) {
        if (roles.length == 0) {
            throw new IllegalArgumentException("the condition needs at least one role");
        }
        SetOf set = new SetOf(Arrays.stream(roles)
                .<Expr>map(role -> new Literal(EntityNames.role(role)))
                .toList());
        return read(Condition.binary(BinaryOperator.CONTAINS_ALL, value, set));
    }

    /**
     * Returns the condition that the set has another fact among its own.
     *
     * @param other the other fact
     * @return the condition
     */
    public Condition contains(Fact other) {
        return with(other, Condition.binary(BinaryOperator.CONTAINS, value, other.value));
    }

    /**
     * Returns the condition that the set has at least one member in common with another.
     *
     * @param other the other set
     * @return the condition
     */
    public Condition containsAny(Fact other) {
        return with(other, Condition.binary(BinaryOperator.CONTAINS_ANY, value, other.value));
    }

    /**
     * Returns the condition that the set has no members.
     *
     * @return the condition
     */
    public Condition isEmpty() {
        return read(new Unary(UnaryOperator.IS_EMPTY, value));
    }

    /**
     * Returns the condition that the fact is whoever asks.
     *
     * @return the condition
     */
    public Condition isRequester() {
        return read(Condition.binary(BinaryOperator.EQUAL, Condition.requester(), value));
    }

    /**
     * Returns the condition that whoever asks holds the role that the fact is.
     *
     * @return the condition
     */
    public Condition isHeldByRequester() {
        return read(Condition.binary(BinaryOperator.IN, Condition.requester(), value));
    }

    /**
     * Returns the condition that the time lies at most so long before the decision.
     *
     * @param age the longest that will do, to the millisecond
     * @return the condition
     */
    public Condition withinLast(Duration age) {
        return age(BinaryOperator.LESS_OR_EQUAL, age);
    }

    /**
     * Returns the condition that the time lies at least so long before the decision.
     *
     * @param age the shortest that will do, to the millisecond
     * @return the condition
     */
    public Condition atLeastAgo(Duration age) {
        return age(BinaryOperator.GREATER_OR_EQUAL, age);
    }

    /**
     * Returns the condition that the time lies after the decision.
     *
     * @return the condition
     */
    public Condition isAhead() {
        Fact now = now();
        return with(now, Condition.binary(BinaryOperator.GREATER, value, now.value));
    }

    /**
     * Returns the condition that the fact is known at all.
     *
     * @return the condition
     */
    public Condition isPresent() {
        return Condition.fixed(present);
    }

    private Condition age(BinaryOperator operator, Duration limit) {
        DurationValue length = FactValues.of(limit);
        if (length == null) {
            throw new IllegalArgumentException("the age " + limit + " is longer than a policy can say");
        }
        Fact now = now();
        Call age = new Call(ExtensionFunction.DURATION_SINCE, List.of(now.value, value));
        Call most = new Call(ExtensionFunction.DURATION, List.of(new Literal(new StringValue(length.toString()))));
        return with(now, Condition.binary(operator, age, most));
    }

    private static Fact now() {
        return attribute(Condition.context(), NOW);
    }

    private Condition with(Fact other, Expr holds) {
        return Condition.reading(Condition.binary(BinaryOperator.AND, present, other.present), holds);
    }

    private Condition compare(BinaryOperator operator, Value with) {
        return read(Condition.binary(operator, value, new Literal(with)));
    }

    private Condition read(Expr holds) {
        return Condition.reading(present, holds);
    }

    static Expr decimal(String number) {
        try {
            DecimalValue parsed = DecimalValue.parse(number);
            return new Call(ExtensionFunction.DECIMAL, List.of(new Literal(new StringValue(parsed.toString()))));
        } catch (EvaluationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
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
