using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>Recognizes messages that were imported before a mail program wrote flags into their headers (<see cref="IMailSource.KeepsFlagsInHeaders"/>): to the
/// octet they are others now, and would be delivered a second time.</summary>
internal sealed class FlagFields(FolderRun folder, IMailTarget target, Adoption adoption)
{
    /// <param name="found">Of <paramref name="batch"/>, what is at the target already. A copy that seems to be altered may differ in such fields alone.</param>
    /// <param name="left">What is not.</param>
    public async Task<(List<Match> Found, List<CapturedMessage> Left)> MatchAsync(IReadOnlyList<CapturedMessage> batch, List<Match> found, List<CapturedMessage> left, CancellationToken cancellationToken)
    {
        var altered = found.Where(match => match.Altered).Select(match => match.Record.Uid).ToHashSet();
        var (known, others) = (found.ToDictionary(match => match.Record.Uid), new List<CapturedMessage>());
        foreach (var message in batch.Where(message => altered.Contains(message.Record.Uid) || left.Contains(message)))
        {
            var earlier = known.GetValueOrDefault(message.Record.Uid);
            if (await FindAsync(message, altered.Contains(message.Record.Uid) ? [earlier.Uid] : adoption.Left(message.Record.InternalDate), cancellationToken).ConfigureAwait(false) is { } copy)
                known[message.Record.Uid] = new Match(message.Record, copy.Uid, earlier.Sent, Altered: false) { Stored = copy.Stored };
            else if (!altered.Contains(message.Record.Uid))
                others.Add(message);
        }
        return ([.. known.Values], others);
    }

    private async Task<(uint Uid, ContentId Stored)?> FindAsync(CapturedMessage message, IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        if (uids.Count == 0)
            return null;
        await folder.TargetFetches.AskAsync([.. uids.Where(uid => !folder.Scanned.ContainsKey(uid))], some => target.FetchAsync(
            [.. some.Where(uid => !folder.Scanned.ContainsKey(uid))], new FingerprintHasher((uid, fingerprint) => folder.Scanned[uid] = fingerprint), cancellationToken)).ConfigureAwait(false);
        await using var content = message.Entry.Open();
        var now = MessageFingerprint.Of(content);
        foreach (var uid in uids.Where(folder.Scanned.ContainsKey))
        {
            if (!folder.Scanned[uid].IsSameButFlags(now))
                continue;
            adoption.Take(uid);
            return (uid, folder.Scanned[uid].Exact);
        }
        return null;
    }
}
