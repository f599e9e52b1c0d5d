package dev.modelops.samples.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.NotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
    @TempDir
    Path dir;

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake("", "Missing required subcommand"),
                mistake("log", "Missing required subcommand"),
                mistake("model", "Missing required subcommand"),
                mistake("lgo show --store d", "Unmatched arguments"),
                mistake("log show", "Missing required option: '--store=STORE'"),
                mistake("log show --store d --index x", "'x' is not a long"),
                mistake("log show --store d --index -1", "--index must be at least 0, the first entry, but was -1"),
                mistake("log show --store d --index 9223372036854775807", "--index must be at least 0"),
                mistake("log show --store d --index 1 --model m", "goes with no condition"),
                mistake("log show --store d --limit 0", "--limit must be at least 1, but was 0"),
                mistake("log show --store d --limit many", "'many' is not an int"),
                mistake("log show --store d --from yesterday", "expected a time such as 2026-03-31T12:00:00Z"),
                mistake("log show --store d --until 2026-02-30", "found '2026-02-30'"),
                mistake("log show --store d --actor ada", "principal must look like issuer|id"),
                mistake("log show --store d --model UPPER", "model name must be"),
                mistake("log show --store d --frob", "Unknown option: '--frob'"),
                mistake("log verify --store d --log-key nonsense", "log key must look like"),
                mistake("log prove --store d --index 1", "--out"),
                mistake("log prove --store d --out f", "--index"),
                mistake("log prove --store d --index -3 --out f", "but was -3"),
                mistake("log export --store d", "--out"),
                mistake("model show --store d", "NAME[@N]"),
                mistake("model show m@0 --store d", "version must look like"),
                mistake("model show m@99999999999 --store d", "version must look like"),
                mistake("model show m@A --store d", "alias must be"),
                mistake("witness", "Missing required subcommand"),
                mistake("witness key --name w", "Missing required option: '--key=FILE'"),
                mistake("witness serve --key k --name w --folder f", "Missing required option: '--log=FILE|TEXT'"),
                mistake("witness serve --key k --name w --folder f --log nonsense", "log key must look like"),
                mistake("policy", "Missing required subcommand"),
                mistake("policy check", "Missing required parameter: 'FILE'"),
                mistake("policy check none.cedar", "expected a file at none.cedar"),
                mistake("policy test", "Missing required parameter: 'FILE'"),
                mistake("policy test none.json", "expected a file at none.json, found nothing"),
                mistake("policy test none.json --coverage 101", "--coverage must be from 0 to 100, but was 101"),
                mistake("policy diff a.cedar", "Missing required parameter: 'AFTER'"),
                mistake("policy diff a.cedar b.cedar", "expected a file at a.cedar, found nothing"),
                mistake("policy whatif a.cedar", "Missing required option: '--store=STORE'"),
                mistake("policy whatif a.cedar --store d --limit -1", "--limit must be at least 0, but was -1"),
                mistake("policy whatif a.cedar --store d", "expected a file at a.cedar, found nothing"),
                mistake("policy show", "Missing required option: '--store=STORE'"),
                mistake("policy show --store d --digest abc", "--digest"),
                mistake(
                        "policy show --store d --as-of 3 --digest sha256:" + "0".repeat(64),
                        "--digest names a set and goes with no --as-of"),
                mistake("policy check .", "expected a file at ., found a folder; name a file in it"),
                mistake("policy diff . .", "expected a file at ., found a folder; name a file in it"),
                mistake("policy test .", "expected a file at ., found a folder; name a file in it"),
                mistake("policy format none.cedar", "expected a file at none.cedar"),
                mistake("text", "Missing required subcommand"),
                mistake(
                        "text erase --store d --writer k --as a|b --index 1",
                        "Missing required option: '--ground=TEXT'"),
                mistake("text erase --store d --writer k --as a|b --index -1 --ground g", "but was -1"),
                mistake("text erase --store d --as a|b --index 1 --ground g", "--writer=FILE"),
                mistake("serving", "Missing required subcommand"),
                mistake("serving suspend m --store d --writer k --as a|b", "--environment=NAME"),
                mistake("serving quarantine m --store d --writer k --as a|b --environment production", "version"),
                mistake("serving resume m --store d --writer k --as a|b --environment P", "environment"),
                mistake("hold", "Missing required subcommand"),
                mistake("hold place --store d --writer k --as a|b", "Missing required parameter: 'NAME'"),
                mistake("hold place c --store d --writer k", "--as=ISSUER|ID"),
                mistake("hold place " + "c".repeat(129) + " --store d --writer k --as a|b", "128"),
                mistake("retention", "Missing required subcommand"),
                mistake("retention due --store d", "no rule applies; name --rule, or --keep"),
                mistake("retention due --store d --rule gdpr", "expected one of eu-ai-act-logs, "),
                mistake("retention due --store d --keep 2y", "such as P90D, P25M or P10Y, but was '2y'"),
                mistake("retention due --store d --keep P-1D", "but was 'P-1D'"),
                mistake("retention due --store d --rule eu-ai-act-logs --type t", "--type goes with --keep"),
                mistake("store", "Missing required subcommand"),
                mistake("store copy --from d", "Missing required option: '--to=STORE'"),
                mistake("store copy --to d", "Missing required option: '--from=STORE'"),
                mistake("store copy --from jdbc:mysql://h/x --to d", "expected a database such as jdbc:postgresql:"),
                mistake("store copy --from jdbc:postgresql://h/x --to d", "name --from-blobs"),
                mistake("store copy --from jdbc:postgresql://h/x --from-blobs b --to d", "name --log-key"),
                mistake("store copy --from d --to d", "names the same store twice"),
                mistake("store export --store d", "Missing required option: '--to=FILE'"),
                mistake("store export --store jdbc:postgresql://h/x --to f", "name --blobs"),
                mistake("store copy --from d --to e --log x", "--log names a log of a database, but e is a folder or"),
                mistake("log show --store d --log x", "--log names a log of a database, but d is a folder or"),
                mistake("store import --from f", "Missing required option: '--to=STORE'"),
                mistake("store import --from none.zip --to jdbc:postgresql://h/x", "name --blobs"),
                mistake("log show --store d --blobs ftp://h/x", "a bucket such as s3://"),
                mistake("log show --store d --blobs s3://b", "expected the name of a bucket"),
                mistake("log show --store d --blobs s3://bucket/p?zone=x", "with 'zone=x'"),
                mistake(
                        "log show --store d --blobs s3://bucket/p?endpoint=a|b",
                        "the endpoint of a bucket is no address"),
                mistake("log verify --store d --witness-grace 1d", "--witness-grace goes with --witness-policy"),
                mistake("log verify --store d --witness-policy p --witness-grace soon", "such as 90m, 36h or 7d"),
                mistake("log recover", "Missing required subcommand"),
                mistake("log recover prepare --store d", "Missing required options"),
                mistake(
                        "log recover prepare --store d --log-signer k --writer k --reason r --out f",
                        "Missing required argument (specify one of these)"),
                mistake(
                        "log recover prepare --store d --log-signer k --writer k --reason r --out f --lost f --nothing-lost",
                        "mutually exclusive"),
                mistake("log recover sign", "Missing required"),
                mistake("log recover sign s --key k", "Missing required option: '--out=FILE'"),
                mistake(
                        "log recover complete --store d --log-signer k --writer k --reason r --nothing-lost --statement s",
                        "Missing required option: '--signature=FILE'"),
                mistake("evidence", "Missing required subcommand"),
                mistake("evidence bom m@1 --store d", "Missing required option: '--to=FILE'"),
                mistake("evidence sign f --type bom --to g", "Missing required option: '--artifact=DIGEST'"),
                mistake("evidence sign f --type bom --to g --private-key k --artifact ab", "digest must look like"),
                mistake("evidence verify f --public-key k", "Missing required option: '--artifact=DIGEST'"),
                mistake("evidence attach m@1 f --store d", "Missing required options"),
                mistake("evidence list m --store d", "version must look like"),
                mistake("evidence export m@1 --store d", "Missing required option: '--to=DIR'"),
                mistake("pack", "Missing required subcommand"),
                mistake("pack export --store d --to f", "Missing required parameter: 'NAME@N'"),
                mistake("pack export m --store d --to f", "version must look like"),
                mistake("pack export m@1 --store d", "Missing required option: '--to=FILE'"),
                mistake("pack verify f", "Missing required option: '--log-key=FILE|TEXT'"),
                mistake("verify bundle d --public-key k", "Missing required option: '--log-key=FILE|TEXT'"),
                mistake("pack import f --store d", "Missing required options"),
                mistake("pack import f --store d --source-key nonsense --writer k --as a|b", "log key must look like"),
                mistake("store sweep --store d", "Missing required option: '--memory=DIR|FILE'"),
                mistake("store sweep --store d --memory m --grace 59m", "--grace must be 1h at least"),
                mistake("store sweep --store d --memory m --grace P1D", "such as 90m, 36h or 7d"),
                mistake("log show --store jdbc:postgresql://h/x", "name --blobs"),
                mistake("log show --store jdbc:postgresql://h/x --blobs b", "name --log-key"),
                mistake("log show --store jdbc:mysql://u:p@h/x?password=p", "but was 'jdbc:mysql://h/x'"),
                mistake("model list --store d --as-of soon", "expected a number of entries such as 42, or a time"),
                mistake("model list --store d --as-of 9999999999999999999", "a number of entries"));
    }

    @ParameterizedTest(name = "modelops {0}")
    @MethodSource("mistakes")
    void wrongUsageIsExplainedOnStandardErrorWithExitCode2(String line, String message) {
        SampleStore store = new SampleStore();
        Run run = Run.of(store, line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("modelops: ")
                .contains(message)
                .contains("--help'")
                .doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evidence",
                "evidence bom",
                "evidence sign",
                "evidence verify",
                "evidence attach",
                "evidence list",
                "evidence export",
                "log",
                "log show",
                "log verify",
                "log prove",
                "log export",
                "log recover",
                "log recover prepare",
                "log recover sign",
                "log recover complete",
                "pack",
                "pack export",
                "pack verify",
                "pack import",
                "model",
                "model list",
                "model show",
                "model history",
                "policy",
                "policy check",
                "policy test",
                "policy diff",
                "policy whatif",
                "policy show",
                "policy format",
                "text",
                "text erase",
                "serving",
                "serving quarantine",
                "serving suspend",
                "serving resume",
                "hold",
                "hold place",
                "hold lift",
                "hold list",
                "retention",
                "retention due",
                "store",
                "store copy",
                "store export",
                "store import",
                "store sweep",
                "verify bundle",
                "witness serve",
                "witness key"
            })
    void everyCommandHasHelpAndAVersion(String command) {
        Run help = Run.of(new SampleStore(), (command + " --help").strip().split(" "));
        Run version = Run.of(new SampleStore(), (command + " --version").strip().split(" "));

        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).startsWith("Usage: " + ("modelops " + command).strip());
        assertThat(help.err()).isEmpty();
        assertThat(help.out().lines()).allSatisfy(text -> assertThat(text).hasSizeLessThanOrEqualTo(80));
        assertThat(help.out().lines()).noneMatch(text -> text.startsWith("--"));
        assertThat(version.exitCode()).isZero();
        assertThat(version.out()).startsWith("modelops ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evidence bom",
                "evidence sign",
                "evidence verify",
                "evidence attach",
                "evidence list",
                "evidence export",
                "log show",
                "log verify",
                "log prove",
                "log export",
                "log recover prepare",
                "log recover sign",
                "log recover complete",
                "pack export",
                "pack verify",
                "pack import",
                "model list",
                "model show",
                "model history",
                "policy check",
                "policy test",
                "policy diff",
                "policy whatif",
                "policy show",
                "policy format",
                "text erase",
                "serving quarantine",
                "serving suspend",
                "serving resume",
                "hold place",
                "hold lift",
                "hold list",
                "retention due",
                "store copy",
                "store export",
                "store import",
                "store sweep",
                "witness serve",
                "witness key"
            })
    void everyVerbShowsExamplesAndTheShapeOfItsJson(String verb) {
        String help = Run.of(new SampleStore(), (verb + " --help").split(" ")).out();

        assertThat(help)
                .contains("Example")
                .contains("  modelops " + verb)
                .contains("JSON: ")
                .contains("--json");
        assertThat(help.contains("--store"))
                .isEqualTo(
                        verb.matches(
                                "(?!log recover sign)(log|model|text|hold|retention|serving) .*|policy (whatif|show)|store (export|sweep)|pack (export|import)|evidence (?!sign|verify).*"));
        assertThat(help.contains("Exit code: 0"))
                .isEqualTo(verb.startsWith("policy") || verb.matches("(log|pack|evidence) verify"));
    }

    @Test
    void whatIsNotThereIsExitCode1() {
        Run run = Run.of(
                (folder, key) -> {
                    throw new NotFoundException("there is no log\u001b[2J in " + folder);
                },
                "log",
                "show",
                "--store",
                "d");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualToNormalizingNewlines("modelops: there is no log\\u001b[2J in d\n");
    }

    @Test
    void unexpectedFailuresShowNoStackTrace() {
        Run failing = Run.of(
                (folder, key) -> {
                    throw new IllegalStateException("broken");
                },
                "log",
                "show",
                "--store",
                "d");
        Run unlinked = Run.of(
                (folder, key) -> {
                    throw new UnsatisfiedLinkError("no native library");
                },
                "log",
                "show",
                "--store",
                "d");

        assertThat(failing.exitCode()).isEqualTo(1);
        assertThat(failing.err())
                .isEqualToNormalizingNewlines(
                        "modelops: failed unexpectedly: java.lang.IllegalStateException: broken\n");
        assertThat(unlinked.exitCode()).isEqualTo(1);
        assertThat(unlinked.err())
                .isEqualToNormalizingNewlines(
                        "modelops: failed unexpectedly: java.lang.UnsatisfiedLinkError: no native library\n");
    }

    @Test
    void aFolderThatHoldsNoStoreIsExitCode1() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        Path empty = Files.createDirectory(dir.resolve("empty"));
        Path other = Files.createDirectory(dir.resolve("other"));
        Files.writeString(other.resolve("notes.txt"), "");

        assertNoStore(dir.resolve("missing"), "but found nothing");
        Run noArchive = Run.of(Store::open, "log", "show", "--store", file.toString());
        assertThat(noArchive.exitCode()).isEqualTo(1);
        assertThat(noArchive.err()).startsWith("modelops: '" + file + "' is no archive");
        assertNoStore(empty, "but found an empty folder");
        assertNoStore(other, "but found a folder with notes.txt");
    }

    private static void assertNoStore(Path folder, String found) {
        Run run = Run.of(Store::open, "log", "show", "--store", folder.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("modelops: expected ").contains(folder.toString(), found, "log.db");
    }

    @ParameterizedTest
    @CsvSource({"Broken pipe, false", "No space left on device, true"})
    void aReaderThatStopsDoesNoHarmButALostResultDoes(String failure, boolean lost) {
        Output out = new Output(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(failure);
            }
        });
        PrintWriter writer = new PrintWriter(out, false, UTF_8);
        StringWriter err = new StringWriter();

        assertThat(ModelOpsCli.run(
                        new SampleStore()::open, writer, new PrintWriter(err), "log", "show", "--store", "d"))
                .isZero();
        assertThat(out.isLost(new PrintWriter(err))).isEqualTo(lost);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines(lost ? "modelops: could not write the result: " + failure + "\n" : "");
    }

    private static Arguments mistake(String line, String message) {
        return Arguments.of(line, message);
    }
}
