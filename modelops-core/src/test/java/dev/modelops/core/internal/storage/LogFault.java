package dev.modelops.core.internal.storage;

import java.util.List;

/** One way for a log store to be wrong, and the clauses of the contract that find it: the one it is for comes first. */
enum LogFault {
    EMPTY_ROOT_IS_ZERO("aNewStoreHasTheHeadOfTheEmptyTree"),
    HAS_A_CHECKPOINT_OF_NOTHING("aNewStoreHoldsNoRecordsSealsOrCheckpoints"),
    SEALS_START_AT_ZERO(
            "whatWasAppendedIsReadBack",
            "sealsAreThoseThatEndAfterAnIndexInOrderUpToTheLimit",
            "theTransactionReadsWhatTheStoreHolds",
            "appendsOfManyWritersAreTotallyOrderedAndNoneIsLost",
            "whatWasWrittenIsThereAfterReopening"),
    READS_ONE_MORE("recordsAreReadInOrderFromAnIndexUpToTheLimit"),
    READS_THE_LAST_PAST_THE_END("readingAtOrPastTheEndReturnsNothing"),
    STOPS_AFTER_FOUR_MEBIBYTES("aLongReadMayComeInChunksButStopsOnlyAtTheEnd"),
    KEEPS_BODIES_AS_TEXT("bodiesOfEveryAllowedLengthAreKeptExactly"),
    TAKES_BODIES_OF_ANY_LENGTH("emptyAndOverlongBodiesAreRefused"),
    TAKES_ARGUMENTS_OUT_OF_RANGE("argumentsOutOfRangeAreRefused"),
    SEALS_FROM_IS_INCLUSIVE(
            "sealsAreThoseThatEndAfterAnIndexInOrderUpToTheLimit", "theTransactionReadsWhatTheStoreHolds"),
    KEEPS_THE_LIST_GIVEN("listsGivenInAreCopied"),
    HANDS_OUT_ITS_LIST("listsHandedOutAreCopies"),
    TRANSACTION_SEES_NO_SEALS("theTransactionReadsWhatTheStoreHolds"),
    WORKS_ON_ANOTHER_THREAD("theWorkRunsOnceOnTheCallingThreadAndItsResultIsReturned"),
    COMMITS_ON_ERRORS("workThatThrowsAppendsNothing"),
    SEALS_WORK_THAT_APPENDED_NOTHING("workThatAppendsNothingChangesNothing"),
    ALLOWS_A_GAP("aBatchThatLeavesAGapAfterTheHeadIsRefused"),
    ALLOWS_AN_OVERLAP("aBatchThatOverlapsTheHeadIsRefused"),
    ALLOWS_HOLES("aBatchThatIsNotDenseIsRefused"),
    ALLOWS_AN_EMPTY_BATCH("anEmptyBatchIsRefused"),
    ALLOWS_ANY_SEAL("aSealThatDoesNotCoverTheBatchIsRefused"),
    ALLOWS_ANY_HEAD("aHeadThatDoesNotEndWithTheBatchIsRefused"),
    SPOILS_THE_TRANSACTION_BY_REFUSING("aRefusedBatchLeavesTheTransactionAsItWas"),
    APPENDS_TWICE("aSecondAppendInATransactionIsRefused"),
    LETS_THE_TRANSACTION_ESCAPE("aTransactionIsNotUsableAfterItsWork"),
    READS_THE_HEAD_BEFORE_THE_LOCK(
            "theHeadIsLockedFromBeforeItIsReadUntilTheCommit",
            "appendsOfManyWritersAreTotallyOrderedAndNoneIsLost",
            "aCallerInterruptedWhileItWaitsForTheLockHarmsNobodyElse"),
    LOSES_THE_FIFTIETH_APPEND("appendsOfManyWritersAreTotallyOrderedAndNoneIsLost"),
    SHOWS_WHAT_IS_NOT_COMMITTED("anAppendIsNotSeenBeforeItsWorkHasEnded"),
    COMMITS_RECORD_BY_RECORD("aReaderNeverSeesPartOfAnAppend"),
    TRIMS_CHECKPOINTS("aPublishedCheckpointIsReadBackExactly"),
    REPLACES_CHECKPOINTS("theFirstCheckpointForASizeStays"),
    LATEST_IS_LAST_PUBLISHED("theLatestCheckpointIsTheOneWithTheGreatestSize"),
    CHECKPOINTS_COME_AS_PUBLISHED("checkpointsAreReadFromASizeInOrderUpToTheLimit"),
    TAKES_CHECKPOINTS_AHEAD_OF_THE_LOG("aCheckpointThatTheLogHasNotReachedIsRefused"),
    ITS_TIME_STANDS_STILL("aTimeOfItsOwnIsThatOfTheWorldAndGoesOn"),
    ITS_TIME_IS_OF_ANOTHER_ZONE("aTimeOfItsOwnIsThatOfTheWorldAndGoesOn"),
    BREAKS_WHEN_INTERRUPTED("anInterruptedCallerHarmsNobodyElse"),
    SWALLOWS_THE_INTERRUPT_OF_A_WAITER("aCallerInterruptedWhileItWaitsForTheLockHarmsNobodyElse"),
    WORKS_WHEN_CLOSED("aClosedStoreRefusesItsWork"),
    CLOSES_ONLY_ONCE("aSecondCloseDoesNothing"),
    CLOSES_THE_OTHERS("closingOneStoreLeavesTheOthersOpen"),
    FORGETS_SEALS_WHEN_CLOSED("whatWasWrittenIsThereAfterReopening");

    private final List<String> clauses;

    LogFault(String... clauses) {
        this.clauses = List.of(clauses);
    }

    List<String> clauses() {
        return clauses;
    }
}
