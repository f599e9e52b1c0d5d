package dev.modelops.core.internal.storage;

import java.util.List;

/** One way for a store of texts to be wrong, and the clauses of the contract that find it: the one it is for comes first. */
enum TextFault {
    CUTS_AT_255_BYTES("contentThatWasPutIsFound"),
    MISSING_IS_EMPTY(
            "contentThatIsNotThereIsNotFound",
            "contentWithAnotherDigestIsRefusedWithAllThatCameWithIt",
            "contentOfNoOrTooManyBytesIsRefused",
            "erasedContentIsGoneAndOtherContentIsNot",
            "whatOneStoreErasesNoOtherFinds",
            "whatWasPutOrErasedIsSoAfterReopening"),
    REFUSES_WHAT_IS_THERE("puttingAgainChangesNothing", "theSameContentCanBePutByManyAtOnce"),
    STORES_UNTIL_IT_FINDS_FAULT("contentWithAnotherDigestIsRefusedWithAllThatCameWithIt"),
    TAKES_ANY_LENGTH("contentOfNoOrTooManyBytesIsRefused"),
    ERASES_EVERYTHING(
            "erasedContentIsGoneAndOtherContentIsNot",
            "whatWasErasedIsNotListed",
            "theVisitorMayEraseWhatItVisits",
            "whatWasPutOrErasedIsSoAfterReopening"),
    ALWAYS_SAYS_ERASED("erasingWhatIsNotThereSaysSoAndNoMore"),
    NEVER_TAKES_BACK("erasedContentCanBePutAgain", "erasingWhatIsNotThereSaysSoAndNoMore"),
    LISTS_1000("everythingThereIsListedOnceWithItsLength"),
    LISTS_WHAT_WAS_ERASED(
            "whatWasErasedIsNotListed", "theVisitorMayEraseWhatItVisits", "whatOneStoreErasesNoOtherFinds"),
    LISTS_AGES_FROM_THE_EPOCH("contentThatWasJustPutIsListedAsYoung"),
    LISTS_ON_AFTER_AN_EXCEPTION("anExceptionOfTheVisitorEndsTheListingAndPassesThrough"),
    REFUSES_WORK_WHILE_LISTING("theVisitorMayEraseWhatItVisits"),
    TAKES_ANY_ALGORITHM("otherDigestsThanSha256AreRefused"),
    LOSES_EVERY_TENTH_PUT("theSameContentCanBePutByManyAtOnce"),
    KEEPS_WHAT_IT_READ("whatOneStoreErasesNoOtherFinds"),
    FORGETS_WHEN_CLOSED("whatWasPutOrErasedIsSoAfterReopening"),
    WORKS_WHEN_CLOSED("aClosedStoreRefusesItsWork");

    private final List<String> clauses;

    TextFault(String... clauses) {
        this.clauses = List.of(clauses);
    }

    List<String> clauses() {
        return clauses;
    }
}
