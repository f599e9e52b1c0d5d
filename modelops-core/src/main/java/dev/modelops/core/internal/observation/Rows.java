package dev.modelops.core.internal.observation;

import dev.modelops.core.internal.monitoring.Layout;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the signals of a monitor among the values of a prediction. */
final class Rows {
    private Rows() {}

    static double[] numbers(Layout layout, Map<String, ?> input, Map<String, ?> output) {
        List<String> names = layout.numberNames();
        double[] numbers = new double[names.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(value(layout, names.get(i), input, output));
        }
        return numbers;
    }

    static @Nullable String[] texts(Layout layout, Map<String, ?> input, Map<String, ?> output) {
        List<String> names = layout.textNames();
        @Nullable String[] texts = new @Nullable String[names.size()];
        for (int i = 0; i < texts.length; i++) {
            Object value = value(layout, names.get(i), input, output);
            texts[i] = value == null ? null : String.valueOf(value);
        }
        return texts;
    }

    /** The values that are predicted are the output's, everything else is the input's if it has it. */
    private static @Nullable Object value(Layout layout, String name, Map<String, ?> input, Map<String, ?> output) {
        boolean isPredicted = name.equals(layout.spec().output().signal());
        Object first = isPredicted ? output.get(name) : input.get(name);
        return first != null ? first : isPredicted ? input.get(name) : output.get(name);
    }

    /** Returns a number, or none if it is no number. */
    static double number(@Nullable Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        } else if (value instanceof Boolean truth) {
            return truth ? 1 : 0;
        } else if (value instanceof String text) {
            if (text.equals("true") || text.equals("false")) {
                return text.equals("true") ? 1 : 0;
            }
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                return Double.NaN;
            }
        }
        return Double.NaN;
    }
}
