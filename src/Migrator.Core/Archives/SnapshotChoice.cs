using System.Globalization;
using System.Runtime.CompilerServices;
using Migrator.Core.Failures;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>Finds the snapshot that a person means.</summary>
public static class SnapshotChoice
{
    /// <param name="mailbox">Null where the archive holds one only.</param>
    /// <param name="at">A day (its end counts), a moment, or the beginning of a snapshot's id; null for the latest.</param>
    /// <param name="complete">The latest is the newest that is complete, where there is one.</param>
    /// <exception cref="StorageException"><see cref="Reason.SnapshotMissing"/>; or the archive cannot be read.</exception>
    public static async Task<ChosenSnapshot> FindAsync(
        Archive archive,
        string? mailbox,
        string? at,
        MailboxMatch match,
        bool complete,
        CancellationToken cancellationToken
    )
    {
        var warnings = new List<string>();
        var found = await MailboxAsync(archive, mailbox, match, warnings.Add, cancellationToken);
        var history = found.History;
        if (at is null or "latest")
        {
            if (
                !complete
                || found.Newest.State == SnapshotState.Complete
                || await NewestAsync(archive, history.Names, SnapshotState.Complete, warnings.Add, cancellationToken)
                    is not var (name, snapshot)
            )
                return new ChosenSnapshot(found.Name, found.Newest, warnings);
            warnings.Add(
                $"The newest snapshot of {found.Newest.Mailbox}, {found.Name.Id} of {found.Name.Time:u}, is incomplete; the "
                    + $"newest complete one is older. --at {found.Name.Id} takes the newest."
            );
            return new ChosenSnapshot(name, snapshot, warnings) { IsOlder = true };
        }
        var (chosen, until) = At(history, at);
        if (chosen is null)
            throw new StorageException(
                Reason.SnapshotMissing,
                $"{archive.Location} contains no snapshot of {found.Newest.Mailbox} that matches \"{at}\"; the first is of "
                    + $"{history.TimeOf(0):u}. {HowToSayWhen}"
            );
        if (chosen.Time > until)
            warnings.Add(
                $"Snapshot {chosen.Id} claims that it was written at {chosen.Time:u}, later than requested: a "
                    + "clock was wrong, or somebody has added names to the archive."
            );
        return new ChosenSnapshot(chosen, await archive.ReadAsync(chosen, cancellationToken), warnings);
    }

