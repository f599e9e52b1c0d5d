package dev.modelops.samples.benchmarks;

/** Policies and a request for comparing engines: the last of many permits applies, and one forbid is looked at. */
final class Promotions {
    private Promotions() {}

    static String approvers(int i) {
        return "approvers-" + i;
    }

    static String models(int i) {
        return "models-" + i;
    }

    /** Returns as many permits, each for one group of approvers and one of models, and a forbid. */
    static String text(int permits) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < permits; i++) {
            text.append("permit (principal in Group::\"")
                    .append(approvers(i))
                    .append("\", action == Action::\"promote\", resource in ModelGroup::\"")
                    .append(models(i))
                    .append("\") when { context.auc.greaterThanOrEqual(decimal(\"0.80\"))")
                    .append(" && principal.roles.contains(\"approver\") && context.approvals >= 2 };\n");
        }
        return text.append("forbid (principal, action == Action::\"promote\", resource)")
                .append(" when { resource.author == principal };\n")
                .toString();
    }
}
