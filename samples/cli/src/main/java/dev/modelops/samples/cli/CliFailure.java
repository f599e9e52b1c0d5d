package dev.modelops.samples.cli;

/** What the command was asked for could not be done; the message is for the user. */
final class CliFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CliFailure(String message) {
        super(message);
    }
}
