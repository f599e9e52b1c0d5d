package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.Expr;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the findings of one policy, each once and not too many. */
final class Findings {
    private static final int MAX_FINDINGS = 20;
    private static final int MAX_EXPRESSION = 200;

    private final String policy;
    private final List<Finding> findings = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    Findings(String policy) {
        this.policy = policy;
    }

    void add(Finding.Kind kind, Expr expr, String message, @Nullable RequestEnvironment environment) {
        add(kind, brief(expr), message, environment);
    }

    void add(Finding.Kind kind, String expression, String message, @Nullable RequestEnvironment environment) {
        if (!isFull() && seen.add(kind + "\n" + expression + "\n" + message)) {
            findings.add(new Finding(policy, kind, message, expression, environment));
        }
    }

    boolean isEmpty() {
        return findings.isEmpty();
    }

    boolean isFull() {
        return findings.size() >= MAX_FINDINGS;
    }

    List<Finding> list() {
        return findings;
    }

    private static String brief(Expr expr) {
        String text = CedarText.of(expr);
        return text.length() <= MAX_EXPRESSION ? text : text.substring(0, MAX_EXPRESSION - 3) + "...";
    }
}
