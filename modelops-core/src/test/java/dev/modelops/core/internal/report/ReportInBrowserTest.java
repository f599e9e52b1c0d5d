package dev.modelops.core.internal.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
class ReportInBrowserTest {
    @TempDir
    Path folder;

    private Browser browser;

    @BeforeEach
    void start() throws Exception {
        browser = new Browser();
    }

    @AfterEach
    void stop() throws Exception {
        browser.close();
    }

    @Test
    void aBrowserShowsThePageWithoutErrorAndAsksForNothingElse() throws Exception {
        show(SampleReports.of(text -> text + "<img src='https://example.test/x.png'><script>alert(1)</script>"));

        assertThat(browser.events("Runtime.exceptionThrown")).isEmpty();
        assertThat(browser.events("Runtime.consoleAPICalled")).isEmpty();
        assertThat(browser.events("Log.entryAdded")).isEmpty();
        assertThat(browser.events("Page.javascriptDialogOpening")).isEmpty();
        assertThat(browser.events("Network.requestWillBeSent"))
                .extracting(event -> event.at("/request/url").asText())
                .hasSize(1)
                .allMatch(url -> url.startsWith("file:"));
        assertThat(number("document.querySelectorAll('img, script, iframe, object, link').length"))
                .isZero();
        assertThat(number("document.querySelectorAll('section > h2').length")).isEqualTo(9);
        assertThat(browser.evaluate("document.compatMode").asText()).isEqualTo("CSS1Compat");
        assertThat(browser.evaluate("getComputedStyle(document.querySelector('.lead')).fontWeight")
                        .asText())
                .as("the policy lets the style of the page apply")
                .isEqualTo("600");
    }

    @Test
    void nothingIsLeftOfABrowserThatWasClosed() throws Exception {
        List<ProcessHandle> processes;
        try (Browser another = new Browser()) {
            processes = another.processes();
        }

        assertThat(processes)
                .hasSizeGreaterThan(1)
                .allSatisfy(one -> assertThat(one.onExit()).succeedsWithin(Duration.ofMinutes(1)));
    }

    @Test
    void aScriptThatGotInWouldNotRun() throws Exception {
        Path file = folder.resolve("report.html");
        Files.writeString(
                file,
                ReportPage.of(SampleReports.plain())
                        .replace("</body>", "<script>document.title = 'ran'</script><img src='x.png'/></body>"));
        browser.open(file.toUri());

        assertThat(browser.evaluate("document.title").asText()).isEqualTo("Model report: credit in production");
        assertThat(browser.events("Log.entryAdded")).isNotEmpty();
    }

    @Test
    void theSameDocumentIsReadAsHtmlAndAsXml() throws Exception {
        show(SampleReports.plain());
        JsonNode asHtml = shape();
        Path file = folder.resolve("report.xhtml");
        Files.writeString(file, ReportPage.of(SampleReports.plain()));
        browser.open(file.toUri());

        assertThat(shape()).isEqualTo(asHtml);
        assertThat(asHtml.size()).isGreaterThan(500);
    }

    @Test
    void lightAndDarkBothShowSomething() throws Exception {
        show(SampleReports.plain());

        double light = brightness("light");
        double dark = brightness("dark");

        assertThat(light).isGreaterThan(0.8);
        assertThat(dark).isLessThan(0.3);
    }

    @Test
    void onPaperEveryTableIsThereEvenIfItWasClosed() throws Exception {
        show(SampleReports.plain());
        browser.evaluate("document.querySelectorAll('details').forEach(one => one.removeAttribute('open'))");
        assertThat(hiddenTables()).isPositive();

        media("print", "dark");

        assertThat(hiddenTables()).isZero();
        assertThat(browser.evaluate("getComputedStyle(document.documentElement).backgroundColor")
                        .asText())
                .as("paper is white")
                .isEqualTo("rgb(255, 255, 255)");
        assertThat(number("[...document.querySelectorAll('.scroll')]"
                        + ".filter(one => one.scrollHeight > one.clientHeight + 1).length"))
                .as("nothing is cut off")
                .isZero();
        media("", "light");
        byte[] pdf = Base64.getDecoder()
                .decode(browser.call("Page.printToPDF", Map.of("printBackground", false))
                        .get("data")
                        .asText());
        keep("report.pdf", pdf);
        long pages = Pattern.compile("/Type\\s*/Page\\b")
                .matcher(new String(pdf, StandardCharsets.ISO_8859_1))
                .results()
                .count();
        assertThat(pages).isBetween(3L, 40L);
    }

