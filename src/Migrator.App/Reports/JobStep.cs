using Migrator.App.Formatting;

namespace Migrator.App.Reports;

/// <summary>A next step, and the mailboxes that need it.</summary>
public sealed record JobStep(string Code, string Hint, IReadOnlyList<string> Mailboxes)
{
    /// <summary>"ann, bob and 12 more".</summary>
    public string Names(int most) => DisplayText.Names(Mailboxes, most);
}
