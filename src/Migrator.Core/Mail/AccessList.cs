namespace Migrator.Core.Mail;

/// <summary>Who may do what with a folder (RFC 4314).</summary>
/// <param name="Owner">Login name of the mailbox.</param>
public sealed record AccessList(string Owner, IReadOnlyList<AccessEntry> Entries)
{
    /// <summary>The identifier is that of the user whose mailbox it is.</summary>
    public bool IsOwner(string identifier) =>
        identifier.Equals("owner", StringComparison.OrdinalIgnoreCase)
        || identifier.Equals(Owner, StringComparison.OrdinalIgnoreCase)
        || identifier.Equals(Owner.Split('@')[0], StringComparison.OrdinalIgnoreCase);

    /// <summary>The rights that an identifier has.</summary>
    public string RightsOf(string identifier) =>
        string.Concat(Entries.Where(entry => entry.Identifier == identifier).Select(entry => entry.Rights));
}
