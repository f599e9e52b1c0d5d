package dev.modelops.testkit.contract;

/**
 * What a store may lack without breaking its contract. A contract test class names the abilities of the store it tests;
 * a clause about an ability that is not named tests what is left of it, or is reported as aborted with the reason.
 */
public enum StoreAbility {
    /** Several stores can be open on the same storage at once, as several processes do it. */
    SHARED,

    /** What was written is there after every store on the storage was closed. */
    DURABLE,

    /** A closed store refuses its work. Stores in memory may do without, so that what they hold can be used again. */
    CLOSING
}
