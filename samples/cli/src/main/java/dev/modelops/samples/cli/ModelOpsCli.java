package dev.modelops.samples.cli;

import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.audit.LogKey;
import dev.modelops.core.Retention;
import dev.modelops.core.signing.SigningOptions;
import dev.modelops.core.signing.VerificationOptions.Compatibility;
import dev.modelops.signing.SignatureAlgorithm;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The {@code modelops} command. */
@Command(
        name = "modelops",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description =
                "Signs models and verifies them, with a store or without. Reads a ModelOps store: shows its log and"
                        + " models, verifies it, and takes proofs out of it. Copies and archives whole stores, carries"
                        + " single versions between logs, recovers logs, and witnesses them. Erases texts that people"
                        + " wrote, and holds them. Stops what is served. Reviews policies before they come into force.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  modelops sign key model/ --private-key release.pem --signature model.sig",
            "  modelops verify key model/ --signature model.sig --public-key release.pub",
            "  modelops log verify --store /srv/models --log-key models.vkey",
            "  modelops log show --store /srv/models --model credit-risk --from 2026-01-01",
            "  modelops model show credit-risk@3 --store /srv/models --json",
            "  modelops policy diff old.cedar new.cedar",
            "  modelops store copy --from /srv/models --to jdbc:postgresql://db/models",
            "",
            "A store is a folder, an archive, or a PostgreSQL database. For a database, user",
            "and password come from PGUSER and PGPASSWORD, or from the URL, which others on",
            "the machine may see while the command runs.",
            "",
            "Every command has its own --help. Results go to standard output, with --json",
            "as one JSON object; messages go to standard error.",
            "",
            "Exit codes: 0 done, and verified where that was asked; 1 not verified, not",
            "found, refused or failed; 2 wrong usage. The policy verbs say what they mean",
            "by 1 and 3."
        })
public final class ModelOpsCli {
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    private static final Map<String, Class<?>> COMMANDS = commands();

    private final Store.Opener opener;

    ModelOpsCli(Store.Opener opener) {
        this.opener = opener;
    }

    /**
     * Runs the command and ends this process with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        FirstUse firstUse = FirstUse.begin(arguments);
        Output out = new Output(new FileOutputStream(FileDescriptor.out));
        PrintWriter err = writer(new FileOutputStream(FileDescriptor.err));
        int exitCode = run(Store::open, firstUse, writer(out), err, arguments);
        System.exit(out.isLost(err) ? FAILED : exitCode);
    }

    static int run(Store.Opener opener, PrintWriter out, PrintWriter err, String... arguments) {
        return run(opener, FirstUse.NONE, out, err, arguments);
    }

    private static int run(
            Store.Opener opener, FirstUse firstUse, PrintWriter out, PrintWriter err, String... arguments) {
        try {
            return commandLine(opener, arguments)
                    .setOut(out)
                    .setErr(err)
                    .setExecutionStrategy(parsed -> {
                        firstUse.await();
                        return new CommandLine.RunLast().execute(parsed);
                    })
                    .execute(Spelling.dashed(arguments));
        } catch (LinkageError | OutOfMemoryError | StackOverflowError e) {
            err.println("modelops: " + describe(e));
            return FAILED;
        } finally {
            out.flush();
            err.flush();
        }
    }

    Store.Opener opener() {
        return opener;
    }

    /** Reading what a command takes is most of the time that a short one takes, so others than the named one are left out. */
    private static CommandLine commandLine(Store.Opener opener, String... arguments) {
        CommandLine line = new CommandLine(new ModelOpsCli(opener));
        Class<?> named = arguments.length == 0 ? null : COMMANDS.get(arguments[0]);
        (named == null ? COMMANDS.values() : List.of(named)).forEach(line::addSubcommand);
        line.registerConverter(Instant.class, converter(AsOf::parseTime));
        line.registerConverter(AsOf.class, converter(AsOf::parse));
        line.registerConverter(Digest.class, converter(Digest::parse));
        line.registerConverter(BlobAddress.class, converter(BlobAddress::parse));
        line.registerConverter(CommandId.class, converter(CommandId::of));
        line.registerConverter(Environment.class, converter(Environment::of));
        line.registerConverter(Duration.class, converter(Durations::parse));
        line.registerConverter(LogKey.class, converter(StoreVerb::parseLogKey));
        line.registerConverter(ModelName.class, converter(ModelName::of));
        line.registerConverter(ModelRef.class, converter(ModelRef::parse));
        line.registerConverter(ModelTarget.class, converter(ModelTarget::parse));
        line.registerConverter(Period.class, converter(RetentionCommand::period));
        line.registerConverter(Principal.class, converter(Principal::parse));
        line.registerConverter(Retention.Rule.class, converter(RetentionCommand::preset));
        line.registerConverter(SignatureAlgorithm.class, constants(SignatureAlgorithm.values()));
        line.registerConverter(SigningOptions.Hash.class, constants(SigningOptions.Hash.values()));
        line.registerConverter(Compatibility.class, constants(Compatibility.values()));
        line.registerConverter(StoreAddress.class, converter(StoreAddress::parse));
        line.setUsageHelpAutoWidth(false);
        // A password may begin with the character that would make it a file of arguments.
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler((e, unused) -> {
            CommandLine failing = e.getCommandLine();
            String message = String.valueOf(e.getMessage()).replaceFirst("^Error: ", "");
            failing.getErr().println("modelops: " + Printable.of(message));
            CommandLine.UnmatchedArgumentException.printSuggestions(e, failing.getErr());
            failing.getErr().println("Try '" + failing.getCommandSpec().qualifiedName() + " --help'.");
            return WRONG_USAGE;
        });
        line.setExecutionExceptionHandler((e, failing, unused) -> {
            failing.getErr().println("modelops: " + describe(e));
            return FAILED;
        });
        return line;
    }

    private static Map<String, Class<?>> commands() {
        Map<String, Class<?>> commands = new LinkedHashMap<>();
        commands.put("sign", SignCommand.class);
        commands.put("verify", VerifyCommand.class);
        commands.put("digest", DigestCommand.class);
        commands.put("hold", HoldCommand.class);
        commands.put("inspect", InspectCommand.class);
        commands.put("evidence", EvidenceCommand.class);
        commands.put("key", KeyCommand.class);
        commands.put("log", LogCommand.class);
        commands.put("model", ModelCommand.class);
        commands.put("pack", PackCommand.class);
        commands.put("policy", PolicyCommand.class);
        commands.put("retention", RetentionCommand.class);
        commands.put("serving", ServingCommand.class);
        commands.put("store", StoreCommand.class);
        commands.put("text", TextCommand.class);
        commands.put("witness", WitnessCommand.class);
        return Collections.unmodifiableMap(commands);
    }

    private static String describe(Throwable e) {
        boolean explains = e instanceof ModelOpsException || e instanceof CliFailure;
        String message = String.valueOf(e.getMessage());
        return Printable.lines(
                explains ? message : "failed unexpectedly: " + e.getClass().getName() + ": " + message);
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parser) {
        return text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException | CliFailure e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }

    /** Returns how a constant is written on the command line. */
    static String optionOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <T extends Enum<T>> ITypeConverter<T> constants(T[] values) {
        return text -> Stream.of(values)
                .filter(value -> optionOf(value).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("expected one of "
                        + Stream.of(values).map(ModelOpsCli::optionOf).collect(Collectors.joining(", ")) + ", but was '"
                        + text + "'"));
    }

    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
    }
}
