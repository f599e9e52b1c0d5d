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

    /** Returns the schema that the policies are validated against. */
    static String schema() {
        return """
                entity Group in [Group];
                entity ModelGroup;
                entity User in [Group] = {roles: Set<String>};
                entity Version in [ModelGroup] = {author: User};
                action promote appliesTo {
                  principal: User, resource: Version, context: {auc: decimal, approvals: Long}
                };
                """;
    }

    /** Returns the entities of the request in Cedar's JSON format, for the last of so many permits. */
    static String entities(int permits) {
        return """
                [{"uid": {"type": "User", "id": "ada"}, "attrs": {"roles": ["approver", "reader"]},
                  "parents": [{"type": "Group", "id": "%1$s"}]},
                 {"uid": {"type": "User", "id": "bob"}, "attrs": {"roles": []},
                  "parents": [{"type": "Group", "id": "staff"}]},
                 {"uid": {"type": "Group", "id": "staff"}, "attrs": {}, "parents": []},
                 {"uid": {"type": "Group", "id": "%1$s"}, "attrs": {}, "parents": [{"type": "Group", "id": "staff"}]},
                 {"uid": {"type": "ModelGroup", "id": "%2$s"}, "attrs": {}, "parents": []},
                 {"uid": {"type": "Version", "id": "risk-3"},
                  "attrs": {"author": {"__entity": {"type": "User", "id": "bob"}}},
                  "parents": [{"type": "ModelGroup", "id": "%2$s"}]},
                 {"uid": {"type": "Action", "id": "promote"}, "attrs": {}, "parents": []}]
                """.formatted(approvers(permits - 1), models(permits - 1));
    }

    static final String CONTEXT = """
            {"auc": {"__extn": {"fn": "decimal", "arg": "0.8070"}}, "approvals": 2}
            """;
}
