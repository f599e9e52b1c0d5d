package dev.modelops.samples.decisions;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands in for a language model: follows its prompt to the letter, without a network and always alike. */
final class ScriptedModel implements LanguageModel {
    static final String NAME = "scripted-1";

    private static final Pattern ORDER = Pattern.compile("\\b\\d{4}\\b");

    static LanguageModel named(String name) {
        if (!name.equals(NAME)) {
            throw new IllegalArgumentException("expected the language model '" + NAME + "', found '" + name + "'");
        }
        return new ScriptedModel();
    }

    @Override
    public Turn next(String prompt, List<String> conversation) {
        String task = conversation.get(0);
        Matcher order = ORDER.matcher(task);
        if (task.contains("account") && conversation.size() == 1) {
            return Turn.call("closeAccount", "the account");
        }
        if (!order.find()) {
            return Turn.say("Please tell me the number of your order.");
        }
        String number = order.group();
        boolean isChecked = conversation.stream().anyMatch(said -> said.startsWith("findOrder"));
        if (prompt.contains("Find the order first") && !isChecked) {
            return Turn.call("findOrder", number);
        }
        boolean isPaid = conversation.stream().anyMatch(said -> said.startsWith("refund"));
        if (task.contains("money back") && !isPaid) {
            return Turn.call("refund", number);
        }
        return Turn.say(isPaid ? "The money for " + number + " is on its way." : "Order " + number + " is on its way.");
    }
}
