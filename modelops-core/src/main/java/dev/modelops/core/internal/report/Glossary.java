package dev.modelops.core.internal.report;

import java.util.Locale;

/** The words that a reader may not know, each explained once, in the order in which they are explained. */
enum Glossary {
    ADWIN(
            "ADWIN",
            "A detector of changes: it compares the newer part of the latest losses with the older one, and drops the older"
                    + " one when chance would hardly make them so different."),
    ALERT(
            "Alert",
            "A check was beyond bounds in so many windows that somebody is to look into it. It is open until somebody"
                    + " took it on and the windows are within bounds again."),
    APPROVAL(
            "Approval",
            "A person's word, in the log, that a version may be used in an environment. It can be withdrawn."),
    AUC("AUC", "How well a score tells good cases from bad ones: 1 is always, 0.5 is no better than a coin."),
    BEYOND("Beyond bounds", "The value reaches the bound, and chance alone would hardly make it so large."),
    BOUND(
            "Bound",
            "From this value on, the people who registered the version want to know of it. The bound is signed with the"
                    + " version."),
    BRIER(
            "Brier score",
            "How far stated probabilities are from what happened, squared: 0 is perfect, and less is better."),
    CBPE(
            "CBPE, expected performance",
            "Confidence-based performance estimation: what the performance should be if the model's own probabilities are"
                    + " right on the new cases. It comes before outcomes are known, and cannot see that the world works"
                    + " differently now."),
    CHALLENGER("Challenger", "A version that is tried against the champion in an experiment."),
    CHAMPION(
            "Champion",
            "The version whose answers are used in an environment, from its promotion until the next one's."),
    CHANGE(
            "Change of the losses",
            "A detector follows how wrong the model was, case by case as outcomes become known, and says when that changed"
                    + " for the worse. What is shown is how much larger the loss is than before the change; 0 if no change"
                    + " was seen."),
    SEQUENCE(
            "Confidence sequence",
            "The range in which the true value lies, at every look: however often one looks, it misses the true value at no"
                    + " look, but for the stated chance. A range that holds zero says: not decided."),
    DDM(
            "DDM",
            "Drift detection method, a detector of changes: it compares the share of wrong decisions with the lowest that"
                    + " there was."),
    DRIFT(
            "Drift",
            "The cases that the model is asked about differ from those it was built on. It need not be wrong on them, but"
                    + " nobody has tried."),
    ENTRY("Entry", "A line of the log. Whoever verifies the log would notice if one were changed or taken out."),
    ENVIRONMENT("Environment", "Where a model is used, such as production; each has a champion of its own."),
    FALLBACK(
            "Fallback",
            "A deployment that finds its version to misbehave goes back to the champion before by itself, which puts the"
                    + " version into quarantine everywhere in the environment."),
    NOT_KNOWN(
            "NOT KNOWN, MISSING",
            "Nothing is left out silently: where something should stand and does not, one of these words does."),
    OUTCOME("Outcome, label", "What really happened in a case. It is known only later, if at all."),
    HINKLEY(
            "Page-Hinkley",
            "A detector of changes: it adds up by how much losses are above their mean, and speaks when that sum has risen far"
                    + " above its lowest."),
    POLICY("Policy", "The rules that decide who may do what. They are in the log too, and so is every refusal."),
    PROMOTION("Promotion", "The act that makes a version champion."),
    PSI(
            "PSI, population stability index",
            "How differently cases are spread over ranges or categories than those the version was built on: 0 is no"
                    + " difference. Banks often take 0.1 as worth a look and 0.25 as large."),
    QUARANTINE(
            "Quarantine",
            "A version may not answer in an environment until a validator who is not its author approves it anew. If it is"
                    + " champion, another stands in."),
    REFERENCE(
            "Reference",
            "The cases that a version was built on, or was tested on then: what later ones are compared with."),
    RETRAINING(
            "Request for a new version",
            "Somebody, or a check, asked for the model to be trained anew. A version that is registered says which request"
                    + " it answers."),
    ROLLBACK("Rollback", "The act that makes a former champion champion again."),
    SHARE(
            "Share of the challenger",
            "Cases are divided as planned. If the shares do not fit the plan, the comparison is not valid."),
    STAND_IN(
            "Stand-in",
            "The version that answers while the champion is in quarantine: the newest champion before it that policy lets"
                    + " serve."),
    STATUS(
            "Status",
            "Where a version is in its life cycle, such as active, deprecated, retired or revoked. The life cycle of the log says"
                    + " in which ones a version may be served."),
    SUSPENSION(
            "Suspension",
            "No version of the model answers in an environment, until somebody resumes it. A host may have something of its"
                    + " own that answers then; that is no version, and no entry tells of it."),
    WINDOW("Window", "A stretch of time, such as a day, whose cases are counted together.");

    private final String word;
    private final String meaning;

    Glossary(String word, String meaning) {
        this.word = word;
        this.meaning = meaning;
    }

    String word() {
        return word;
    }

    String meaning() {
        return meaning;
    }

    /** Returns where it is explained. */
    String id() {
        return "word-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
