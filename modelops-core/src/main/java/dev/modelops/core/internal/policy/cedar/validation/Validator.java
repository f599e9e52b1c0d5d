package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.TemplateLink;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks policies against a schema, strictly: for every kind of request that the schema allows and the policy's head can
 * match, the types of all its conditions.
 */
public final class Validator {
    private static final long MAX_STEPS = 50_000_000;
    static final int NO_LEVEL = -1;

    private final SchemaNames names;
    private final Schema schema;
    private final long maxSteps;

    /** Creates a validator for a schema. */
    public Validator(Schema schema) {
        this(schema, MAX_STEPS);
    }

    Validator(Schema schema, long maxSteps) {
        this.schema = schema;
        this.names = new SchemaNames(schema);
        this.maxSteps = maxSteps;
    }

    /** Returns what is wrong with policies, templates and links. */
    public ValidationReport validate(CedarPolicySet policies) {
        return validate(policies, NO_LEVEL);
    }

    /**
     * Returns what is wrong with policies, templates and links, including where one reads more entities in a row than a
     * level allows, counted from those of the request.
     *
     * @throws IllegalArgumentException if the level is negative
     */
    public ValidationReport validateAtLevel(CedarPolicySet policies, int level) {
        if (level < 0) {
            throw new IllegalArgumentException("a level must be 0 or more, but was " + level);
        }
        return validate(policies, level);
    }

    /** Returns what is wrong with one policy or template. */
    public List<Finding> validate(String id, CedarPolicy policy) {
        return validate(id, policy, NO_LEVEL, new Effort(maxSteps));
    }

    private ValidationReport validate(CedarPolicySet policies, int level) {
        Effort effort = new Effort(maxSteps);
        List<Finding> findings = new ArrayList<>();
        Set<String> failed = new HashSet<>();
        policies.templates().forEach((id, template) -> {
            List<Finding> found = validate(id, template, level, effort);
            findings.addAll(found);
            if (found.stream().anyMatch(Finding::isError)) {
                failed.add(id);
            }
        });
        for (Map.Entry<String, CedarPolicy> entry : policies.policies().entrySet()) {
            TemplateLink link = policies.links().get(entry.getKey());
            if (link == null || !failed.contains(link.templateId())) {
                findings.addAll(validate(entry.getKey(), entry.getValue(), level, effort));
            }
        }
        return new ValidationReport(findings);
    }

    private List<Finding> validate(String id, CedarPolicy policy, int level, Effort effort) {
        Findings findings = new Findings(id);
        names.check(policy, findings);
        if (findings.isEmpty()) {
            new PolicyChecker(schema, policy, level, effort, findings).check();
        }
        return findings.list();
    }
}
