namespace Migrator.Core.Mail;

/// <summary>What a server says of one quota root (RFC 9208).</summary>
/// <param name="Root">Its name; may be empty.</param>
/// <param name="Storage">In bytes, in steps of 1,024; null where mail of any size fits, or where the server says nothing that can be so.
/// </param>
/// <param name="Messages">How many; null likewise.</param>
public sealed record MailQuota(string Root, QuotaUse? Storage, QuotaUse? Messages)
{
    /// <summary>The server said something of a resource that cannot be so, such as a negative number, which is left out here.</summary>
    public bool IsUnclear { get; init; }
}
