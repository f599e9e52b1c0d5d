package dev.modelops.core.internal.report;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.report.Report.Alarm;
import dev.modelops.core.internal.report.Report.Distance;
import dev.modelops.core.internal.report.Report.Drift;
import dev.modelops.core.internal.report.Report.Kind;
import dev.modelops.core.internal.report.Report.Performance;
import dev.modelops.core.internal.report.Report.Place;
import dev.modelops.core.internal.report.Report.Reign;
import dev.modelops.core.internal.report.Report.Retraining;
import dev.modelops.core.internal.report.Report.Step;
import dev.modelops.core.internal.report.Report.Version;
import dev.modelops.core.internal.report.Report.Watched;
import dev.modelops.serving.Verdict;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXParseException;

class ReportPageTest {
    private static final String SVG = "http://www.w3.org/2000/svg";
    private static final Report EMPTY = new Report(
            "credit",
            "production",
            "example.test/log",
            SampleReports.START,
            1,
            null,
            null,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "</title></head><body onload=alert(1)>",
                "</desc></svg><img src=x onerror=alert(1)>",
                "\" onmouseover=\"alert(1)",
                "' onfocus='alert(1)' autofocus='",
                "</style><style>*{display:none}",
                "]]><!-- --><![CDATA[",
                "&lt;script&gt; &#60; &amp;",
                "javascript:alert(1)",
                "</bdi></p></td></table><a href=https://example.test>here</a>",
                "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e 'x'>]>&e;",
            })
    void whateverATextHoldsItStaysAText(String hostile) throws Exception {
        Document page = parse(ReportPage.of(SampleReports.of(text -> text + hostile)));

        assertThat(shape(page.getDocumentElement()))
                .isEqualTo(shape(parse(ReportPage.of(SampleReports.plain())).getDocumentElement()));
        String shown = page.getElementsByTagName("body").item(0).getTextContent();
        SampleReports.of(text -> {
            assertThat(shown).contains(text + hostile);
            return text;
        });
    }

    @ParameterizedTest
    @CsvSource({
        "'a\u202Eb', a[U+202E]b",
        "'a\u0000b', a[U+0000]b",
        "'a\uFFFEb', a[U+FFFE]b",
        "'a\uD800b', a[U+D800]b",
        "'a\u200Bb', a[U+200B]b",
        "'a\u2028b', a[U+2028]b",
        "'a\nb', a b",
        "'a\uD83D\uDE00b', 'a\uD83D\uDE00b'",
        "'\u05D0\u00E9\u4E2D', '\u05D0\u00E9\u4E2D'",
    })
    void charactersThatNobodySeesAreWrittenOut(String text, String shown) throws Exception {
        Document page = parse(ReportPage.of(SampleReports.of(any -> text)));

        assertThat(texts(page, "bdi").get(0)).isEqualTo(shown);
        assertThat(texts(page, "title").get(0)).isEqualTo("Model report: " + shown + " in " + shown);
    }

    @Test
    void longTextsAreCutAndSaySo() throws Exception {
        Document page = parse(ReportPage.of(SampleReports.of(text -> "x".repeat(70_000))));

        assertThat(texts(page, "bdi").get(0))
                .isEqualTo("x".repeat(Markup.MOST_CHARACTERS) + " [cut: 70000 characters in all]");
    }

    @Test
    void thePageNeedsNothingElse() throws Exception {
        String html = ReportPage.of(SampleReports.plain());

        assertThat(html.replace("http://www.w3.org/1999/xhtml", "").replace(SVG, ""))
                .doesNotContain("://")
                .doesNotContainIgnoringCase("url(")
                .doesNotContainIgnoringCase("@import")
                .doesNotContainIgnoringCase("@font-face");
        Set<String> elements = new TreeSet<>();
        Set<String> attributes = new TreeSet<>();
        Set<String> references = new TreeSet<>();
        Set<String> ids = new HashSet<>();
        each(parse(html).getDocumentElement(), element -> {
            elements.add(element.getTagName());
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                attributes.add(element.getAttributes().item(i).getNodeName());
            }
            if (element.hasAttribute("href")) {
                references.add(element.getAttribute("href"));
            }
            if (element.hasAttribute("id")) {
                assertThat(ids.add(element.getAttribute("id"))).isTrue();
            }
        });
        assertThat(elements)
                .isSubsetOf(
                        "html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section", "h1",
                        "h2", "h3", "h4", "p", "a", "bdi", "strong", "ul", "li", "dl", "dt", "dd", "figure", "svg",
                        "desc", "path", "rect", "text", "details", "summary", "div", "table", "caption", "thead",
                        "tbody", "tr", "th", "td");
        assertThat(attributes).doesNotContain("src", "style", "data").noneMatch(name -> name.startsWith("on"));
        assertThat(references).isNotEmpty().allMatch(reference -> ids.contains(reference.substring(1)));
    }

    @Test
    void aBrowserMayApplyThisStyleAndLoadNothing() throws Exception {
        Document page = parse(ReportPage.of(SampleReports.plain()));
        Element policy = (Element) page.getElementsByTagName("meta").item(1);
        byte[] style = texts(page, "style").get(0).getBytes(StandardCharsets.UTF_8);
        String digest = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(style));

        assertThat(policy.getAttribute("http-equiv")).isEqualTo("Content-Security-Policy");
        assertThat(policy.getAttribute("content"))
                .startsWith("default-src 'none'; style-src 'sha256-" + digest + "'")
                .doesNotContain("unsafe");
        assertThat(Style.SHEET).doesNotContain("<").doesNotContain("&");
    }

    @Test
    void aTableStandsBehindEveryPicture() throws Exception {
        Document page = parse(ReportPage.of(SampleReports.plain()));
        NodeList figures = page.getElementsByTagName("figure");

        assertThat(figures.getLength()).isEqualTo(1 + 1 + 1 + 2 + 2 + 1 + 1);
        for (int i = 0; i < figures.getLength(); i++) {
            Element figure = (Element) figures.item(i);
            Element picture = (Element) figure.getElementsByTagName("svg").item(0);
            String id = picture.getAttribute("aria-labelledby").split("-t ")[0];
            assertThat(picture.getAttribute("role")).isEqualTo("img");
            assertThat(picture.getAttribute("aria-labelledby")).isEqualTo(id + "-t " + id + "-d");
            Element title = (Element) picture.getElementsByTagName("title").item(0);
            Element description = (Element) picture.getElementsByTagName("desc").item(0);
            assertThat(title.getAttribute("id")).isEqualTo(id + "-t");
            assertThat(title.getTextContent()).isNotBlank();
            assertThat(description.getAttribute("id")).isEqualTo(id + "-d");
            assertThat(description.getTextContent()).isNotBlank();
            Element behind = nextElement(figure);
            while (behind.getTagName().equals("p")) {
                behind = nextElement(behind);
            }
            assertThat(behind.getTagName()).isEqualTo("details");
            assertThat(behind.getElementsByTagName("tbody").item(0).getTextContent())
                    .isNotBlank();
        }
    }

    @Test
    void everyTableHasACaptionAndHeadsForRowsAndColumns() throws Exception {
        Document page = parse(ReportPage.of(SampleReports.plain()));
        NodeList tables = page.getElementsByTagName("table");

        assertThat(tables.getLength()).isGreaterThan(10);
        for (int i = 0; i < tables.getLength(); i++) {
            Element table = (Element) tables.item(i);
            assertThat(table.getFirstChild().getNodeName()).isEqualTo("caption");
            assertThat(table.getFirstChild().getTextContent()).isNotBlank();
            int columns = 0;
            NodeList heads = table.getElementsByTagName("th");
            for (int j = 0; j < heads.getLength(); j++) {
                columns += ((Element) heads.item(j)).getAttribute("scope").equals("col") ? 1 : 0;
            }
            NodeList rows = ((Element) table.getElementsByTagName("tbody").item(0)).getElementsByTagName("tr");
            for (int j = 0; j < rows.getLength(); j++) {
                Element row = (Element) rows.item(j);
                assertThat(row.getElementsByTagName("th").getLength()).isEqualTo(1);
                assertThat(((Element) row.getFirstChild()).getAttribute("scope"))
                        .isEqualTo("row");
                assertThat(row.getChildNodes().getLength()).isEqualTo(columns);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everySectionBeginsWithWhatItShows(boolean full) throws Exception {
        Document page = parse(ReportPage.of(full ? SampleReports.plain() : EMPTY));
        NodeList sections = page.getElementsByTagName("section");

        assertThat(sections.getLength()).isEqualTo(9);
        for (int i = 0; i < sections.getLength(); i++) {
            Element heading = (Element) sections.item(i).getFirstChild();
            assertThat(heading.getTagName()).isEqualTo("h2");
            Element lead = nextElement(heading);
            assertThat(lead.getAttribute("class")).isEqualTo("lead");
            assertThat(lead.getTextContent()).endsWith(".");
        }
        assertThat(page.getDocumentElement().getAttribute("lang")).isEqualTo("en");
    }

    @Test
    void theSentencesSayWhatTheFiguresSay() throws Exception {
        String body = body(SampleReports.plain());

        assertThat(body)
                .contains(
                        "Version credit@2 is champion since 2030-02-10 00:00 UTC and does not answer. There are 0 open"
                                + " alerts; somebody has to decide who is to answer. Of versions that are not champion, 1 alert is"
                                + " open.")
                .contains("Open alerts of the championnoneOpen alerts of other versions1: psi:income")
                .contains("Of the champion it is not known: nothing was measured."
                        + " Of versions that are not champion, 1 of 3 checks ended beyond bounds.")
                .contains("homeunseen valuesNOT KNOWN0.050 of 0; 1 not knownNOT KNOWNno picture")
                .contains("NOT KNOWN: of 1 check no window has enough observations, so there is nothing to draw.")
                .contains("0 alerts of the champion are open. Of versions that are not champion, 1 alert is open.")
                .contains("1 request is without an answer.")
                .contains("a wrong conclusion has a chance of at most 5\u00a0%")
                .contains("the challenger is better")
                .contains("DOES NOT FIT: 0.2, expected 0")
                .contains("latency: no harm shown, 0.1; errors: WORSE, by 0.9; cost: no harm shown, NOT KNOWN");
        assertThat(body(EMPTY))
                .contains("Nothing is champion here now")
                .contains("MISSING: no version is registered.")
                .contains("There was no experiment.")
                .contains("None was asked for.");
    }

    @Test
    void whatIsNotKnownIsNamed() throws Exception {
        String html = ReportPage.of(SampleReports.plain());
        String body = parse(html).getElementsByTagName("body").item(0).getTextContent();

        assertThat(body)
                .contains("NOT KNOWN: records before 5 January have expired")
                .contains("MISSING: it has no monitor")
                .contains("STOPPED: credit@2 is in quarantine")
                .contains("MISSING: none stands")
                .contains("MISSING: nobody who is trusted")
                .contains("MISSING: none yet")
                .contains("NOT KNOWN: too few observations")
                .contains("NOT KNOWN: no outcome yet");
        Element picture = svg(parse(html), "income, population stability index, of version credit@1");
        assertThat(paths(picture, "line-a").get(0).chars().filter(c -> c == 'M').count())
                .as("the line is broken where a window is not known")
                .isEqualTo(2);
        assertThat(paths(picture, "unknown")).hasSize(1);
        assertThat(lowest(paths(picture, "line-a").get(0)))
                .as("no line runs through what is not known")
                .isLessThan(lowest(paths(picture, "unknown").get(0)));
    }

    /** Returns how far down a path begins its strokes. */
    private static double lowest(String path) {
        return Pattern.compile("[ML][0-9.]+,([0-9.]+)")
                .matcher(path)
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .max()
                .orElseThrow();
    }

    @Test
    void ofManyWindowsTheWorstAreShownAndTheOthersCounted() throws Exception {
        List<Distance> distances =
                new ArrayList<>(SampleReports.drift(UnaryOperator.identity(), "income", 10_000, 99_999)
                        .distances());
        Distance one = distances.get(4321);
        distances.set(4321, new Distance(one.from(), one.until(), 200, 0.77, true));
        Drift drift = new Drift("income", "population stability index", "index", false, 0.1, distances);
        Performance performance = SampleReports.performance(UnaryOperator.identity(), "AUC", true, 0.5, 10_000);
        String html =
                ReportPage.of(watching(new Watched("credit@1", null, List.of(drift), List.of(performance), List.of())));
        String body = parse(html).getElementsByTagName("body").item(0).getTextContent();

        assertThat(body)
                .contains(
                        "Of 10,000 windows, 120 are shown: of each 84 in a row the worst one. Of all windows, 1 are not"
                                + " known.")
                .contains("Of all windows, 2 are not known.")
                .contains("0.77")
                .contains("within bounds now, but was beyond them");
        assertThat(paths(svg(parse(html), "income, population stability index, of version credit@1"), "beyond"))
                .hasSize(1);
    }

    @Test
    void theCheckThatIsBeyondBoundsComesFirst() throws Exception {
        List<Drift> drifts = IntStream.range(0, 100)
                .mapToObj(i -> SampleReports.drift(UnaryOperator.identity(), "input" + i, 5, i == 90 ? 4 : 99))
                .toList();
        String html = ReportPage.of(watching(new Watched("credit@1", null, drifts, List.of(), List.of())));

        assertThat(html.indexOf("input90, population")).isPositive().isLessThan(html.indexOf("input0, population"));
        assertThat(html).contains("88 others are in the table alone.").contains(">input99<");
    }

    @Test
    void allChecksAreSummedUpWithLinksToTheirPicturesTheWorstFirst() throws Exception {
        List<Drift> drifts = List.of(
                SampleReports.drift(UnaryOperator.identity(), "calm", 5, 99),
                new Drift("silent", "distance", "unit", false, 0.1, List.of()),
                SampleReports.drift(UnaryOperator.identity(), "bad", 5, 3),
                SampleReports.drift(UnaryOperator.identity(), "worse", 9, 3),
                over(SampleReports.drift(UnaryOperator.identity(), "over", 5, 3)));
        Document page = parse(ReportPage.of(watching(new Watched("credit@1", null, drifts, List.of(), List.of()))));
        List<Element> rows = rows(page, "Checks of the data of credit@1, the worst first");

        assertThat(rows.stream().map(row -> row.getFirstChild().getTextContent()))
                .containsExactly("worse", "bad", "over", "silent", "calm");
        assertThat(rows.stream().map(ReportPageTest::cells))
                .contains(
                        "worse | population stability index | 0.301 | 0.1 | 6 of 8; 1 not known | BEYOND BOUNDS | picture")
                .contains(
                        "over | population stability index | 0.3 | 0.1 | 2 of 5; 1 not known | within now, was beyond | picture")
                .contains("silent | distance | NOT KNOWN | 0.1 | 0 of 0 | NOT KNOWN | no picture");
        assertThat(rows.stream().filter(row -> row.getElementsByTagName("a").getLength() == 1))
                .hasSize(4);
        for (Element row : rows) {
            if (row.getElementsByTagName("a").getLength() == 0) {
                continue;
            }
            String link = ((Element) row.getElementsByTagName("a").item(0)).getAttribute("href");
            assertThat(withId(page, link.substring(1)).getTextContent())
                    .startsWith(row.getFirstChild().getTextContent() + ", ");
        }
    }

    @Test
    void aValueAboveTheBoundThatIsNotBeyondSaysWhy() throws Exception {
        Drift drift = new Drift(
                "income",
                "distance",
                "unit",
                false,
                0.1,
                List.of(new Distance(SampleReports.day(0), SampleReports.day(1), 40, 0.14, false)));
        Document page =
                parse(ReportPage.of(watching(new Watched("credit@1", null, List.of(drift), List.of(), List.of()))));

        assertThat(cells(rows(page, "Checks of the data of credit@1, the worst first")
                        .get(0)))
                .contains("| 0.14 | 0.1 | 0 of 1 | within: what is above the bound may be chance |");
        assertThat(cells(rows(page, "income, distance, version credit@1").get(0)))
                .endsWith("| 0.14 | 0.1 | within: it may be chance");
    }

    private static Drift over(Drift drift) {
        List<Distance> distances = new ArrayList<>(drift.distances());
        distances.add(new Distance(SampleReports.day(7), SampleReports.day(8), 200, 0.02, false));
        return new Drift(drift.subject(), drift.measure(), drift.unit(), false, drift.bound(), distances);
    }

    @Test
    void picturesOfManyChecksThatAreWellAreFolded() throws Exception {
        List<Drift> drifts = IntStream.range(0, 9)
                .mapToObj(i -> SampleReports.drift(UnaryOperator.identity(), "input" + i, 5, i == 8 ? 4 : 99))
                .toList();
        Document page = parse(ReportPage.of(watching(new Watched("credit@1", null, drifts, List.of(), List.of()))));
        Set<String> folded = new TreeSet<>();
        each(page.getDocumentElement(), element -> {
            if (element.getTagName().equals("details") && !element.hasAttribute("open")) {
                NodeList heads = element.getElementsByTagName("h4");
                for (int i = 0; i < heads.getLength(); i++) {
                    folded.add(heads.item(i).getFirstChild().getTextContent());
                }
            }
        });

        assertThat(folded).hasSize(8).doesNotContain("input8");
        assertThat(body(watching(new Watched("credit@1", null, drifts, List.of(), List.of()))))
                .contains("Pictures of the 8 checks that were never beyond bounds");
    }

    @Test
    void championsHaveARowForEachEnvironmentWithWhenTheyDidNotAnswer() throws Exception {
        Document page = parse(ReportPage.of(SampleReports.plain()));
        Element picture = svg(page, "Champions over time");

        assertThat(within(picture, "text", "axis")).contains("production", "staging");
        assertThat(within(picture, "text", "label middle"))
                .containsExactly("credit@1", "credit@2", "credit@1", "credit@2", "nobody");
        assertThat(count(picture, "rect", "reign")).isEqualTo(3);
        assertThat(count(picture, "rect", "halt")).isEqualTo(3);
        assertThat(count(picture, "path", "hatch")).as("told by strokes too").isEqualTo(3);
        assertThat(count(picture, "rect", "standin")).isEqualTo(1);
        assertThat(count(picture, "rect", "nobody")).isEqualTo(2);
        assertThat(paths(picture, "act promoted")).hasSize(3);
        assertThat(paths(picture, "act stopped")).as("a deployment fell back").hasSize(1);
        assertThat(rows(page, "When the champion did not answer, and who stood in").stream()
                        .map(ReportPageTest::cells))
                .containsExactly(
                        "2030-01-15 00:00 UTC | 2030-01-17 00:00 UTC | production | credit@1 | suspension | vera | nobody"
                                + " | end of a suspension | 9",
                        "2030-02-22 00:00 UTC | now | production | credit@2 | fallback of a deployment | service |"
                                + " credit@1 | it lasts | 34",
                        "2030-02-14 00:00 UTC | now | staging | credit@2 | quarantine | rosa | nobody | it lasts | 32");
        assertThat(rows(page, "Champions, one after the other").stream().map(ReportPageTest::cells))
                .containsExactly(
                        "2030-01-03 00:00 UTC | 2030-02-10 00:00 UTC | production | credit@1 | promotion | vera |"
                                + " promotion of credit@2 | 7",
                        "2030-02-10 00:00 UTC | now | production | credit@2 | promotion | vera | still champion | 31",
                        "2030-01-31 00:00 UTC | now | staging | credit@2 | rollback | vera | still champion | 29");
    }

    @Test
    void strokesStayWithinTheirStretch() throws Exception {
        Element picture = svg(parse(ReportPage.of(SampleReports.plain())), "Champions over time");
        List<double[]> halts = new ArrayList<>();
        List<String> hatches = new ArrayList<>();
        each(picture, element -> {
            if (element.getAttribute("class").equals("halt")) {
                double x = Double.parseDouble(element.getAttribute("x"));
                double y = Double.parseDouble(element.getAttribute("y"));
                halts.add(new double[] {
                    x,
                    y,
                    x + Double.parseDouble(element.getAttribute("width")),
                    y + Double.parseDouble(element.getAttribute("height"))
                });
            } else if (element.getAttribute("class").equals("hatch")) {
                hatches.add(element.getAttribute("d"));
            }
        });

        assertThat(hatches).hasSameSizeAs(halts);
        for (int i = 0; i < halts.size(); i++) {
            Matcher points = Pattern.compile("[ML]([0-9.]+),([0-9.]+)").matcher(hatches.get(i));
            int found = 0;
            while (points.find()) {
                found++;
                assertThat(Double.parseDouble(points.group(1)))
                        .isBetween(halts.get(i)[0] - 0.11, halts.get(i)[2] + 0.11);
                assertThat(Double.parseDouble(points.group(2)))
                        .isBetween(halts.get(i)[1] - 0.11, halts.get(i)[3] + 0.11);
            }
            assertThat(found).isGreaterThan(3);
        }
    }

    @Test
    void alertsHaveARowEachWithTheirStates() throws Exception {
        Element picture = svg(parse(ReportPage.of(SampleReports.plain())), "Alerts over time");

        assertThat(within(picture, "text", "axis")).contains("credit@1 psi:income");
        assertThat(count(picture, "rect", "open")).as("nobody had taken it on").isEqualTo(1);
        assertThat(count(picture, "rect", "halt")).as("somebody had").isEqualTo(1);
        assertThat(count(picture, "path", "hatch")).isEqualTo(1);
    }

    @Test
    void whatADetectorSawHasItsPictureAndItsTable() throws Exception {
        Document page = parse(ReportPage.of(SampleReports.plain()));
        Element picture = svg(page, "score, change seen by DDM, of version credit@1");

        assertThat(paths(picture, "event")).as("one more change was seen later").hasSize(2);
        assertThat(rows(page, "score, change seen by DDM, version credit@1").stream()
                        .map(ReportPageTest::cells))
                .hasSize(10)
                .contains(
                        "2030-01-07 00:00 UTC | 2030-01-08 00:00 UTC | 150 | 0 | 0.05 | within | none | -",
                        "2030-01-08 00:00 UTC | 2030-01-09 00:00 UTC | 150 | 0.105 | 0.05 | BEYOND BOUNDS | at entry 20,"
                                + " after 900 cases | 0.12");
        assertThat(rows(page, "Checks of the performance of credit@1, the worst first").stream()
                        .map(ReportPageTest::cells))
                .containsExactly("score | change seen by DDM | 0.109 | 0.05 | 5 of 10 | BEYOND BOUNDS | picture");
    }

    @Test
    void aLongLineIsDrawnToItsEnd() throws Exception {
        Drift drift = SampleReports.drift(UnaryOperator.identity(), "income", 120, 999);
        String html = ReportPage.of(watching(new Watched("credit@1", null, List.of(drift), List.of(), List.of())));
        Element picture = svg(parse(html), "income, population stability index, of version credit@1");

        assertThat(paths(picture, "line-a").get(0).split("[ML]"))
                .as("a point for each window but the one that is not known")
                .hasSize(1 + 119);
        assertThat(html).doesNotContain("[cut:");
    }

    @Test
    void marksOfActsThatCameTogetherDoNotCoverOneAnother() {
        assertThat(Lanes.levels(new double[] {100, 100, 105, 112, 180})).containsExactly(0, 1, 2, 0, 0);
        assertThat(Lanes.levels(new double[120])).isSorted().endsWith(5, 5);
        assertThat(Lanes.levels(new double[0])).isEmpty();
    }

    @Test
    void aStandInIsNamedBesideAStretchThatIsTooShort() throws Exception {
        Report plain = SampleReports.plain();
        Report.Halt halt = plain.places().get(0).halts().get(1);
        Report.Halt brief = new Report.Halt(
                halt.stop(),
                halt.version(),
                halt.from(),
                halt.from().plusSeconds(60),
                34,
                "service",
                "fallback of a deployment",
                "credit@1",
                true,
                "approval");
        Place place = new Place("production", plain.reigns(), List.of(brief));
        Element picture = svg(parse(ReportPage.of(of(List.of(place), List.of()))), "Champions over time");

        assertThat(within(picture, "text", "label")).containsExactly("credit@1");
    }

    private static Report of(List<Place> places, List<Watched> watched) {
        return new Report(
                "credit",
                "production",
                "example.test/log",
                SampleReports.day(60),
                1,
                null,
                null,
                List.of(),
                List.of(),
                places,
                List.of(),
                watched,
                List.of(),
                List.of(),
                List.of());
    }

    @Test
    void whoStandsInNowIsWhomPolicyLets() throws Exception {
        Place place = SampleReports.plain().places().get(0);
        Document page = parse(ReportPage.of(of(List.of(place), List.of())));

        assertThat(cells(rows(page, "When the champion did not answer, and who stood in")
                        .get(1)))
                .as("the log named somebody, whom policy does not let serve any more")
                .contains("| service | nobody | it lasts |");
        assertThat(within(svg(page, "Champions over time"), "text", "label middle"))
                .containsExactly("credit@1", "credit@2", "nobody");
    }

    @Test
    void theChampionComesFirstAndThenTheNewerBeforeTheOlder() throws Exception {
        Place place = SampleReports.plain().places().get(0);
        List<Watched> watched = List.of(
                new Watched("credit@1", "unwatched", List.of(), List.of(), List.of()),
                new Watched("credit@2", "unwatched", List.of(), List.of(), List.of()),
                new Watched("credit@3", "unwatched", List.of(), List.of(), List.of()));

        assertThat(texts(parse(ReportPage.of(of(List.of(place), watched))), "h3"))
                .containsExactly(
                        "Version credit@2, the champion",
                        "Version credit@3",
                        "Version credit@1",
                        "Version credit@2, the champion",
                        "Version credit@3",
                        "Version credit@1");
    }

    @ParameterizedTest
    @CsvSource({"true, nothing needs to be done now.", "false, but nothing is known of its data or performance."})
    void allIsSaidToBeWellOnlyIfSomethingIsKnown(boolean isKnown, String said) throws Exception {
        Drift drift = SampleReports.drift(UnaryOperator.identity(), "income", 5, 99);
        Drift silent = new Drift("income", "distance", "unit", false, 0.1, List.of());
        Watched watched = new Watched("credit@2", null, List.of(isKnown ? drift : silent), List.of(), List.of());

        assertThat(body(of(List.of(SampleReports.plain().places().get(0)), List.of(watched))))
                .contains("There are 0 open alerts; " + said);
    }

    @Test
    void distancesAreDrawnFromZero() throws Exception {
        Drift drift = new Drift(
                "income",
                "distance",
                "unit",
                false,
                0.3,
                List.of(
                        new Distance(SampleReports.day(0), SampleReports.day(1), 200, 0.31, true),
                        new Distance(SampleReports.day(1), SampleReports.day(2), 200, 0.32, true)));
        Document page =
                parse(ReportPage.of(watching(new Watched("credit@1", null, List.of(drift), List.of(), List.of()))));

        assertThat(within(svg(page, "income, distance, of version credit@1"), "text", "axis end"))
                .contains("0");
    }

    @Test
    void everyAxisSaysWhatItMeasures() throws Exception {
        Document page = parse(ReportPage.of(SampleReports.plain()));

        assertThat(within(svg(page, "income, population stability index, of version credit@1"), "text", "axis"))
                .contains("population stability index (index, 0 for no difference)");
        assertThat(within(svg(page, "AUC of version credit@1"), "text", "axis")).contains("AUC (more is better)");
        assertThat(within(svg(page, "Difference between challenger and champion"), "text", "axis"))
                .contains("challenger less champion, squared error of score");
        NodeList figures = page.getElementsByTagName("figure");
        for (int i = 0; i < figures.getLength(); i++) {
            assertThat(within((Element) figures.item(i), "text", "axis end")).contains("time (UTC)");
        }
    }

    @Test
    void everyWordIsExplainedOnceAndLinked() throws Exception {
        Document page = parse(ReportPage.of(SampleReports.plain()));
        Set<String> linked = new TreeSet<>();
        each(page.getDocumentElement(), element -> {
            if (element.getAttribute("href").startsWith("#word-")) {
                linked.add(element.getAttribute("href").substring(1));
            }
        });

        assertThat(texts(page, "dt")).doesNotHaveDuplicates().isSortedAccordingTo(String.CASE_INSENSITIVE_ORDER);
        assertThat(texts(page, "dd")).doesNotHaveDuplicates().allMatch(text -> text.endsWith("."));
        for (Glossary word : Glossary.values()) {
            assertThat(linked).contains(word.id());
            assertThat(withId(page, word.id()).getTextContent()).isEqualTo(word.word());
        }
    }

    @Test
    void everySectionSaysOfWhichEnvironmentItIs() throws Exception {
        assertThat(texts(parse(ReportPage.of(SampleReports.plain())), "h2"))
                .containsExactly(
                        "At a glance in production",
                        "Versions and approvals in production",
                        "Champions in every environment",
                        "Experiments in production",
                        "Drift of the data in production",
                        "Performance in production",
                        "Alerts in production",
                        "Requests for a new version in production",
                        "What the words mean");
    }

    @Test
    void whatWasDoneWithTheModelIsNotCreditedToAVersion() throws Exception {
        Document page = parse(ReportPage.of(SampleReports.plain()));

        assertThat(rows(page, "What was done with each version, and with the model").stream()
                        .map(ReportPageTest::cells))
                .contains("2030-01-15 00:00 UTC | credit | taken out of use | vera | suspension in production | 9")
                .contains(
                        "2030-01-17 00:00 UTC | credit | put into use again | vera | end of a suspension in production"
                                + " | 10");
        assertThat(within(svg(page, "Versions over time"), "text", "axis")).containsSubsequence("credit", "credit@1");
    }

    private static List<Element> rows(Document page, String caption) {
        List<Element> rows = new ArrayList<>();
        each(page.getDocumentElement(), element -> {
            if (element.getTagName().equals("table")
                    && element.getFirstChild().getTextContent().equals(caption)) {
                each((Element) element.getElementsByTagName("tbody").item(0), inner -> {
                    if (inner.getTagName().equals("tr")) {
                        rows.add(inner);
                    }
                });
            }
        });
        return rows;
    }

    private static String cells(Element row) {
        NodeList cells = row.getChildNodes();
        return String.join(
                " | ",
                IntStream.range(0, cells.getLength())
                        .mapToObj(i -> cells.item(i).getTextContent())
                        .toList());
    }

    private static Element withId(Document page, String id) {
        List<Element> found = new ArrayList<>();
        each(page.getDocumentElement(), element -> {
            if (element.getAttribute("id").equals(id)) {
                found.add(element);
            }
        });
        assertThat(found).as(id).hasSize(1);
        return found.get(0);
    }

    /** The texts of the elements with a class. */
    private static List<String> within(Element root, String tag, String style) {
        List<String> found = new ArrayList<>();
        each(root, element -> {
            if (element.getTagName().equals(tag)
                    && element.getAttribute("class").equals(style)) {
                found.add(element.getTextContent());
            }
        });
        return found;
    }

    /** How many there are in a picture itself, without its legend. */
    private static long count(Element picture, String tag, String style) {
        return within(picture, tag, style).size();
    }

    @Test
    void thePageStaysSmallHoweverMuchThereIs() throws Exception {
        String longest = "<".repeat(2000);
        List<Step> steps = IntStream.range(0, 5000)
                .mapToObj(i -> new Step(SampleReports.day(i), i, Kind.OTHER, longest, longest))
                .toList();
        List<Version> versions = IntStream.range(0, 1000)
                .mapToObj(i -> new Version(
                        longest, longest, longest, longest, many(longest), i > 995 ? steps : steps.subList(0, 9)))
                .toList();
        List<Drift> drifts = IntStream.range(0, 500)
                .mapToObj(i -> SampleReports.drift(text -> longest, "x", 500, 3))
                .toList();
        Report some = SampleReports.of(text -> longest);
        Report report = new Report(
                longest,
                longest,
                longest,
                SampleReports.day(9999),
                1,
                longest,
                longest,
                versions,
                steps,
                List.of(
                        new Place(
                                longest,
                                many(new Reign(
                                        longest,
                                        SampleReports.day(0),
                                        SampleReports.day(1),
                                        1,
                                        longest,
                                        longest,
                                        false,
                                        longest)),
                                many(some.places().get(0).halts().get(1))),
                        some.places().get(0)),
                many(some.trials().get(0)),
                many(new Watched(longest, longest, drifts, some.watched().get(0).performances(), drifts)),
                many(new Alarm(
                        longest,
                        longest,
                        Alert.State.FIRING,
                        some.alarms().get(0).changes())),
                many(new Retraining(longest, SampleReports.day(1), 1, longest, longest, null, null, null)),
                many(longest));

        String html = ReportPage.of(report);

        assertThat(html.length()).isLessThan(64 << 20);
        assertThat(parse(html).getElementsByTagName("body").item(0).getTextContent())
                .contains("The latest 400 of 1,000 versions are shown here; the 600 earlier ones are in the log.")
                .contains("The latest 12 of 1,000 versions")
                .contains("The latest 8 of 1,000 watched versions")
                .contains("The latest 8 of 1,000 experiments")
                .contains("The latest 400 of 2,000 changes")
                .contains("The picture has the latest 120 acts of each version.");
    }

    @Test
    void numbersThatAreNoneDrawNothingWrong() throws Exception {
        for (double value : new double[] {
            Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MAX_VALUE, Double.MIN_VALUE, -0.0
        }) {
            Drift drift = new Drift(
                    "income",
                    "distance",
                    "unit",
                    false,
                    0.1,
                    List.of(
                            new Distance(SampleReports.day(0), SampleReports.day(1), 9, value, true),
                            new Distance(SampleReports.day(1), SampleReports.day(2), 9, 0.2, false)));
            Document page =
                    parse(ReportPage.of(watching(new Watched("credit@1", null, List.of(drift), List.of(), List.of()))));
            each(page.getDocumentElement(), element -> {
                for (String name : List.of("d", "x", "y")) {
                    assertThat(element.getAttribute(name)).matches("[-MHVLZahlmv0-9., ]*");
                }
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--text, --back, 4.5", "--muted, --back, 4.5", "--link, --back, 4.5", "--text, --panel, 4.5",
        "--muted, --panel, 4.5", "--found, --back, 4.5", "--expected, --back, 4.5", "--level, --back, 4.5",
        "--good, --back, 4.5", "--found, --band, 3", "--level, --band, 3", "--frame, --back, 3",
        "--text, --reign, 4.5", "--found, --reign, 3", "--level, --reign, 3", "--good, --reign, 3"
    })
    void coloursDifferEnoughInLightAndDark(String ink, String paper, double least) {
        List<Map<String, String>> themes = themes();

        assertThat(themes).hasSize(2);
        for (Map<String, String> theme : themes) {
            double one = luminance(requireNonNull(theme.get(ink)));
            double other = luminance(requireNonNull(theme.get(paper)));
            assertThat((Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05))
                    .as(theme + ": " + ink + " on " + paper)
                    .isGreaterThanOrEqualTo(least);
        }
    }

    @Test
    void everyStateHasWords() {
        Set<String> words = new HashSet<>();
        for (Verdict.State state : Verdict.State.values()) {
            assertThat(words.add(Words.of(state))).isTrue();
        }
        for (Alert.State state : Alert.State.values()) {
            assertThat(words.add(Words.of(state))).isTrue();
        }
        for (Kind kind : Kind.values()) {
            assertThat(words.add(Words.of(kind))).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.25, 0.25", "1234567.8, 1234568", "0.00001234, 0.0000123", "-3.14159, -3.14", "1e20, 1.00E+20"
    })
    void numbersHaveThreeDigitsAtMost(double number, String shown) {
        assertThat(Words.number(number)).isEqualTo(shown);
    }

    @Test
    void axesHaveFewRoundTicksAndEveryValueHasAPlace() {
        for (double[] of : new double[][] {{0, 1}, {0.81, 0.83}, {-5, 5}, {0, 0}, {1e9, 1e9 + 1}, {0, 1e-7}, {3, 97}}) {
            Axis axis = Axis.of(List.of(of[0], of[1]), 10, 110).widened();
            assertThat(axis.ticks()).hasSizeBetween(2, 7).isSorted();
            assertThat(axis.place(of[0])).isBetween(10.0, 110.0);
            assertThat(axis.place(Double.POSITIVE_INFINITY)).isEqualTo(110.0);
        }
        assertThat(Axis.of(List.of(0.0, 1.0), 0, 100).ticks())
                .containsExactly(0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0);
    }

    private static Report watching(Watched watched) {
        return new Report(
                "credit",
                "production",
                "example.test/log",
                SampleReports.day(60),
                1,
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(watched),
                List.of(),
                List.of(),
                List.of());
    }

    private static <T> List<T> many(T one) {
        return IntStream.range(0, 1000).mapToObj(i -> one).toList();
    }

    private static String body(Report report) throws Exception {
        return parse(ReportPage.of(report)).getElementsByTagName("body").item(0).getTextContent();
    }

    private static Document parse(String page) throws Exception {
        assertThat(page).startsWith("<!DOCTYPE html>\n<html ");
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(new ErrorHandler() {
            @Override
            public void warning(SAXParseException e) throws SAXParseException {
                throw e;
            }

            @Override
            public void error(SAXParseException e) throws SAXParseException {
                throw e;
            }

            @Override
            public void fatalError(SAXParseException e) throws SAXParseException {
                throw e;
            }
        });
        return builder.parse(new InputSource(new StringReader(page.substring(page.indexOf('\n')))));
    }

    private interface Visitor {
        void visit(Element element);
    }

    private static void each(Element element, Visitor visitor) {
        visitor.visit(element);
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element inner) {
                each(inner, visitor);
            }
        }
    }

    /** The elements with the names of their attributes, without any text. */
    private static List<String> shape(Element root) {
        List<String> shape = new ArrayList<>();
        each(root, element -> {
            Set<String> names = new TreeSet<>();
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                names.add(element.getAttributes().item(i).getNodeName());
            }
            int depth = 0;
            for (Node at = element; at != null; at = at.getParentNode()) {
                depth++;
            }
            shape.add(depth + element.getTagName() + names);
        });
        return shape;
    }

    private static List<String> texts(Document page, String tag) {
        NodeList elements = page.getElementsByTagName(tag);
        return IntStream.range(0, elements.getLength())
                .mapToObj(i -> elements.item(i).getTextContent())
                .toList();
    }

    private static Element nextElement(Node node) {
        Node next = node.getNextSibling();
        while (!(next instanceof Element)) {
            next = next.getNextSibling();
        }
        return (Element) next;
    }

    private static Element svg(Document page, String title) {
        NodeList pictures = page.getElementsByTagName("svg");
        for (int i = 0; i < pictures.getLength(); i++) {
            Element picture = (Element) pictures.item(i);
            if (picture.getFirstChild().getTextContent().equals(title)) {
                return picture;
            }
        }
        throw new AssertionError("no picture with the title " + title);
    }

    private static List<String> paths(Element picture, String style) {
        List<String> paths = new ArrayList<>();
        each(picture, element -> {
            if (element.getTagName().equals("path")
                    && element.getAttribute("class").equals(style)) {
                paths.add(element.getAttribute("d"));
            }
        });
        return paths;
    }

    private static List<Map<String, String>> themes() {
        List<Map<String, String>> themes = new ArrayList<>();
        Matcher roots = Pattern.compile(":root \\{([^}]*--back[^}]*)}").matcher(Style.SHEET);
        while (roots.find()) {
            Map<String, String> theme = new TreeMap<>();
            Matcher colours = Pattern.compile("(--[a-z]+): (#[0-9a-f]{6})").matcher(roots.group(1));
            while (colours.find()) {
                theme.put(colours.group(1), colours.group(2));
            }
            themes.add(theme);
        }
        return themes;
    }

    private static double luminance(String colour) {
        double[] weights = {0.2126, 0.7152, 0.0722};
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            double part = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
            sum += weights[i] * (part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4));
        }
        return sum;
    }
}
