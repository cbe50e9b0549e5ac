using Migrator.Core.Auditing;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Auditing;

/// <summary>Every event of the audit trail has an id of its own, and docs/audit.md lists it.</summary>
public sealed class AuditDocTests
{
    [Fact]
    public void Ids_are_given_once_and_to_no_event_of_the_log()
    {
        Assert.DoesNotContain(AuditEvent.All.CountBy(known => known.Id), id => id.Value > 1);
        Assert.All(AuditEvent.All, known => Assert.InRange(known.Id, 8000, 8999));
        Assert.DoesNotContain("\n| 8", File.ReadAllText(Docs.Path("events.md")));
    }

    /// <summary>With MIGRATOR_UPDATE_DOCS=1, the document is rewritten instead.</summary>
    [Fact]
    public void The_document_lists_them_all()
    {
        const string title = "| id | event | what happened |\n|---|---|---|\n";
        var table = string.Concat(AuditEvent.All.Select(known => $"| {known.Id} | `{known.Name}` | {known.Meaning} |\n"));
        var path = Docs.Path("audit.md");
        var text = File.ReadAllText(path);
        var begins = text.IndexOf(title, StringComparison.Ordinal) + title.Length;
        var ends = text.IndexOf("\n\n", begins - 1, StringComparison.Ordinal) + 1;
        var expected = text[..begins] + table + text[ends..];
        if (Environment.GetEnvironmentVariable("MIGRATOR_UPDATE_DOCS") == "1")
            File.WriteAllText(path, expected);

        Assert.Equal(expected, File.ReadAllText(path));
    }
}
