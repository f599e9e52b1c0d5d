package dev.modelops.core.internal.signing;

import java.util.List;

/**
 * What is done to those who use models of others, and the tests that show it being refused: as class and method below the
 * package of this library's core. {@link AttackTest} has those that were not somewhere already.
 */
enum Threat {
    ALTERED_FILES(
            "Bytes or files are changed, added, removed, renamed or swapped.",
            "internal.signing.AttackTest#whateverIsDoneToTheFilesIsRefusedWithItsReason",
            "internal.signing.FileManifestTest#comparisonNamesWhatDiffers",
            "internal.signing.FileManifestTest#namesAreNeitherFoldedNorNormalized",
            "internal.signing.OmsFormsTest#emptyFilesAreOutsideOfShards",
            "internal.signing.OmsFormsTest#aSignedFileThatGrewByAShardIsNotAnUnsignedFile",
            "internal.signing.PublisherTrustTest#anotherModelsBundleDoesNotFit"),
    HIDDEN_FILES(
            "Code lies where signatures do not reach, and passes for signed.",
            "internal.signing.AttackTest#whatSignaturesLeaveOutIsToldOf",
            "internal.signing.FileManifestTest#gitFilesAreLeftOutAtTheTopOnly",
            "internal.signing.OmsFormsTest#whatIsSignedIsCheckedThoughTheVerifierIgnoresIt",
            "internal.signing.OmsFormsTest#unsignedFilesOfAnyKindMayBeIgnoredAndSignedOnesNever"),
    LINKS_AND_SPECIAL_FILES(
            "A link leads out of the model, or a pipe or device keeps the reader for ever.",
            "internal.signing.AttackTest#aSignatureThatIsNoFileIsRefusedAtOnce",
            "internal.signing.FileManifestTest#linksOfEveryKindAreRefused",
            "internal.signing.FileManifestTest#aPipeIsRefusedWithoutWaitingForIt",
            "internal.signing.FileManifestTest#devicesAreRefused",
            "internal.signing.OmsFormsTest#linksThatLeadOutOrRoundOrNowhereAreRefused",
            "internal.signing.OmsFormsTest#linksThatMultiplyOrCrossOrReachAPipeEnd"),
    NAMES_THAT_LEAD_ELSEWHERE(
            "A signed name leads out of the model, or to another file elsewhere.",
            "internal.signing.PublisherTrustTest#namesThatAreNotPlainRelativePathsAreRefused",
            "internal.signing.FileManifestTest#aBackslashInANameIsRefused",
            "internal.signing.FileManifestTest#aNameThatIsNotUtf8IsRefused",
            "internal.signing.FileManifestTest#aFolderIsNotASingleFileNamedByADot",
            "internal.signing.OmsFormsTest#aTrustedKeyDoesNotMakeBrokenShardsGood"),
    CHANGE_WHILE_READ(
            "A file changes while it is hashed, or after.",
            "internal.signing.FileManifestTest#aFileThatChangesWhileItIsReadIsRefused",
            "internal.signing.FileManifestTest#aSwappedFileCannotBeReadThroughALink",
            "internal.signing.OmsFormsTest#aFileThatChangesBetweenItsShardsIsRefused",
            "internal.signing.OmsFormsTest#aLinkThatIsTurnedWhileItsTargetIsReadIsRefused"),
    ENVELOPE_CONFUSION(
            "What was signed as one thing is shown as another, or by another method.",
            "internal.signing.PublisherTrustTest#aBrokenBundleIsRefused",
            "internal.signing.PublisherTrustTest#otherVersionsOfTheBundleAreUnsupported",
            "internal.signing.PublisherTrustTest#anotherPayloadTypeIsRefusedThoughItsSignatureIsGood",
            "internal.signing.PublisherTrustTest#aTrustedKeyDoesNotMakeABrokenStatementGood",
            "internal.signing.CertificateTrustTest#aTrustedKeyIsNoAnchorAndAnAnchorIsNoTrustedKey",
            "signing.KeylessTest#noMethodPassesForAnother",
            "signing.KeylessTest#aBundleThatTwoParsersReadDifferentlyIsRefused"),
    LENIENCY_LEAKS(
            "What is accepted for old or careless clients opens the door to forgeries of other kinds.",
            "internal.signing.AttackTest#noLeniencyOpensWhatAnotherGuards",
            "internal.signing.HistoricalBundlesTest#theMistakenEncodingCountsForOldStatementsOnly",
            "internal.signing.HistoricalBundlesTest#aByteOfTheFirstReleaseCannotBeChanged",
            "internal.signing.HistoricalBundlesTest#anExpiredCertificateIsJudgedAtItsStartOnlyWhereThatIsAskedFor"),
    PARSER_TRICKS(
            "Documents that parsers read differently, or choke on.",
            "internal.signing.PublisherTrustTest#trickyJsonIsRefused",
            "internal.signing.PublisherTrustTest#bytesThatAreNotUtf8AreRefused",
            "internal.signing.PublisherTrustTest#aBundleOverTheLimitIsRefusedUnread",
            "internal.signing.PublisherTrustTest#duplicateMembersInTheStatementAreRefused",
            "internal.signing.BundleMutationProperties#damagedBytesAreRefusedOrMeanTheSame",
            "internal.signing.BundleMutationProperties#damagedStructureIsRefusedOrMeansTheSame",
            "internal.signing.BundleMutationProperties#damagedStatementsBySomeoneTrustedAreRefusedOrConsistent",
            "internal.signing.BundleCorpusTest#everyInputIsJudgedAsBefore",
            "internal.signing.Base64FormsTest#whatNoEncoderWritesIsRefused",
            "internal.signing.MutationProperties#noMutantThatIsAcceptedSaysAnythingElse",
            "internal.signing.MutationCorpusTest#everyMutantIsJudgedAsBefore"),
    EXHAUSTION(
            "A small input asks for endless memory or time.",
            "internal.signing.AttackTest#aBundleOfMyriadsOfEmptyValuesIsNotBuiltInMemory",
            "internal.signing.AttackTest#aCertificateCannotAskForEndlessArithmetic",
            "internal.signing.OmsFormsTest#tooManyShardsAreRefusedBeforeAnyIsRead",
            "internal.signing.OmsFormsTest#aMissingOrEndlessSignatureIsARejection",
            "internal.signing.CertificateTrustTest#aRingOfCertificatesEnds",
            "internal.signing.CertificateTrustTest#aKeyThatSetsItsOwnPriceIsNeverUsed",
            "signing.TimestampsTest#anAuthorityThatDoesNotAnswerInTimeIsGivenUp"),
    DOWNGRADE(
            "A weaker curve, hash or key than was meant.",
            "internal.signing.PublisherTrustTest#anotherCurveWithTheSameOrderIsNotTheCurve",
            "internal.signing.PublisherTrustTest#formsThatAreNotReadHereAreSaidToBeUnsupported",
            "internal.signing.CertificateTrustTest#weakKeysAndHashesOnTheWayAreRefused",
            "internal.signing.CertificateTrustTest#aCertificateForAnotherKindOfKeyIsUnsupported"),
    MALLEABLE_SIGNATURES(
            "Signatures of zeros, out of range or in another form.",
            "internal.signing.PublisherTrustTest#signaturesOutOfRangeNeverVerify",
            "internal.signing.PublisherTrustTest#onlyTheDerFormOfASignatureVerifiesAndItsMirrorImageDoesToo"),
    WRONG_CERTIFICATE(
            "A certificate that is expired, not valid yet, for something else or by somebody else.",
            "internal.signing.AttackTest#theKeyOfAnAuthorityDoesNotSignModels",
            "internal.signing.CertificateTrustTest#aCertificateCountsOnlyWithinItsValidity",
            "internal.signing.CertificateTrustTest#anExpiredIntermediateOrAnchorEndsTheTrust",
            "internal.signing.CertificateTrustTest#theUsageMustBeSigning",
            "internal.signing.CertificateTrustTest#anotherAuthorityIsNotTrustedEvenUnderTheSameName",
            "internal.signing.CertificateTrustTest#aLeafCannotIssueAnotherLeaf",
            "internal.signing.CertificateTrustTest#thePathLengthOfAnAuthorityIsKept",
            "signing.KeylessTest#aKeyFoundAfterItsCertificateExpiredSignsNothing",
            "signing.KeylessTest#somethingMustProveWhenItWasSigned",
            "registry.CertifiedPublisherTest#aCertificateThatExpiredBeforeRegistrationIsNotTrusted"),
    FALSE_TIMES(
            "A signature is dated back, by a timestamp that is forged, of something else, or by nobody who is trusted.",
            "signing.TimestampedSignaturesTest#aTimestampOfAnotherSignatureProvesNothing",
            "signing.TimestampedSignaturesTest#aTimestampIsOfTheOneSignatureOrOfNone",
            "signing.TimestampedSignaturesTest#anAuthorityThatIsNotTrustedIsNoWitness",
            "signing.TimestampedSignaturesTest#aTimeOutsideOfTheCertificateIsRefusedAndNothingElseCountsThen",
            "signing.TimestampedSignaturesTest#aTimestampOfTheFutureIsRefused",
            "signing.TimestampsTest#whatWasSignedWithAnotherKeyThanTheCertificateSaysIsNoTimestamp",
            "signing.TimestampsTest#theCertificateMustBeForTimeStampingAndNothingElse",
            "signing.TimestampsTest#anAuthorityThatAnswersWronglyGivesNoTimestamp"),
    REVOKED_CERTIFICATE(
            "A certificate that its issuer took back, and a list that tells of it is held back.",
            "internal.signing.RevocationTest#whoeverWasRevokedIsNotBelieved",
            "internal.signing.RevocationTest#whoeverWasCertifiedByARevokedAuthorityIsNotBelieved",
            "internal.signing.RevocationTest#everyIssuerMustHaveAListThatHoldsNow",
            "internal.signing.RevocationTest#aRevocationIsForEverThoughALaterListDoesNotTellOfIt",
            "internal.signing.RevocationTest#noLeniencyMakesARevokedCertificateGood"),
    ANOTHER_IDENTITY(
            "Somebody else's keyless signature, or one under another root.",
            "signing.KeylessTest#onlyTheVeryIdentityOfTheVeryProviderCounts",
            "signing.KeylessTest#theTrustedRootDecidesWhoIsBelieved",
            "signing.KeylessTest#theStatementMustBeTheOneThatWasSignedAndLogged",
            "signing.KeylessTest#noSingleChangeMakesAnotherStatementPass"),
    KEY_THEFT(
            "Somebody holds one key of several, or shows one key as two.",
            "registry.InstalledTrustTest#whatEnoughRootKeysDidNotSignChangesNothing",
            "registry.InstalledTrustTest#oneOwnerOfTwoRootKeysSignsOnce",
            "registry.InstalledTrustTest#testResultsCountOnceEnoughDifferentTestersSignedThem",
            "registry.InstalledTrustTest#aProjectHasPublishersOfItsOwn",
            "registry.SignedApprovalTest#asManyPersonsSignAsThePolicyDemandsAndTwoKeysOfOneAreOne",
            "registry.SignedApprovalTest#onlyAKeyOfWhoActsCounts",
            "signing.TrustPoliciesTest#aKeyInAnotherEncodingWouldBeAnotherNameForItAndIsRefused",
            "faults.ForgedTrustTest#aLogInWhichAWriterSaysOtherwiseIsNotBelieved"),
    KEY_ROTATION_AND_LOSS(
            "A key that was exchanged signs on, or its exchange takes what it signed before with it.",
            "registry.InstalledTrustTest#rootKeysAreExchangedInStepsOfOneSignedByOldAndNew",
            "registry.InstalledTrustTest#aKeyThatLeftItsRoleSignsNothingNewButWhatItSignedStands",
            "registry.InstalledTrustTest#aKeyIsBelievedWithinItsTimeOfTheLogOnly",
            "registry.SignedApprovalTest#aKeyCountsWithinItsTimeAndUntilItLosesItsRole",
            "internal.governor.TrustSnapshotTest#theRootKeysInForceRecoverALogAndThoseBeforeDoNot"),
    COMPROMISE_AFTER_THE_FACT(
            "A key turns out to have been in wrong hands for a while.",
            "registry.InstalledTrustTest#whatWasRecordedBeforeARevocationCountsAndNothingAfterIt",
            "registry.InstalledTrustTest#aRevocationFromAnEarlierPositionWithdrawsWhatWasSignedSinceThen",
            "registry.InstalledTrustTest#aLaterPolicyDoesNotTakeBackARevocationNorMoveItForward",
            "registry.InstalledTrustTest#evidenceThatARevokedKeySignedCountsNoLonger",
            "registry.SignedApprovalTest#anApprovalByAKeyThatWasInWrongHandsCountsAsUnsigned"),
    FAST_FORWARD(
            "An absurd version number bars every later one.",
            "registry.InstalledTrustTest#anAbsurdVersionCannotBarTheNext"),
    FORGED_MESSAGES(
            "A name or text from outside forges a line of the message about it, or makes it tell a secret.",
            "internal.signing.AttackTest#whatComesFromOutsideStaysInOneLineOfAMessage",
            "internal.signing.AttackTest#aFileNamedByMistakeIsNotQuoted",
            "internal.signing.FileManifestTest#namesInMessagesCannotForgeLines",
            "signing.SignersTest#nothingSecretIsInFailuresOrTexts",
            "signing.SignersTest#textThatHoldsNoKeyIsRefusedWithoutBeingQuoted"),
    ROLLED_BACK_STORE(
            "An older copy of the store is put in its place.",
            "audit.WitnessedLogTest#aStoreThatIsOlderThanWhatTheWitnessSawIsRefused",
            "faults.VerificationTest#anInspectionWithAMemoryFindsAStoreThatWasRolledBack",
            "faults.TamperTest#anOlderCopyIsRefusedOnceALaterCheckpointIsRemembered",
            "faults.RestoredBackupTest#aFileThatIsReplacedUnderAProcessTakesNoMoreActs"),
    FROZEN_STORE(
            "A store that is away, or answers with the same old log for ever.",
            "faults.StalenessTest#aStoreThatIsAwayForLongerThanTheBoundStopsServing",
            "faults.StalenessTest#theClockCountsWhileTheStoreIsAway",
            "faults.LocalCacheTest#aHandleOfSuchAHostRefusesOnceTheBoundIsOver",
            "faults.LocalCacheTest#aClockThatSaysTheContactIsToComeIsNotBelieved",
            "faults.LocalCacheTest#startingAgainAndAgainWhileTheStoreIsDownDoesNotMakeTheStateYounger",
            "faults.FrozenStoreTest#aProcessThatRemembersElsewhereStopsServing",
            "faults.FrozenStoreTest#aProcessThatRemembersNothingCannotTellItFromAQuietLog",
            "audit.WitnessedLogTest#aRunningLogThatTheWitnessSawGoOnElsewhereTakesNoMoreActs",
            "audit.WitnessPolicyTest#cosignaturesThatAreTooOldDoNotCount"),
    SPLIT_VIEW(
            "Two histories of one size are shown to two readers.",
            "audit.WitnessedLogTest#twoHeadsOfEqualSizeAreNoticedByTheFirstCheckpoint",
            "internal.witness.FolderWitnessTest#aSecondHeadOfEqualSizeIsRefused",
            "internal.witness.FolderWitnessTest#aHistoryThatDoesNotContinueIsRefusedWhateverItsProof"),
    REWRITTEN_HISTORY(
            "Who holds the store edits, deletes or reorders what is in the log.",
            "faults.TamperTest#aForgeryIsFoundAndNamedAndTheLogNotOpened",
            "faults.TamperTest#aLogRewrittenWithTheWritersKeyDiffersFromWhatIsRemembered",
            "faults.TamperTest#everyFlippedBitInABlobIsFoundAndTheEntryThatNamesItToo",
            "faults.RecoveryTest#whoHoldsStoreLogKeyAndWriterKeyCannotForgeARecovery",
            "faults.RecoveryTest#aRecoveryDoesNotMakeARewrittenHistoryGood",
            "faults.RecoveryTest#tooFewOrWrongRootsCannotRecover"),
    EVIDENCE_REPLAYED(
            "What was approved elsewhere, or before a change, is shown here.",
            "registry.SignedApprovalTest#whatWasSignedForAnythingElseIsRefusedWithTheReason",
            "registry.SignedApprovalTest#anApprovalOfOtherFilesOrOtherThingsIsNone",
            "registry.SignedApprovalTest#evidenceThatCameSinceVoidsWhatWasSigned",
            "registry.SignedApprovalTest#aWithdrawnApprovalIsNotBroughtBackByShowingItAgain",
            "registry.InstalledTrustTest#aRepeatedInstallationIsRecognisedAndAReplayedOneRefused",
            "registry.ActsTest#relabellingADocumentVoidsAnApprovalAsAnyEvidenceDoes",
            "transfer.ImportVersionTest#approvalsOfTheOtherLogAreEvidenceAndCountForNothing",
            "internal.policy.StateFactsTest#approvalsCountOnceForEachIndependentValidatorOnWhatTheVersionIsNow"),
    MIXED_PIECES(
            "Genuine pieces of different models or versions are put together.",
            "evidence.BillOfMaterialsTest#theBillOfAnotherModelIsRefusedThoughItIsSigned",
            "evidence.BillOfMaterialsTest#itIsOfTheFilesOfTheVersionAndOfNoOthers",
            "evidence.AttestationTest#aStatementAboutAnotherModelIsRefused",
            "registry.AttachedEvidenceTest#evidenceOfAnotherVersionIsRefusedWhoeverSignedIt",
            "registry.AttachedEvidenceTest#anApprovalForAnotherLogOrVersionIsRefused",
            "transfer.EvidenceBundleTest#piecesOfTwoVersionsDoNotMakeOne"),
    ENDLESS_DATA(
            "A store or server hands out more than there is, or so slowly that it never ends.",
            "faults.EndlessBlobsTest#noMoreIsReadThanCanBelongToTheModel",
            "internal.storage.CachedBlobStoreTest#whatIsTooShortOrTooLongInTheFolderIsNeverHandedOut",
            "internal.storage.S3FaultsTest#anAnswerThatDoesNotSayHowLongItIsIsNotRead",
            "internal.storage.S3FaultsTest#aStoreThatHangsIsGivenUp",
            "internal.witness.HttpWitnessTest#anAnswerThatIsTooLongIsCutOff",
            "internal.witness.HttpWitnessTest#anAnswerThatDripsIsGivenUp"),
    UNVERIFIED_USE(
            "A model is used though its verification failed, or was never asked for.",
            "faults.ServingFaultsTest#anAlteredBlobNeverLoads",
            "faults.ServingFaultsTest#aHandleWhoseFirstLoadFailsSaysWhy",
            "faults.ServingFaultsTest#revokingRefusesAtOnceInTheSameProcess"),
    CODE_BEARING_FILES(
            "A file of the model runs code when it is loaded.",
            "internal.signing.AttackTest#aFileThatCanRunCodeIsToldOfThoughItIsSigned",
            "internal.signing.CodeFormatTest#whatCanRunCodeIsToldByItsBytesOrItsName");

    private final String attack;
    private final List<String> tests;

    Threat(String attack, String... tests) {
        this.attack = attack;
        this.tests = List.of(tests);
    }

    String attack() {
        return attack;
    }

    /** Returns the tests, as class and method. */
    List<String> tests() {
        return tests;
    }
}
