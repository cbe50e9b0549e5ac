using System.Globalization;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Finds the snapshot that a person means.</summary>
public static class SnapshotChoice
{
    /// <param name="mailbox">An account, or a part of its name that no other has; null where the archive holds one only.</param>
    /// <param name="at">A day (its end counts), a moment, or the beginning of a snapshot's id; null for the latest.</param>
    /// <exception cref="StorageException"><see cref="Reason.SnapshotMissing"/>; or the archive cannot be read.</exception>
    public static async Task<(SnapshotName Name, Snapshot Snapshot)> FindAsync(Archive archive, string? mailbox, string? at, CancellationToken cancellationToken)
    {
        var latest = await MailboxesAsync(archive, cancellationToken).ConfigureAwait(false);
        var fitting = latest.Where(entry => mailbox is null || entry.Account.Contains(mailbox, StringComparison.OrdinalIgnoreCase)).ToList();
        if (fitting.Exists(entry => entry.Account == mailbox))
            fitting = fitting.FindAll(entry => entry.Account == mailbox);
        if (fitting.Count != 1)
        {
            throw new StorageException(Reason.SnapshotMissing, (fitting.Count, mailbox) switch
            {
                (0, null) => $"{archive.Location} holds no snapshot yet.",
                (0, _) => $"{archive.Location} holds no mailbox \"{mailbox}\". It holds: {List(latest)}.",
                _ => $"{archive.Location} holds several mailboxes{(mailbox is null ? "" : $" that fit \"{mailbox}\"")}; say which one with --mailbox: {List(fitting)}.",
            });
        }
        var name = Choose(fitting[0].Names, at)
            ?? throw new StorageException(Reason.SnapshotMissing, $"{archive.Location} holds no snapshot of {fitting[0].Account} that fits \"{at}\"; the first is of {fitting[0].Names[0].Time:u}. Write a day (2026-11-01), a moment (2026-11-01T08:00Z) or a snapshot's id.");
        return (name, await archive.ReadAsync(name, cancellationToken).ConfigureAwait(false));

        static string List(IEnumerable<(string Account, IReadOnlyList<SnapshotName> Names)> mailboxes) => string.Join(", ", mailboxes.Select(entry => entry.Account).Take(20));
    }

    /// <summary>The accounts in an archive, each with its snapshots, the oldest first.</summary>
    public static async Task<IReadOnlyList<(string Account, IReadOnlyList<SnapshotName> Names)>> MailboxesAsync(Archive archive, CancellationToken cancellationToken)
    {
        var mailboxes = new List<(string, IReadOnlyList<SnapshotName>)>();
        foreach (var names in (await archive.SnapshotsAsync(null, cancellationToken).ConfigureAwait(false)).GroupBy(name => name.Mailbox))
            mailboxes.Add(((await archive.ReadAsync(names.Last(), cancellationToken).ConfigureAwait(false)).Mailbox, [.. names]));
        return [.. mailboxes.OrderBy(mailbox => mailbox.Item1, StringComparer.Ordinal)];
    }

    private static SnapshotName? Choose(IReadOnlyList<SnapshotName> names, string? at)
    {
        if (at is null or "latest")
            return names[^1];
        if (at.Length >= 4 && at.All(char.IsAsciiHexDigit) && names.Where(name => name.Id.StartsWith(at, StringComparison.OrdinalIgnoreCase)).ToList() is [var only])
            return only;
        DateTimeOffset until;
        if (DateOnly.TryParseExact(at, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            until = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Local)).AddTicks(-1);
        else if (!DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out until))
            return null;
        return names.LastOrDefault(name => name.Time <= until);
    }
}
