package dev.modelops.core;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.base.HasDescription;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaParameter;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules that every class of the published modules keeps. */
class ArchitectureTest {
    private static final int MOST_API_TYPES = 118;

    private static final Set<String> EXPORTED = Stream.of(
                    ModuleArchitectureTest.API_EXPORTS,
                    ModuleArchitectureTest.CORE_EXPORTS,
                    ModuleArchitectureTest.TESTKIT_EXPORTS)
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());

    /** What a test kit is made for. */
    private static final List<String> TEST_FRAMEWORKS = List.of("org.assertj.core.", "org.junit.jupiter.");

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.modelops");

    private static final JavaClasses API = ALL.that(describe("are of the api", ArchitectureTest::isApi));
    private static final JavaClasses CORE = ALL.that(in("dev.modelops.core"));
    private static final JavaClasses TESTKIT = ALL.that(in("dev.modelops.testkit"));
    private static final JavaClasses PUBLIC =
            ALL.that(describe("can be seen outside their module", ArchitectureTest::isVisible));

    @Test
    void publicSignaturesNameOnlyTheJavaLibraryAndExportedTypes() {
        Set<String> foreign = new TreeSet<>();
        for (JavaClass type : PUBLIC) {
            signature(type)
                    .filter(part -> !isAllowed(part, type))
                    .forEach(part -> foreign.add(type.getName() + " names " + part.getName()));
        }

        assertThat(foreign).isEmpty();
    }

    @Test
    void publicClassesAreFinalUnlessTheyAreMadeForInheritance() {
        Set<String> open = PUBLIC.stream()
                .filter(type -> !type.isInterface()
                        && !type.isEnum()
                        && !type.getModifiers().contains(JavaModifier.FINAL))
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(open)
                .containsExactly(
                        "dev.modelops.ModelOpsException",
                        "dev.modelops.storage.StorageException",
                        "dev.modelops.testkit.contract.BlobStoreContract",
                        "dev.modelops.testkit.contract.ErasableStoreContract",
                        "dev.modelops.testkit.contract.LogStoreContract");
    }

    @Test
    void theApiStaysSmall() {
        Map<String, Long> types = API.stream()
                .filter(type -> type.isTopLevelClass()
                        && type.getModifiers().contains(JavaModifier.PUBLIC)
                        && !type.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, TreeMap::new, Collectors.counting()));
        long count = types.values().stream().mapToLong(Long::longValue).sum();

        assertThat(count)
                .as("the api has %d public types, %s; every one more is one more to learn and to keep", count, types)
                .isBetween(1L, MOST_API_TYPES - 1L);
    }

    @Test
    void theApiDependsOnNothingButJavaAndItsNullnessAnnotations() {
        classes()
                .should()
                .onlyDependOnClassesThat(describe(
                        "are of java.*, jspecify or the api",
                        type -> type.getBaseComponentType().isPrimitive()
                                || isOf(type.getBaseComponentType(), List.of("java.", "org.jspecify."))
                                || isApi(type.getBaseComponentType())))
                .check(API);
    }

    @Test
    void theTestKitNeverDependsOnTheImplementation() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.modelops.core..")
                .check(TESTKIT);
    }

    /**
     * The root package of the api is left out: it holds the facade, which names every capability, and the values that every
     * capability names.
     */
    @Test
    void noPackagesDependOnEachOtherInACircle() {
        slices().matching("dev.modelops.(**)").should().beFreeOfCycles().check(API);
        slices().matching("dev.modelops.(**)").should().beFreeOfCycles().check(CORE);
        slices().matching("dev.modelops.(**)").should().beFreeOfCycles().check(TESTKIT);
    }

    @Test
    void onlyTheStoresKnowAboutDatabases() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.modelops.core.internal.storage", "dev.modelops.core.storage")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..", "software.amazon..")
                .check(ALL);
    }

    @Test
    void timeRandomnessAndOutputAreTakenFromNowhereButTheseDefaults() {
        Map<String, Set<String>> found = new TreeMap<>();
        for (JavaClass type : ALL) {
            type.getAccessesFromSelf().stream()
                    .map(ArchitectureTest::hiddenInput)
                    .filter(hidden -> !hidden.isEmpty())
                    .forEach(hidden -> found.computeIfAbsent(outermost(type), name -> new TreeSet<>())
                            .add(hidden));
        }

        Set<String> systemClock = Set.of("java.time.Clock.systemUTC");
        assertThat(found)
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "dev.modelops.ModelOps",
                        systemClock,
                        "dev.modelops.Opening",
                        Set.of("java.time.Clock.systemUTC", "java.security.SecureRandom.<init>"),
                        "dev.modelops.core.LogRecovery",
                        systemClock,
                        "dev.modelops.core.internal.EmbeddedFolder",
                        systemClock,
                        "dev.modelops.core.monitoring.Sinks",
                        systemClock,
                        "dev.modelops.core.signing.Verifiers",
                        systemClock,
                        "dev.modelops.core.signing.Timestamps",
                        Set.of("java.security.SecureRandom.<init>"),
                        "dev.modelops.testkit.contract.LogStoreContract",
                        systemClock));
    }

    @Test
    void noClassIsNamedAfterItsShapeInsteadOfWhatItDoes() {
        noClasses()
                .should()
                .haveNameMatching(".*(Impl|Utils?|Helpers?|Manager|Constants)(\\$.*)?")
                .check(ALL);
    }

    private static boolean isApi(JavaClass type) {
        return isOf(type, List.of("dev.modelops."))
                && !isOf(type, List.of("dev.modelops.core.", "dev.modelops.testkit."));
    }

    private static boolean isOf(JavaClass type, Collection<String> prefixes) {
        return prefixes.stream().anyMatch(type.getName()::startsWith);
    }

    private static DescribedPredicate<JavaClass> in(String rootPackage) {
        return describe("are in " + rootPackage, type -> isOf(type, List.of(rootPackage + ".")));
    }

    private static boolean isVisible(JavaClass type) {
        return EXPORTED.contains(type.getPackageName())
                && isVisible(type.getModifiers())
                && type.getEnclosingClass().map(ArchitectureTest::isVisible).orElse(true);
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    private static Stream<JavaClass> signature(JavaClass type) {
        Stream<JavaType> parents = Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
        Stream<JavaType> bounds = type.getTypeParameters().stream().map(JavaType.class::cast);
        Stream<JavaMember> members = type.getMembers().stream().filter(member -> isVisible(member.getModifiers()));
        return Stream.concat(
                raw(Stream.concat(parents, bounds)),
                Stream.concat(
                        annotations(type.getAnnotations()),
                        members.filter(member -> !member.getModifiers().contains(JavaModifier.SYNTHETIC))
                                .flatMap(ArchitectureTest::signature)));
    }

    private static Stream<JavaClass> signature(JavaMember member) {
        Stream<JavaClass> annotations = annotations(member.getAnnotations());
        if (member instanceof JavaField field) {
            return Stream.concat(annotations, raw(Stream.of(field.getType())));
        }
        JavaCodeUnit code = (JavaCodeUnit) member;
        Stream<JavaType> types = Stream.concat(
                Stream.concat(Stream.of(code.getReturnType()), code.getParameterTypes().stream()),
                code.getTypeParameters().stream());
        Stream<JavaClass> thrown = code.getExceptionTypes().stream();
        Stream<JavaClass> onParameters =
                code.getParameters().stream().map(JavaParameter::getAnnotations).flatMap(ArchitectureTest::annotations);
        return Stream.of(annotations, raw(types), thrown, onParameters).flatMap(parts -> parts);
    }

    private static Stream<JavaClass> raw(Stream<? extends JavaType> types) {
        return types.flatMap(type -> type.getAllInvolvedRawTypes().stream());
    }

    private static Stream<JavaClass> annotations(Collection<? extends JavaAnnotation<? extends HasDescription>> all) {
        return all.stream().map(JavaAnnotation::getRawType);
    }

    private static boolean isAllowed(JavaClass part, JavaClass user) {
        JavaClass named = part.getBaseComponentType();
        return named.isPrimitive()
                || isOf(named, List.of("java.", "javax.sql.", "org.jspecify.annotations."))
                || isVisible(named)
                || (in("dev.modelops.testkit").test(user) && isOf(named, TEST_FRAMEWORKS));
    }

    /** Returns what an access takes from outside without being given it, or an empty text. */
    private static String hiddenInput(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getName();
        String name = access.getTarget().getName();
        boolean hidden = switch (name) {
            case "now" ->
                owner.startsWith("java.time.")
                        && access.getTarget().getFullName().endsWith("now()");
            case "system", "systemUTC", "systemDefaultZone", "tickMillis", "tickSeconds", "tickMinutes" ->
                owner.equals("java.time.Clock");
            case "currentTimeMillis", "exit", "out", "err" -> owner.equals("java.lang.System");
            case "randomUUID" -> owner.equals("java.util.UUID");
            case "random" -> owner.equals("java.lang.Math");
            case "current" -> owner.equals("java.util.concurrent.ThreadLocalRandom");
            case "<init>" ->
                (owner.equals("java.util.Random")
                                || owner.equals("java.util.Date")
                                || owner.equals("java.security.SecureRandom"))
                        && access.getTarget().getFullName().endsWith("()");
            case "printStackTrace" -> access.getTargetOwner().isAssignableTo(Throwable.class);
            case "addProvider", "insertProviderAt" -> owner.equals("java.security.Security");
            default -> false;
        };
        return hidden ? owner + "." + name : "";
    }

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type.getName());
    }
}
