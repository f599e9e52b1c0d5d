package dev.modelops.core.internal.policy.cedar;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A policy made of a template: the template's id and what its slots are filled with. */
public record TemplateLink(String templateId, SortedMap<Slot, EntityUid> values) {
    public TemplateLink {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** Returns a link of some values. */
    public static TemplateLink of(String templateId, Map<Slot, EntityUid> values) {
        return new TemplateLink(templateId, new TreeMap<>(values));
    }
}
