package dev.modelops.core.internal.report;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** How the page looks: on a screen, light or dark, and on paper. */
final class Style {
    /** Holds no character that XML or HTML would read as markup. */
    static final String SHEET = """

            :root { color-scheme: light dark; --back: #ffffff; --panel: #f6f8fa; --text: #1b1f24; --muted: #57606a;
              --grid: #d0d7de; --frame: #6e7781; --found: #0b5cad; --expected: #9a4a00; --level: #b3261e; --band: #cfe0f5;
              --reign: #a9cbee; --good: #1a6b32; --link: #0b5cad; }
            @media screen and (prefers-color-scheme: dark) {
              :root { --back: #14181d; --panel: #1c2229; --text: #e6edf3; --muted: #a9b4c0;
                --grid: #39424d; --frame: #8b97a3; --found: #6cb0ff; --expected: #ffb066; --level: #ff8a80; --band: #1f3a5a;
                --reign: #2f5680; --good: #6fd58a; --link: #8cc2ff; }
            }
            * { box-sizing: border-box; }
            html { background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
            body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
            h1 { font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere; }
            h2 { font-size: 1.3rem; margin: 2.5rem 0 0.5rem; border-bottom: 1px solid var(--grid); }
            h3 { font-size: 1.05rem; margin: 1.5rem 0 0.25rem; overflow-wrap: anywhere; }
            p { max-width: 48rem; overflow-wrap: anywhere; }
            a { color: var(--link); }
            .lead { font-weight: 600; }
            .muted { color: var(--muted); }
            .missing { border-left: 4px solid var(--level); background: var(--panel); padding: 0.5rem 0.75rem; }
            nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; list-style: none; margin: 0; padding: 0; }
            figure { margin: 0.5rem 0; }
            svg { display: block; width: 100%; height: auto; }
            .legend { list-style: none; margin: 0.25rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem;
              font-size: 0.875rem; color: var(--text); }
            .legend svg { display: inline-block; width: 32px; height: 16px; vertical-align: middle; }
            .axis { fill: var(--muted); font: 12px system-ui, sans-serif; }
            .end { text-anchor: end; }
            .middle { text-anchor: middle; }
            .grid { stroke: var(--grid); stroke-width: 1; fill: none; }
            .frame { stroke: var(--frame); stroke-width: 1; fill: none; }
            .zero { stroke: var(--text); stroke-width: 1.5; fill: none; }
            .level { stroke: var(--level); stroke-width: 1.5; stroke-dasharray: 2 3; fill: none; }
            .band { fill: var(--band); stroke: none; }
            .whisker { stroke: var(--frame); stroke-width: 1; fill: none; }
            .line-a { stroke: var(--found); stroke-width: 2; fill: none; }
            .line-b { stroke: var(--expected); stroke-width: 2; stroke-dasharray: 7 4; fill: none; }
            .line-a.mark { fill: var(--found); stroke: none; }
            .line-b.mark { fill: var(--expected); stroke: none; }
            .beyond { fill: var(--level); stroke: var(--back); stroke-width: 1; }
            .unknown { stroke: var(--muted); stroke-width: 1.5; fill: none; }
            .label { fill: var(--text); font: 12px system-ui, sans-serif; stroke: var(--back); stroke-width: 4;
              paint-order: stroke; }
            .label.middle { stroke: none; }
            .event { stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 1 3; fill: none; }
            .halt { fill: var(--back); stroke: var(--level); stroke-width: 1; }
            .hatch { stroke: var(--level); stroke-width: 1; fill: none; }
            .open { fill: var(--level); stroke: var(--level); stroke-width: 1; }
            .standin { fill: var(--panel); stroke: var(--frame); stroke-width: 1; }
            .nobody { fill: none; stroke: var(--frame); stroke-width: 1; stroke-dasharray: 3 3; }
            .reign { fill: var(--reign); stroke: var(--found); stroke-width: 1; }
            .act { fill: var(--text); stroke: var(--text); stroke-width: 1; }
            .act.approved { stroke: var(--good); stroke-width: 2.5; fill: none; }
            .act.rejected { stroke: var(--level); stroke-width: 2.5; fill: none; }
            .act.refused { stroke: var(--level); stroke-width: 1.5; fill: none; }
            .act.stopped { fill: var(--level); stroke: var(--level); }
            .act.promoted { fill: var(--found); stroke: var(--found); }
            .act.resumed { stroke: var(--good); stroke-width: 2; fill: none; }
            .act.other { fill: var(--muted); stroke: none; }
            details { margin: 0.5rem 0 1rem; }
            summary { cursor: pointer; color: var(--muted); font-size: 0.875rem; overflow-wrap: anywhere; }
            .scroll { max-height: 34rem; overflow: auto; border: 1px solid var(--grid); }
            .scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--link); }
            table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
            caption { text-align: left; padding: 0.35rem 0.5rem; color: var(--muted); overflow-wrap: anywhere; }
            th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.5rem; border-top: 1px solid var(--grid);
              min-width: 7em; overflow-wrap: anywhere; }
            tbody th { min-width: 8.5em; }
            td:last-child, th:last-child { min-width: 5em; }
            .scroll caption { position: absolute; width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
            thead th { background: var(--panel); overflow-wrap: normal; }
            dt { font-weight: 600; margin-top: 0.5rem; }
            dd { margin: 0; max-width: 48rem; }
            @media print {
              @page { margin: 15mm; }
              :root { color-scheme: light; }
              body { max-width: none; padding: 0; font-size: 10pt; }
              .scroll { max-height: none; overflow: visible; border: none; }
              table, .legend, summary { font-size: 8pt; }
              th, td { min-width: 6em; padding: 0.2rem 0.3rem; }
              nav { display: none; }
              figure, tr, .missing { break-inside: avoid; }
              h2, h3, h4, summary, .lead { break-after: avoid; }
              thead { display: table-header-group; }
              details::details-content { content-visibility: visible; block-size: auto; opacity: 1; }
              svg, th { print-color-adjust: exact; }
            }
            """;

    private Style() {}

    /** Returns the policy under which a browser applies this style, and loads and runs nothing else. */
    static String policy() {
        byte[] digest =
                Hashing.sha256().hashString(SHEET, StandardCharsets.UTF_8).asBytes();
        return "default-src 'none'; style-src 'sha256-"
                + Base64.getEncoder().encodeToString(digest)
                + "'; base-uri 'none'; form-action 'none'";
    }
}
