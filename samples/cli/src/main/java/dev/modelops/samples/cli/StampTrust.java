package dev.modelops.samples.cli;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** Whose timestamps are believed. */
final class StampTrust {
    @Option(
            names = "--timestamp-chain",
            paramLabel = "FILE",
            description = "The certificates of a time-stamping authority, or of who issues its own, in PEM: believe its"
                    + " timestamps (RFC 3161). May be repeated.")
    private List<Path> chain = List.of();

    Set<X509Certificate> anchors() {
        Set<X509Certificate> anchors = new LinkedHashSet<>();
        chain.forEach(file -> anchors.addAll(SmallFiles.certificates(file)));
        return anchors;
    }
}