    /// <summary>The one mailbox that a person means.</summary>
    /// <param name="mailbox">Null where the archive holds one only.</param>
    /// <param name="warn">Receives what a person should know about the mailbox's snapshots.</param>
    /// <exception cref="StorageException"><see cref="Reason.SnapshotMissing"/>; or the archive cannot be read.</exception>
    internal static async Task<ArchivedMailbox> MailboxAsync(
        Archive archive,
        string? mailbox,
        MailboxMatch match,
        Action<string> warn,
        CancellationToken cancellationToken
    )
    {
        // Before the snapshots are listed: what a backup writes meanwhile would seem to be gone.
        var remembered = await archive.Memory.AllAsync(archive.Format.Id, cancellationToken);
        // One whose name is exactly that goes first, and is found without looking at any other.
        var found = mailbox is null
            ? null
            : await OfAsync(archive, await archive.SnapshotsAsync(mailbox, cancellationToken), warn, cancellationToken);
        if (found is null)
        {
            var names = new List<string>();
            await foreach (var other in MailboxesAsync(archive, warn, cancellationToken))
            {
                names.Add(other.Newest.Mailbox);
                if (!Fits(other.Newest, mailbox, match))
                    continue;
                if (found is not null)
                    throw new StorageException(
                        Reason.SnapshotMissing,
                        $"{archive.Location} contains several mailboxes{(mailbox is null ? "" : $" that match \"{mailbox}\"")}; say "
                            + $"which one with --mailbox: {await FittingAsync(archive, mailbox, match, cancellationToken)}."
                    );
                found = other;
            }
            if (found is null)
                throw new StorageException(Reason.SnapshotMissing, Nothing(archive, mailbox, names));
        }
        Warn(archive, found, remembered, warn);
        return found;
    }

    /// <summary>All mailboxes that fit, one after the other.</summary>
    /// <param name="mailbox">Null for every mailbox.</param>
    /// <param name="warn">Receives what a person should know about the mailboxes' snapshots.</param>
    /// <exception cref="StorageException"><see cref="Reason.SnapshotMissing"/>: none; or the archive cannot be read.</exception>
    internal static async IAsyncEnumerable<ArchivedMailbox> MailboxesAsync(
        Archive archive,
        string? mailbox,
        MailboxMatch match,
        Action<string> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (remembered, names, fits) = (await archive.Memory.AllAsync(archive.Format.Id, cancellationToken), new List<string>(), false);
        await foreach (var found in MailboxesAsync(archive, warn, cancellationToken))
        {
            names.Add(found.Newest.Mailbox);
            if (!Fits(found.Newest, mailbox, match))
                continue;
            fits = true;
            Warn(archive, found, remembered, warn);
            yield return found;
        }
        if (!fits)
            throw new StorageException(Reason.SnapshotMissing, Nothing(archive, mailbox, names));
    }

    internal const string HowToSayWhen = "Write a day (2026-11-01), a time (2026-11-01T08:00Z) or a snapshot ID.";

    /// <returns>The names of mailboxes that fit, as text.</returns>
    private static async Task<string> FittingAsync(
        Archive archive,
        string? mailbox,
        MailboxMatch match,
        CancellationToken cancellationToken
    ) =>
        List(
            await MailboxesAsync(archive, _ => { }, cancellationToken)
                .Where(entry => Fits(entry.Newest, mailbox, match))
                .Select(entry => entry.Newest.Mailbox)
                .ToListAsync(cancellationToken)
        );

    private static void Warn(
        Archive archive,
        ArchivedMailbox found,
        IReadOnlyDictionary<string, SeenSnapshot> remembered,
        Action<string> warn
    )
    {
        if (found.History.Ahead(archive.Time.GetUtcNow()) is { } ahead)
            warn($"{found.Newest.Mailbox}: {ahead}");
        if (remembered.TryGetValue(found.Name.Mailbox, out var seen) && seen.IsGone(found.History.Names, found.Name))
            warn(seen.Words(archive.Location, found.History.Names));
    }

    private static string Nothing(Archive archive, string? mailbox, IReadOnlyCollection<string> all) =>
        mailbox is null || all.Count == 0
            ? $"{archive.Location} contains no snapshot yet."
            : $"{archive.Location} contains no mailbox \"{mailbox}\". It contains: {List(all)}.";

    private static string List(IEnumerable<string> mailboxes) => string.Join(", ", mailboxes.Order(StringComparer.Ordinal).Take(20));

    /// <summary>The mailboxes in an archive, each with its snapshots, one after the other.</summary>
    /// <param name="damaged">Receives snapshots that cannot be read, where that matters: one must not hide the mailboxes of all
    /// others.</param>
    public static async IAsyncEnumerable<ArchivedMailbox> MailboxesAsync(
        Archive archive,
        Action<string> damaged,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var aside = archive.Index.SetAside ?? await archive.QuarantineAsync(cancellationToken);
        await foreach (var listed in archive.EachMailboxAsync(cancellationToken))
        {
            if (
                await OfAsync(
                    archive,
                    [.. listed.Select(snapshot => snapshot.Name).Where(name => !aside.Contains(name.Name))],
                    damaged,
                    cancellationToken
                ) is
                { } mailbox
            )
                yield return mailbox;
        }
    }

    /// <param name="names">Of one mailbox, in order.</param>
    /// <returns>Null where none of them can be read.</returns>
    private static async Task<ArchivedMailbox?> OfAsync(
        Archive archive,
        IReadOnlyList<SnapshotName> names,
        Action<string> damaged,
        CancellationToken cancellationToken
    ) =>
        await NewestAsync(archive, names, null, damaged, cancellationToken) is var (name, newest)
            ? new ArchivedMailbox(name, newest, new SnapshotHistory(names, archive.Time.GetUtcNow()))
            : null;

    /// <summary>The newest of these snapshots that can be read.</summary>
    /// <param name="names">Of one mailbox, in order.</param>
    /// <param name="state">Null for any.</param>
    /// <param name="damaged">Receives those that cannot.</param>
    internal static async Task<(SnapshotName Name, Snapshot Snapshot)?> NewestAsync(
        Archive archive,
        IReadOnlyList<SnapshotName> names,
        SnapshotState? state,
        Action<string> damaged,
        CancellationToken cancellationToken
    )
    {
        foreach (var name in names.Reverse().Where(name => state is null || name.State == state))
        {
            try
            {
                return (name, await archive.ReadAsync(name, cancellationToken));
            }
            catch (StorageException exception) when (exception.Reason == Reason.ArchiveDamaged)
            {
                damaged($"{exception.Message} The snapshot before it is used. {exception.Reason.Hint}");
            }
        }
        return null;
    }

    private static bool Fits(Snapshot snapshot, string? mailbox, MailboxMatch match)
    {
        if (mailbox is null)
            return true;
        var account = snapshot.Account ?? snapshot.Mailbox;
        var user = Uri.UnescapeDataString(
            account[(account.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0)..].Split('@')[0]
        );
        return match switch
        {
            MailboxMatch.Part => snapshot.Mailbox.Contains(mailbox, StringComparison.OrdinalIgnoreCase),
            MailboxMatch.Name => new[] { snapshot.Mailbox, account, user, user.Split('@')[0] }.Contains(
                mailbox,
                StringComparer.OrdinalIgnoreCase
            ),
            _ => snapshot.Mailbox == mailbox,
        };
    }

    /// <returns>The snapshot, null for none, and the last moment that was asked for.</returns>
    internal static (SnapshotName? Name, DateTimeOffset Until) At(SnapshotHistory history, string at)
    {
        if (
            at.Length >= 4
            && at.All(char.IsAsciiHexDigit)
            && history.Names.Where(name => name.Id.StartsWith(at, StringComparison.OrdinalIgnoreCase)).ToList() is [var only]
        )
            return (only, DateTimeOffset.MaxValue);
        var until =
            DateOnly.TryParseExact(at, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Local)).AddTicks(-1)
            : DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var moment) ? moment
            : DateTimeOffset.MinValue;
        return (history.At(until), until);
    }
}
