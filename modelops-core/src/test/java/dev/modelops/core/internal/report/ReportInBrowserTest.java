package dev.modelops.core.internal.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
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
