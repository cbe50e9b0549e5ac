using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Properties;

/// <summary>What a target has to hold after the runs of a copy, which never delete: found out without the product.</summary>
/// <param name="nameAtTarget">Of a folder at the source.</param>
internal sealed class CopyOracle(Func<string, string> nameAtTarget)
{
    private readonly Dictionary<(string Folder, string Hash), int> _most = [];
    private IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> _shown =
        new Dictionary<string, IReadOnlyList<MailboxContent.Message>>();

    /// <summary>The source at the time of a run.</summary>
    public void Run(IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> shown)
    {
        _shown = shown;
        foreach (var (folder, messages) in shown)
        {
            foreach (var same in messages.GroupBy(message => message.Hash))
                _most[(nameAtTarget(folder), same.Key)] = Math.Max(Most(nameAtTarget(folder), same.Key), same.Count());
        }
    }

    /// <summary>What is missing, or has other flags or another date.</summary>
    public IReadOnlyList<Lack> Lacking(IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> there) =>
        [
            .. from folder in _shown
            let left = Copies(there, nameAtTarget(folder.Key)).ToList()
            from message in folder.Value.OrderByDescending(left.Contains)
            where !left.Remove(message)
            let like = left.FindIndex(copy => copy.Hash == message.Hash)
            let copy = Take(left, like)
            select new Lack(folder.Key, copy is null, $"{folder.Key}: {message} is not in {nameAtTarget(folder.Key)}, but {copy}"),
        ];

    /// <summary>What no run had to bring, or not as often.</summary>
    /// <param name="merges">The target keeps one copy of several messages: it counts whose content, and how many.</param>
    public IReadOnlyList<string> TooMuch(IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> there, bool merges)
    {
        var contents = _most.Keys.Select(known => known.Hash).ToHashSet();
        return
        [
            .. from folder in there
            // One that is marked as deleted is gone with the next expunge: another is sent where the source has one that is not.
            from same in folder.Value.Where(message => !message.Flags.Contains("\\Deleted")).GroupBy(message => message.Hash)
            let most = !merges ? Most(folder.Key, same.Key)
            : contents.Contains(same.Key) ? _most.Where(known => known.Key.Folder == folder.Key).Sum(known => known.Value)
            : 0
            where (merges ? folder.Value.Count : same.Count()) > most
            select $"{folder.Key} has these, at most {most} were at the source: {string.Join(", ", same)}",
        ];
    }

    private static MailboxContent.Message? Take(List<MailboxContent.Message> left, int index)
    {
        if (index < 0)
            return null;
        var copy = left[index];
        left.RemoveAt(index);
        return copy;
    }

    private int Most(string folder, string hash) => _most.GetValueOrDefault((folder, hash));

    private static IReadOnlyList<MailboxContent.Message> Copies(
        IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> there,
        string folder
    ) => there.TryGetValue(folder, out var messages) ? messages : [];
}
