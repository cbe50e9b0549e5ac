using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Migrator.App.Output;
using Migrator.Core.Failures;

namespace Migrator.Tests.Documentation;

/// <summary>Every code of a failure: what it means, why it happens, what to do.</summary>
internal static partial class TroubleshootingPage
{
    private static readonly (FailureCategory Category, string Title)[] s_parts =
    [
        (FailureCategory.Connection, "Servers, stores and vaults"),
        (FailureCategory.Configuration, "Configuration and this machine"),
        (FailureCategory.Data, "Mail, folders and archives"),
        (FailureCategory.Internal, "Internal"),
    ];

    private static readonly Dictionary<FailureScope, string> s_scopes = new()
    {
        [FailureScope.Message] = "one message; the others are processed",
        [FailureScope.Folder] = "one folder; the others are processed",
        [FailureScope.Mailbox] = "one mailbox",
        [FailureScope.Session] = "one connection; it is opened again, and only then the run ends",
        [FailureScope.Server] = "the run",
    };

    private static readonly Dictionary<Purpose, string> s_purposes = new()
    {
        [Purpose.Copy] = "In a copy",
        [Purpose.Pop3] = "With POP3",
        [Purpose.Backup] = "In a backup",
        [Purpose.Restore] = "In a restore",
        [Purpose.Import] = "In an import",
        [Purpose.Export] = "In an export",
        [Purpose.Verify] = "In a verify",
        [Purpose.Archive] = "In a command about an archive",
    };

    public static string Generate()
    {
        var page = new StringBuilder();
        foreach (var (category, title) in s_parts)
        {
            var reasons = Reason
                .All.Where(reason => reason.Category == category)
                .OrderBy(reason => reason.Code, StringComparer.Ordinal)
                .ToList();
            page.Append(CultureInfo.InvariantCulture, $"## {title}\n\n");
            string[] head = ["code", "meaning"];
            var rows = reasons.Select(reason => (string[])[$"[`{reason.Code}`](#{reason.Code})", Explanations.Of(reason).Meaning]);
            GeneratedPage.AddTable(page, rows.Prepend(head)).Append('\n');
            foreach (var reason in reasons)
                Add(page, reason);
        }
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static void Add(StringBuilder page, Reason reason)
    {
        var explanation = Explanations.Of(reason);
        page.Append(CultureInfo.InvariantCulture, $"### {reason.Code}\n\n{explanation.Meaning}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"- **Likely cause:** {explanation.Cause}\n- **What to do:** {Linked(reason.Hint)}\n");
        // Purposes with one hint are named together.
        var others = s_purposes.Keys.GroupBy(purpose => Hints.Of(reason, purpose)).Where(hint => hint.Key != reason.Hint);
        foreach (var hint in others)
        {
            var purposes = Together(hint.Select(purpose => s_purposes[purpose]));
            page.Append(CultureInfo.InvariantCulture, $"- **{purposes}:** {Linked(hint.Key)}\n");
        }
        var retried = reason.IsTransient ? " The service retries it." : "";
        page.Append(CultureInfo.InvariantCulture, $"- **Stops:** {s_scopes[reason.Scope]}.{retried} Exit code: {ExitCode.Of(reason)}.\n\n");
    }

    /// <summary>A hint names a page of docs/ where it needs one.</summary>
    private static string Linked(string hint) => Page().Replace(GeneratedPage.Escaped(hint), "[$1]($1)");

    private static string Together(IEnumerable<string> purposes) =>
        string.Join(", ", purposes.Select((purpose, index) => index == 0 ? purpose : char.ToLowerInvariant(purpose[0]) + purpose[1..]));

    [GeneratedRegex(@"docs/([a-z-]+\.md)")]
    private static partial Regex Page();
}
