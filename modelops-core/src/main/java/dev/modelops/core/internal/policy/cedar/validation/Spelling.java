package dev.modelops.core.internal.policy.cedar.validation;

import java.util.Collection;
import java.util.List;

/** Finds the name that was probably meant by an unknown one. */
public final class Spelling {
    private static final int MAX_LENGTH = 60;
    private static final int MAX_LISTED = 8;
    private static final int MAX_COMPARED = 1_000;

    private Spelling() {}

    /** Returns the end of a message: the known name that is closest, else the known names, if they are few. */
    public static String hint(String name, Collection<String> known) {
        if (known.isEmpty()) {
            return "there is none";
        }
        String best = "";
        int bestDistance = Math.max(2, Math.min(name.length(), MAX_LENGTH) / 3) + 1;
        List<String> compared = known.stream().limit(MAX_COMPARED).toList();
        for (String candidate : compared) {
            int distance = distance(name, candidate);
            if (distance < bestDistance && distance < candidate.length()) {
                bestDistance = distance;
                best = candidate;
            }
        }
        if (!best.isEmpty()) {
            return "did you mean '" + best + "'?";
        }
        String listed = String.join(", ", known.stream().limit(MAX_LISTED).toList());
        return "known: " + listed + (known.size() > MAX_LISTED ? " and " + (known.size() - MAX_LISTED) + " more" : "");
    }

    /** Returns how many characters must be added, removed or replaced to turn one name into the other. */
    private static int distance(String from, String to) {
        if (from.length() > MAX_LENGTH || to.length() > MAX_LENGTH) {
            return Integer.MAX_VALUE;
        }
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
