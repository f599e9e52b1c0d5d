package dev.modelops.samples.decisions;

import java.util.List;

/** A language model, wherever it runs. */
@FunctionalInterface
interface LanguageModel {
    /** Returns what comes next in a conversation. */
    Turn next(String prompt, List<String> conversation);

    /**
     * A tool to be called, or, without one, what to say.
     *
     * @param tool the tool, or an empty text
     * @param text what to call it with, or to say
     */
    record Turn(String tool, String text) {
        static Turn call(String tool, String with) {
            return new Turn(tool, with);
        }

        static Turn say(String text) {
            return new Turn("", text);
        }
    }

    /** Finds language models by name. */
    @FunctionalInterface
    interface Catalogue {
        /** Returns the language model of a name, or refuses. */
        LanguageModel named(String name);
    }
}
