package dev.modelops.core.internal.policy.cedar;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Policies by id.
 *
 * @param statics the policies without slots
 * @param templates the policies with slots, which decide nothing by themselves
 * @param links the policies made of templates
 */
public record CedarPolicySet(
        SortedMap<String, CedarPolicy> statics,
        SortedMap<String, CedarPolicy> templates,
        SortedMap<String, TemplateLink> links) {
    /** How long the id of a policy may be. */
    public static final int MAX_ID_LENGTH = 200;

    /** How many policies, templates and links together a document may hold. */
    public static final int MAX_POLICIES = 10_000;

    /**
     * Creates a set.
     *
     * @throws IllegalArgumentException if an id is empty, too long or given twice, a template has no slot or a static policy
     *     has one, or a link does not fit its template
     */
    public CedarPolicySet {
        statics = Collections.unmodifiableSortedMap(new TreeMap<>(statics));
        templates = Collections.unmodifiableSortedMap(new TreeMap<>(templates));
        links = Collections.unmodifiableSortedMap(new TreeMap<>(links));
        SortedMap<String, CedarPolicy> byTemplate = templates;
        SortedMap<String, CedarPolicy> byStatic = statics;
        statics.forEach((id, policy) -> {
            requireId(id, false);
            if (policy.isTemplate()) {
                throw new IllegalArgumentException("policy '" + Names.brief(id) + "' has "
                        + policy.slots().iterator().next().cedarName()
                        + ": a policy with slots is a template, which must be linked");
            }
        });
        templates.forEach((id, template) -> {
            requireId(id, byStatic.containsKey(id));
            if (!template.isTemplate()) {
                throw new IllegalArgumentException("template '" + Names.brief(id)
                        + "' must have ?principal or ?resource in its head, or be a static policy");
            }
        });
        links.forEach((id, link) -> {
            requireId(id, byStatic.containsKey(id) || byTemplate.containsKey(id));
            linked(id, link, byTemplate);
        });
    }

    /** Creates a set of static policies. */
    public CedarPolicySet(SortedMap<String, CedarPolicy> statics) {
        this(statics, Collections.emptySortedMap(), Collections.emptySortedMap());
    }

    /** Returns the policies that decide, static and linked, by id. */
    public SortedMap<String, CedarPolicy> policies() {
        if (links.isEmpty()) {
            return statics;
        }
        SortedMap<String, CedarPolicy> all = new TreeMap<>(statics);
        links.forEach((id, link) -> all.put(id, linked(id, link, templates)));
        return Collections.unmodifiableSortedMap(all);
    }

    /**
     * Returns the set with one more linked policy.
     *
     * @throws IllegalArgumentException if the id is taken, there is no such template, or the values do not fit its slots
     */
    public CedarPolicySet link(String id, TemplateLink link) {
        requireId(id, links.containsKey(id));
        SortedMap<String, TemplateLink> more = new TreeMap<>(links);
        more.put(id, link);
        return new CedarPolicySet(statics, templates, more);
    }

    /**
     * Requires that no policy is annotated with another {@code @id} than it has, so that a rule has one name.
     *
     * @throws IllegalArgumentException if one is
     */
    public void requireOneNameEach() {
        requireOneNameEach(statics);
        requireOneNameEach(templates);
    }

    private static void requireOneNameEach(SortedMap<String, CedarPolicy> policies) {
        policies.forEach((id, policy) -> {
            String annotated = policy.annotations().getOrDefault("id", id);
            if (!annotated.equals(id)) {
                throw new IllegalArgumentException("policy '" + id + "' is annotated @id(\"" + Names.brief(annotated)
                        + "\"): both must be the same, so that a rule has one name");
            }
        });
    }

    private static CedarPolicy linked(String id, TemplateLink link, SortedMap<String, CedarPolicy> templates) {
        CedarPolicy template = templates.get(link.templateId());
        if (template == null) {
            throw new IllegalArgumentException("policy '" + Names.brief(id) + "' is linked to template '"
                    + Names.brief(link.templateId()) + "', but there is no such template");
        }
        try {
            return template.link(link.values());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("policy '" + Names.brief(id) + "': " + e.getMessage(), e);
        }
    }

    private static void requireId(String id, boolean taken) {
        if (id.isBlank() || id.length() > MAX_ID_LENGTH) {
            throw new IllegalArgumentException("policy id must have 1 to " + MAX_ID_LENGTH
                    + " characters and not be blank, but was '" + Names.brief(id) + "'");
        }
        if (taken) {
            throw new IllegalArgumentException("there are two policies of the id '" + id + "': ids must differ");
        }
    }
}
