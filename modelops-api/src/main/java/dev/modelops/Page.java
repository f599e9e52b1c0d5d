package dev.modelops;

import java.util.List;
import java.util.Optional;

/**
 * One page of results, all of them from one consistent state of the log.
 *
 * @param <T> what is listed
 * @param items the results of this page, copied in
 * @param next the cursor of the next page, empty on the last; pass it to the same query
 * @param position the state that every page of this listing is taken from
 */
public record Page<T>(List<T> items, Optional<String> next, LogPosition position) {
    /**
     * Creates a page.
     *
     * @param items the results
     * @param next the cursor of the next page
     * @param position the state the results are from
     */
    public Page {
        items = List.copyOf(items);
    }
}
