package dev.modelops.core.internal.policy.cedar;

/** A value of an extension type: made by a constructor from a text, never written down as such. */
public sealed interface ExtensionValue extends Value permits DecimalValue, IpValue, DatetimeValue, DurationValue {
    /** Returns the function that makes such values. */
    ExtensionFunction constructor();

    /** Returns the value as a Cedar expression of calls, such as {@code decimal("0.5")}. */
    default Expr toExpr() {
        return Expr.Call.of(constructor(), toString());
    }
}
