package dev.modelops.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.ModelOps;
import dev.modelops.testkit.ModelOpsTest;
import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the published modules say of themselves, and whether they work where that counts: on the module path. */
class ModuleArchitectureTest {
    static final Set<String> API_EXPORTS = Set.of(
            "dev.modelops",
            "dev.modelops.audit",
            "dev.modelops.monitoring",
            "dev.modelops.policy",
            "dev.modelops.registry",
            "dev.modelops.serving",
            "dev.modelops.signing",
            "dev.modelops.storage");
    static final Set<String> CORE_EXPORTS = Set.of(
            "dev.modelops.core",
            "dev.modelops.core.evidence",
            "dev.modelops.core.monitoring",
            "dev.modelops.core.policy",
            "dev.modelops.core.signing",
            "dev.modelops.core.storage");
    static final Set<String> TESTKIT_EXPORTS = Set.of(
            "dev.modelops.testkit",
            "dev.modelops.testkit.assertions",
            "dev.modelops.testkit.contract",
            "dev.modelops.testkit.fixtures");

    private static final ModuleDescriptor API = descriptorOf(ModelOps.class);
    private static final ModuleDescriptor CORE = descriptorOf(StoreInspection.class);
    private static final ModuleDescriptor TESTKIT = descriptorOf(ModelOpsTest.class);

    @TempDir
    Path folder;

    @Test
    void modulesExportExactlyThesePackagesAndToEverybody() {
        assertThat(exports(API)).isEqualTo(API_EXPORTS);
        assertThat(exports(CORE)).isEqualTo(CORE_EXPORTS);
        assertThat(exports(TESTKIT)).isEqualTo(TESTKIT_EXPORTS);
    }

    @Test
    void nothingIsOpenToReflection() {
        for (ModuleDescriptor module : List.of(API, CORE, TESTKIT)) {
            assertThat(module.isOpen()).as(module.name()).isFalse();
            assertThat(module.opens()).as(module.name()).isEmpty();
        }
    }

    @Test
    void theApiRequiresNothingAtRunTime() {
        assertThat(API.requires())
                .filteredOn(needed -> !needed.modifiers().contains(Requires.Modifier.STATIC))
                .extracting(Requires::name)
                .containsExactly("java.base");
    }

    @Test
    void theTestKitRequiresNoImplementation() {
        assertThat(TESTKIT.requires())
                .extracting(Requires::name)
                .contains("dev.modelops.api")
                .doesNotContain("dev.modelops.core");
    }

    @Test
    void theImplementationIsFoundOnTheClassPathAndOnTheModulePath() throws Exception {
        List<String> onModulePath = CORE.provides().stream()
                .filter(provided -> provided.service().equals("dev.modelops.ModelOpsProvider"))
                .flatMap(provided -> provided.providers().stream())
                .toList();
        List<String> onClassPath;
        try (var services =
                StoreInspection.class.getResourceAsStream("/META-INF/services/dev.modelops.ModelOpsProvider")) {
            assertThat(services).isNotNull();
            onClassPath = new String(services.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
        }

        assertThat(onModulePath).hasSize(1).isEqualTo(onClassPath);
    }

    @Test
    void theApiAloneLeadsToTheImplementationAndItsDriver() {
        Configuration resolved = resolve("dev.modelops.api");

        assertThat(names(resolved)).contains("dev.modelops.core", "org.xerial.sqlitejdbc");
        assertThat(reads(resolved, "dev.modelops.core")).contains("dev.modelops.api", "org.xerial.sqlitejdbc");
    }

    @Test
    void theTestKitResolvesWithTheFrameworksItIsMadeFor() {
        Configuration resolved = resolve("dev.modelops.testkit");

        assertThat(reads(resolved, "dev.modelops.testkit"))
                .contains("dev.modelops.api", "org.assertj.core", "org.junit.jupiter.api")
                .doesNotContain("dev.modelops.core");
    }

    @Test
    void aLogIsCreatedVerifiedAndClosedOnTheModulePath() throws Exception {
        Configuration resolved = resolve("dev.modelops.api");
        ModuleLayer layer = ModuleLayer.defineModulesWithOneLoader(
                        resolved, List.of(ModuleLayer.boot()), ClassLoader.getPlatformClassLoader())
                .layer();
        Class<?> modelOps = layer.findLoader("dev.modelops.api").loadClass(ModelOps.class.getName());
        assertThat(modelOps).isNotSameAs(ModelOps.class);

        try (AutoCloseable ops =
                (AutoCloseable) modelOps.getMethod("embedded", Path.class).invoke(null, folder.resolve("store"))) {
            Module implementation = ops.getClass().getModule();
            assertThat(implementation.getName()).isEqualTo("dev.modelops.core");
            assertThat(modelOps.getMethod("position").invoke(ops)).hasToString("1");
        }
    }

    private static Set<String> exports(ModuleDescriptor module) {
        assertThat(module.exports()).allMatch(exported -> !exported.isQualified(), "is not for chosen modules only");
        return module.exports().stream().map(ModuleDescriptor.Exports::source).collect(Collectors.toUnmodifiableSet());
    }

    private static Set<String> names(Configuration configuration) {
        return configuration.modules().stream().map(ResolvedModule::name).collect(Collectors.toSet());
    }

    private static Set<String> reads(Configuration configuration, String module) {
        return configuration.findModule(module).orElseThrow().reads().stream()
                .map(ResolvedModule::name)
                .collect(Collectors.toSet());
    }

    /** Resolves as the Java launcher does with everything on this class path that is a module on its module path. */
    private static Configuration resolve(String root) {
        List<Path> modules = new ArrayList<>();
        for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(element);
            boolean canBeOne = Files.isRegularFile(path) || Files.exists(path.resolve("module-info.class"));
            if (canBeOne && isNamedModule(path)) {
                modules.add(path);
            }
        }
        return ModuleLayer.boot()
                .configuration()
                .resolveAndBind(ModuleFinder.of(), ModuleFinder.of(modules.toArray(Path[]::new)), Set.of(root));
    }

    private static boolean isNamedModule(Path path) {
        try {
            return ModuleFinder.of(path).findAll().stream()
                    .noneMatch(module -> module.descriptor().isAutomatic());
        } catch (FindException e) {
            // Some test libraries cannot even be automatic modules; none of ours needs them.
            return false;
        }
    }

    private static ModuleDescriptor descriptorOf(Class<?> member) {
        try {
            Path place = Path.of(
                    member.getProtectionDomain().getCodeSource().getLocation().toURI());
            Set<ModuleReference> found = ModuleFinder.of(place).findAll();
            assertThat(found).as("modules in %s", place).hasSize(1);
            return found.iterator().next().descriptor();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("no path to " + member, e);
        }
    }
}
