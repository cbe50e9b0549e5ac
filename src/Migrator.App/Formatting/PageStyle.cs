namespace Migrator.App.Formatting;

/// <summary>The style of a report page: inline, for the page must not need anything else.</summary>
internal static class PageStyle
{
    public const string Css = """
        :root { color-scheme: light dark;
          --ink: light-dark(#1c2430, #e6e9ee); --soft: light-dark(#5a6675, #9aa5b4); --line: light-dark(#dfe4ea, #333c48);
          --page: light-dark(#f5f6f8, #12161c); --card: light-dark(#ffffff, #1b2129);
          --good: light-dark(#14723b, #6fd89a); --goodback: light-dark(#e7f6ed, #14301f);
          --bad: light-dark(#a8231b, #ff9d94); --badback: light-dark(#fdecea, #3a1b19); }
        * { box-sizing: border-box; }
        body { margin: 0; padding: 2rem 1rem; background: var(--page); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        main { max-width: 64rem; margin: 0 auto; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
        h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; }
        p { margin: .4rem 0; }
        bdi, code, td { overflow-wrap: anywhere; }
        code { font: .875em ui-monospace, Consolas, "DejaVu Sans Mono", monospace; }
        small, .soft { color: var(--soft); }
        .verdict { padding: 1.5rem; border-radius: 12px; border-left: 8px solid; }
        .good { color: var(--good); background: var(--goodback); } .bad { color: var(--bad); background: var(--badback); }
        .verdict p { color: var(--ink); }
        .kind { margin: 0 0 .75rem; color: var(--soft); font-size: .875rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.5rem; margin: 1.5rem 0; }
        dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
        .tally { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: .75rem 0; }
        .tally div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5rem .9rem; min-width: 5.5rem; }
        .tally b { display: block; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
        .tally span { font-size: .8rem; color: var(--soft); }
        .tally i { font-style: normal; color: var(--soft); } .tally .alert b { color: var(--bad); }
        table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); font-size: .9rem; }
        th, td { text-align: left; vertical-align: top; padding: .45rem .7rem; border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-weight: 600; font-size: .8rem; }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
        tfoot td { font-weight: 600; border-bottom: 0; } td.alert { color: var(--bad); font-weight: 600; }
        td small, li small { display: block; }
        .wide { overflow-x: auto; }
        .wide th:first-child, .subject { min-width: 10rem; } td.full { min-width: 14rem; } td .soft { color: var(--soft); }
        a { color: inherit; text-underline-offset: 2px; }
        details { margin: .75rem 0; } summary { cursor: pointer; padding: .4rem 0; font-weight: 600; }
        ul { padding-left: 1.2rem; } li { margin: .3rem 0; }
        footer { margin: 3rem 0 0; font-size: .85rem; color: var(--soft); }
        @media (max-width: 44rem) {
          body { padding: 1rem .75rem; } .verdict { padding: 1rem; } h1 { font-size: 1.3rem; }
          dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; }
          .tally { flex-direction: column; align-items: stretch; gap: 0;
            background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
          .tally i { display: none; }
          .tally div { display: flex; flex-direction: row-reverse; justify-content: space-between; align-items: baseline;
            border: 0; border-radius: 0; padding: .2rem .9rem; }
          .tally b { font-size: 1rem; } .tally i + div { border-top: 1px solid var(--line); }
          .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
          .cards, .cards tbody, .cards tfoot { display: block; }
          .cards tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
          .cards tr:last-child { border-bottom: 0; }
          .cards td { display: grid; grid-template-columns: 6.5rem 1fr; gap: 0 .5rem;
            border: 0; padding: .15rem .7rem; text-align: left; white-space: normal; }
          .cards td.lead { display: block; font-weight: 600; } .cards td > * { grid-column: 2; }
          .cards td::before { content: attr(data-label); color: var(--soft); font-weight: 400; grid-row: 1; }
          .cards td:empty, .cards td.zero { display: none; }
        }
        @media print {
          :root { color-scheme: light; } body { background: #fff; padding: 0; font-size: 11pt; }
          .verdict, .tally div { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          tr, .tally div { break-inside: avoid; } thead { display: table-header-group; } .wide { overflow: visible; }
          details::details-content { content-visibility: visible; display: block; height: auto; }
        }
        """;
}
