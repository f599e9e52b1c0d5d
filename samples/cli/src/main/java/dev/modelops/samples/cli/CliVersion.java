package dev.modelops.samples.cli;

import picocli.CommandLine.IVersionProvider;

/** Tells the version that the jar's manifest names. */
final class CliVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = CliVersion.class.getPackage().getImplementationVersion();
        return new String[] {"modelops " + (version == null ? "(development build)" : version)};
    }
}
