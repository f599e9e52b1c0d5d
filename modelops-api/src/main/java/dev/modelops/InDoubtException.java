package dev.modelops;

/**
 * The outcome of an act is not known: the caller timed out or was interrupted while it waited, or the store lost the
 * answer to a commit. The act may or may not have happened. Ask {@link ModelOps#outcome}, or repeat the act under the same command id: it happens once.
 */
public final class InDoubtException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /** The act in doubt. */
    private final String commandId;

    /**
     * Creates a failure.
     *
     * @param commandId the act in doubt
     * @param message why the caller stopped waiting
     */
    public InDoubtException(CommandId commandId, String message) {
        super(message + "; ask outcome(" + commandId + ") or repeat the act under that command id");
        this.commandId = commandId.value();
    }

    /**
     * Returns the identity of the act in doubt.
     *
     * @return the command id
     */
    public CommandId commandId() {
        return CommandId.of(commandId);
    }
}
