package dev.modelops.core.internal.storage;

import dev.modelops.core.WrappedTexts;
import dev.modelops.storage.LogStore;

/** The texts beside a log, which is closed with them. */
final class ClosingTexts extends WrappedTexts {
    private final LogStore log;

    ClosingTexts(LogStore log) {
        super(log.texts().orElseThrow());
        this.log = log;
    }

    @Override
    public void close() {
        super.close();
        log.close();
    }
}
