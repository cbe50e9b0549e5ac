using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Recognizes messages that were imported before a mail program wrote flags into their headers
/// (<see cref="IMailSource.KeepsFlagsInHeaders"/>): to the byte they are others now, and would be delivered a second time. Nothing but
/// such fields may differ.</summary>
internal sealed class FlagFields(FolderCopyState folder, IMailTarget target, TargetMatcher matcher)
{
    /// <param name="found">Of <paramref name="batch"/>, what is at the target already. A copy that seems to be altered may differ in such
    /// fields alone.</param>
    /// <param name="left">What is not.</param>
    public async Task<(List<Match> Found, List<CapturedMessage> Left)> MatchAsync(
        IReadOnlyList<CapturedMessage> batch,
        List<Match> found,
        List<CapturedMessage> left,
        CancellationToken cancellationToken
    )
    {
        // What was sent before and is not what was sent was altered by the target.
        var doubtful = found.Where(match => match is { Altered: true, Sent: false }).ToDictionary(match => match.Record.Uid);
        var messages = batch.Where(message => doubtful.ContainsKey(message.Record.Uid) || left.Contains(message)).ToList();
        if (messages.Count == 0)
            return (found, left);
        var candidates = messages.ToDictionary(
            message => message.Record.Uid,
            message =>
                doubtful.TryGetValue(message.Record.Uid, out var match)
                    ? [match.Uid.Uid]
                    : matcher.Untaken(message.Record.InternalDate, message.Record.Flags)
        );
        await ReadAsync([.. candidates.Values.SelectMany(uids => uids).Distinct().Order()], cancellationToken);

        var (known, others) = (found.ToDictionary(match => match.Record.Uid), new List<CapturedMessage>());
        foreach (var message in messages)
        {
            var uid = message.Record.Uid;
            if (await FindAsync(message, candidates[uid], taken: doubtful.ContainsKey(uid)) is { } copy)
                known[uid] = new Match(message.Record, new TargetUid(copy), Sent: false, Altered: false)
                {
                    Stored = folder.Scanned[copy].Exact,
                };
            else if (!doubtful.ContainsKey(uid))
                others.Add(message);
        }
        return ([.. known.Values], others);
    }

    private async Task ReadAsync(List<Uid> uids, CancellationToken cancellationToken) =>
        await folder.TargetFetches.AskAsync(
            [.. uids.Where(uid => !folder.Scanned.ContainsKey(uid))],
            some =>
                target.FetchAsync(
                    [.. some.Where(uid => !folder.Scanned.ContainsKey(uid))],
                    new FingerprintHasher((uid, fingerprint) => folder.Scanned[uid] = fingerprint),
                    cancellationToken
                )
        );

    /// <param name="taken">The candidate is this message's already.</param>
    private async Task<Uid?> FindAsync(CapturedMessage message, IReadOnlyList<Uid> candidates, bool taken)
    {
        if (candidates.Count == 0)
            return null;
        await using var content = message.Entry.Open();
        var now = MessageFingerprint.Of(content).WithoutFlags;
        foreach (var uid in candidates)
        {
            if (folder.Scanned.TryGetValue(uid, out var copy) && copy.WithoutFlags == now && (taken || matcher.TryTake(uid)))
                return uid;
        }
        return null;
    }
}