    @Test
    void aNarrowScreenNeedsNoScrollingSideways() throws Exception {
        browser.call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", 360, "height", 740, "deviceScaleFactor", 1, "mobile", true));
        show(SampleReports.plain());

        assertThat(number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(360);
    }

    @Test
    void onPaperNoPictureIsCutAndNoTableIsTooWide() throws Exception {
        // A4 within its margins, in CSS pixels.
        browser.call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", 680, "height", 1009, "deviceScaleFactor", 1, "mobile", false));
        show(SampleReports.plain());
        media("print", "light");

        assertThat(number("[...document.querySelectorAll('figure')]"
                        + ".filter(one => getComputedStyle(one).breakInside != 'avoid').length"))
                .isZero();
        assertThat(number("Math.max(...[...document.querySelectorAll('figure')].map(one => one.offsetHeight))"))
                .as("a picture with its legend has room on a page")
                .isBetween(100L, 1009L);
        assertThat(number("Math.max(...[...document.querySelectorAll('table')].map(one => one.scrollWidth))"))
                .isBetween(300L, 680L);
    }

    @Test
    void noTextOfAPictureCoversAnother() throws Exception {
        show(SampleReports.plain());

        assertThat(browser.evaluate("[...document.querySelectorAll('figure > svg')].flatMap(picture => {"
                        + " const texts = [...picture.querySelectorAll('text')].filter(one => one.textContent)"
                        + ".map(one => [one.textContent, one.getBBox()]);"
                        + " return texts.flatMap(([name, a], i) => texts.slice(i + 1)"
                        + ".filter(([other, b]) => a.x < b.x + b.width && b.x < a.x + a.width"
                        + " && a.y < b.y + b.height - 2 && b.y < a.y + a.height - 2)"
                        + ".map(([other, b]) => name + ' over ' + other)); })"))
                .isEmpty();
        assertThat(number("[...document.querySelectorAll('figure > svg')].filter(picture => {"
                        + " const all = picture.viewBox.baseVal;"
                        + " return [...picture.querySelectorAll('text')].some(one => one.getBBox().x < 0"
                        + " || one.getBBox().x + one.getBBox().width > all.width"
                        + " || one.getBBox().y + one.getBBox().height > all.height); }).length"))
                .as("texts beyond the edge")
                .isZero();
    }

    @Test
    void aLinkToAPictureThatIsFoldedAwayShowsIt() throws Exception {
        List<Report.Drift> calm = IntStream.range(0, 6)
                .mapToObj(i -> SampleReports.drift(text -> text, "input" + i, 5, 99))
                .toList();
        Report plain = SampleReports.plain();
        show(new Report(
                "credit",
                "production",
                "example.test/log",
                plain.at(),
                1,
                null,
                null,
                plain.versions(),
                plain.acts(),
                plain.places(),
                List.of(),
                List.of(new Report.Watched("credit@1", null, calm, List.of(), List.of())),
                List.of(),
                List.of(),
                List.of()));
        assertThat(browser.evaluate("document.querySelector('#check-3').checkVisibility()")
                        .asBoolean())
                .isFalse();

        browser.evaluate("document.querySelector('a[href=\"#check-3\"]').click()");

        assertThat(browser.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>"
                                + " done(document.querySelector('#check-3').checkVisibility()))))")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void everyThingToBeUsedIsReachedByTheKeyboardAndShowsThatItIs() throws Exception {
        show(SampleReports.plain());
        long wanted = number("document.querySelectorAll('a, summary, .scroll').length");
        browser.evaluate("window.reached = new Set(); window.dull = new Set();"
                + " document.addEventListener('focusin', event => { window.reached.add(event.target);"
                + " if (getComputedStyle(event.target).outlineStyle != 'solid') window.dull.add(event.target); });"
                + " document.querySelectorAll('details').forEach(one => one.open = true)");

        for (int i = 0; i < wanted; i++) {
            for (String type : List.of("rawKeyDown", "keyUp")) {
                browser.call(
                        "Input.dispatchKeyEvent",
                        Map.of("type", type, "key", "Tab", "code", "Tab", "windowsVirtualKeyCode", 9));
            }
        }

        assertThat(number("window.reached.size")).isEqualTo(wanted);
        assertThat(number("window.dull.size")).as("reached, and not seen to be").isZero();
    }

    private void show(Report report) throws Exception {
        Path file = folder.resolve("report.html");
        Files.writeString(file, ReportPage.of(report));
        browser.open(file.toUri());
    }

    private JsonNode shape() throws Exception {
        return browser.evaluate("[...document.querySelectorAll('*')].map(one => one.localName + ' ' + one.namespaceURI"
                + " + ' ' + one.getAttributeNames().filter(name => name != 'xmlns').join())");
    }

    private long number(String expression) throws Exception {
        return browser.evaluate(expression).asLong();
    }

    private long hiddenTables() throws Exception {
        return number("[...document.querySelectorAll('td')].filter(one => !one.checkVisibility() ||"
                + " one.getBoundingClientRect().height == 0).length");
    }

    private void media(String type, String scheme) throws Exception {
        browser.call(
                "Emulation.setEmulatedMedia",
                Map.of("media", type, "features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** Returns how bright the page is, 0 to 1. */
    private double brightness(String scheme) throws Exception {
        media("", scheme);
        byte[] png = Base64.getDecoder()
                .decode(browser.call("Page.captureScreenshot", Map.of("captureBeyondViewport", true))
                        .get("data")
                        .asText());
        keep("report-" + scheme + ".png", png);
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(png));
        Set<Integer> colours = new HashSet<>();
        double sum = 0;
        for (int x = 0; x < picture.getWidth(); x++) {
            for (int y = 0; y < picture.getHeight(); y++) {
                int colour = picture.getRGB(x, y);
                colours.add(colour);
                sum += ((colour >> 16 & 255) + (colour >> 8 & 255) + (colour & 255)) / 765.0;
            }
        }
        assertThat(colours).as("not blank").hasSizeGreaterThan(20);
        return sum / picture.getWidth() / picture.getHeight();
    }

    /** Leaves a file for people to look at, where the build says so. */
    private static void keep(String name, byte[] bytes) throws Exception {
        String folder = System.getProperty("modelops.browser.out", "");
        if (!folder.isEmpty()) {
            Files.write(Files.createDirectories(Path.of(folder)).resolve(name), bytes);
        }
    }
}
