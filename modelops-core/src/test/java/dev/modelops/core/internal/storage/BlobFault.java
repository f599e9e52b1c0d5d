package dev.modelops.core.internal.storage;

import java.util.List;

/** One way for a blob store to be wrong, and the clauses of the contract that find it: the one it is for comes first. */
enum BlobFault {
    CUTS_AFTER_A_BUFFER("contentThatWasPutIsReadBack"),
    EMPTY_IS_NOTHING("emptyContentIsContent"),
    MISSING_IS_EMPTY(
            "contentThatIsNotThereIsNotFound",
            "puttingAgainChangesNothing",
            "contentWithAnotherDigestIsRefusedAndNotStored",
            "contentThatCannotBeReadToItsEndIsNotStored",
            "anUncheckedExceptionOfTheContentPassesThroughAndNothingIsStored",
            "deletedContentIsGoneAndOtherContentIsNot"),
    COUNTS_PUTS("puttingAgainChangesNothing"),
    CLOSES_THE_CONTENT("contentIsReadToItsEndEachTimeAndNotClosed"),
    TAKES_ONE_BYTE_FOR_THE_END("contentThatArrivesByteByByteIsStoredWhole"),
    KEEPS_WHAT_IT_REFUSES("contentWithAnotherDigestIsRefusedAndNotStored"),
    TRUSTS_WHERE_THERE_IS_ONE("contentWithAnotherDigestIsRefusedWhereTheRightOneIsThere"),
    KEEPS_THE_BEGINNING("contentThatCannotBeReadToItsEndIsNotStored"),
    WRAPS_EVERY_EXCEPTION("anUncheckedExceptionOfTheContentPassesThroughAndNothingIsStored"),
    SHOWS_WHAT_IS_NOT_WHOLE("contentIsNotThereBeforeItIsThereWhole"),
    SHARES_A_STREAM("everyOpenReadsFromTheBeginning", "anInterruptedCallerHarmsNobodyElse"),
    DELETES_EVERYTHING(
            "deletedContentIsGoneAndOtherContentIsNot",
            "whatWasDeletedIsNotListed",
            "theVisitorMayDeleteWhatItVisits",
            "whatWasPutIsThereAfterReopening"),
    NEVER_TAKES_BACK("deletedContentCanBePutAgain"),
    TAKES_3_MEBIBYTES_AT_MOST("largeContentIsStreamed"),
    REFUSES_WHAT_ANOTHER_PUTS("theSameContentCanBePutByManyAtOnce"),
    PUTS_ONE_AT_A_TIME("differentContentCanBePutByManyAtOnce"),
    LISTS_LENGTHS_IN_BLOCKS("everythingThereIsListedOnceWithItsLength"),
    LISTS_TWICE(
            "everythingThereIsListedOnceWithItsLength",
            "whatWasDeletedIsNotListed",
            "contentThatWasJustPutIsListedAsYoung",
            "theVisitorMayDeleteWhatItVisits"),
    LISTS_WHAT_WAS_DELETED("whatWasDeletedIsNotListed", "theVisitorMayDeleteWhatItVisits"),
    LISTS_AGES_FROM_THE_EPOCH("contentThatWasJustPutIsListedAsYoung"),
    LISTS_ALL_AS_NEW("contentGrowsOld"),
    LISTS_ON_AFTER_AN_EXCEPTION("anExceptionOfTheVisitorEndsTheListingAndPassesThrough"),
    REFUSES_WORK_WHILE_LISTING("theVisitorMayDeleteWhatItVisits"),
    TAKES_ANY_ALGORITHM("otherDigestsThanSha256AreRefused"),
    BREAKS_WHEN_INTERRUPTED("anInterruptedCallerHarmsNobodyElse"),
    WORKS_WHEN_CLOSED("aClosedStoreRefusesItsWork"),
    CLOSES_ONLY_ONCE("aSecondCloseDoesNothing"),
    CLOSES_THE_OTHERS("closingOneStoreLeavesTheOthersOpen"),
    FORGETS_WHEN_CLOSED("whatWasPutIsThereAfterReopening");

    private final List<String> clauses;

    BlobFault(String... clauses) {
        this.clauses = List.of(clauses);
    }

    List<String> clauses() {
        return clauses;
    }
}
