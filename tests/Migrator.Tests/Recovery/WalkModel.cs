using Migrator.Tests.Servers;

namespace Migrator.Tests.Recovery;

/// <summary>What a target has to hold, and may hold, found out from what both mailboxes showed and without the product. Deletions and
/// moves at the source are followed or not, and what the target's user did stays.</summary>
internal sealed class WalkModel(bool follows)
{
    /// <summary>The folder for what was deleted at the source.</summary>
    public const string Deleted = "Deleted at the source";

    private readonly Dictionary<(string Folder, string Hash), int> _most = [];
    private readonly Dictionary<(string Folder, string Hash), int> _added = [];
    private readonly Dictionary<(string Folder, string Hash), int> _removed = [];

    // Only of messages that stayed where they were delivered first, and that the target's user left alone, flags are those of the source.
    private readonly HashSet<string> _moved = [];
    private readonly HashSet<string> _touched = [];
    private readonly HashSet<string> _sent = [];

    // What was in a folder that somebody removed, recreated or renamed at the target, or that came back under other UIDs at the source:
    // nothing proves any more which copies are Migrator's.
    private readonly HashSet<string> _unproved = [];
    private readonly Dictionary<string, HashSet<string>> _everIn = [];

    /// <summary>The source before and after its user did something.</summary>
    public void SourceChanged(MailboxContent before, MailboxContent after)
    {
        var (was, now) = (Counts(before), Counts(after));
        foreach (var key in was.Keys.Union(now.Keys).Where(key => was.GetValueOrDefault(key) != now.GetValueOrDefault(key)))
        {
            if (!_sent.Add(key.Hash))
                _moved.Add(key.Hash);
        }
    }

    /// <summary>The target before and after its user did something.</summary>
    public void TargetChanged(MailboxContent before, MailboxContent after)
    {
        var (was, now) = (Counts(before), Counts(after));
        foreach (var key in was.Keys.Union(now.Keys))
        {
            var more = now.GetValueOrDefault(key) - was.GetValueOrDefault(key);
            var count = more > 0 ? _added : _removed;
            count[key] = count.GetValueOrDefault(key) + Math.Abs(more);
        }
        _touched.UnionWith(Lines(before).Except(Lines(after)).Concat(Lines(after).Except(Lines(before))).Select(line => line.Message.Hash));
    }

    /// <summary>The folders are not those that they were: removed, made again or renamed.</summary>
    /// <param name="mailbox">Before that.</param>
    public void FolderChanged(string folder, MailboxContent mailbox)
    {
        _unproved.UnionWith(_everIn.GetValueOrDefault(folder, []));
        _unproved.UnionWith(mailbox.Folders.GetValueOrDefault(folder, []).Select(message => message.Hash));
    }

    /// <summary>A run begins that may bring all of this.</summary>
    public void RunBegins(MailboxContent source)
    {
        foreach (var (key, count) in Counts(source))
        {
            _most[key] = Math.Max(_most.GetValueOrDefault(key), count);
            if (!_everIn.TryGetValue(key.Folder, out var hashes))
                _everIn[key.Folder] = hashes = [];
            hashes.Add(key.Hash);
        }
    }

    /// <summary>How many messages are in a folder of the target more than once, and were brought there by its user too.</summary>
    public int CopiesOfTheUser(MailboxContent target, string folder) =>
        Counts(target).Count(known => known.Key.Folder == folder && known.Value > 1 && _added.GetValueOrDefault(known.Key) > 0);

    /// <summary>What no run may do, whether it ended or not.</summary>
    public IEnumerable<string> Wrongs(MailboxContent before, MailboxContent after)
    {
        var (was, now) = (Counts(before), Counts(after));
        if (follows)
        {
            // What is moved is still somewhere: nothing is ever removed.
            var (all, left) = (Hashes(before), Hashes(after));
            foreach (var (hash, count) in all.Where(known => left.GetValueOrDefault(known.Key) < known.Value))
                yield return $"{hash} was there {count} times, and is {left.GetValueOrDefault(hash)} times";
        }
        else
        {
            foreach (var (key, count) in was.Where(known => now.GetValueOrDefault(known.Key) < known.Value))
                yield return $"{key} was there {count} times, and is {now.GetValueOrDefault(key)} times";
        }
        // What its user brought may be in a folder that was renamed since.
        foreach (
            var (key, count) in now.Where(known =>
                !follows || (known.Key.Folder != Deleted && OfHash(_added, known.Key.Hash) == 0 && _sent.Contains(known.Key.Hash))
            )
        )
        {
            var most = _most.GetValueOrDefault(key) + _added.GetValueOrDefault(key);
            if (count > most)
                yield return $"{key} is there {count} times, at most {most} were sent or brought by the user";
        }
        // A folder of ours that the source has renamed takes along what its user has put there.
        foreach (
            var line in Lines(before)
                .Where(line => !_sent.Contains(line.Message.Hash) && (!follows || after.Folders.ContainsKey(line.Folder)))
                .Except(Lines(after))
        )
            yield return $"{line} is the user's, and was changed";
    }

    /// <summary>What is at the target where the source has it no longer, after a run that said that it was complete: of messages that its
    /// user left alone.</summary>
    /// <param name="kept">Copies that the run named as kept.</param>
    public IEnumerable<string> Unfollowed(MailboxContent source, MailboxContent target, long kept)
    {
        var (here, surplus) = (Counts(source), new List<string>());
        foreach (var (key, count) in Counts(target).Where(known => known.Key.Folder != Deleted))
        {
            if (
                count > here.GetValueOrDefault(key)
                && _sent.Contains(key.Hash)
                && !_unproved.Contains(key.Hash)
                && !_touched.Contains(key.Hash)
                && OfHash(_added, key.Hash) == 0
            )
                surplus.Add($"{key} is there {count} times, at the source {here.GetValueOrDefault(key)} times");
        }
        return surplus.Count > kept ? surplus : [];
    }

    private static int OfHash(Dictionary<(string Folder, string Hash), int> counts, string hash) =>
        counts.Where(count => count.Key.Hash == hash).Sum(count => count.Value);

    private static Dictionary<string, int> Hashes(MailboxContent mailbox) =>
        Lines(mailbox).CountBy(line => line.Message.Hash).ToDictionary();

    /// <summary>What is missing or differs after a run that said that it was complete.</summary>
    public IEnumerable<string> Lacks(MailboxContent source, MailboxContent target)
    {
        var (here, there) = (Counts(source), Counts(target));
        foreach (var (key, count) in here)
        {
            var removed = follows ? OfHash(_removed, key.Hash) : _removed.GetValueOrDefault(key);
            if (there.GetValueOrDefault(key) < count - removed)
                yield return $"{key} is there {there.GetValueOrDefault(key)} times, at the source {count} times";
        }
        foreach (
            var line in Lines(source)
                .Where(line =>
                    here[(line.Folder, line.Message.Hash)] == 1
                    && !_moved.Contains(line.Message.Hash)
                    && !_touched.Contains(line.Message.Hash)
                )
                .Except(Lines(target))
        )
            yield return $"{line} is not at the target: "
                + string.Join(", ", Lines(target).Where(other => other.Message.Hash == line.Message.Hash));
    }

    private static Dictionary<(string Folder, string Hash), int> Counts(MailboxContent mailbox) =>
        Lines(mailbox).CountBy(line => (line.Folder, line.Message.Hash)).ToDictionary();

    private static IEnumerable<(string Folder, MailboxContent.Message Message)> Lines(MailboxContent mailbox) =>
        mailbox.Folders.SelectMany(folder => folder.Value.Select(message => (folder.Key, message)));
}
