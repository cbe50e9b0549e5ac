using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Contents that were looked up a short while ago. Each night the last page of a folder is written again, with mostly the same
/// messages: without this, most of the time of going through all snapshots is spent on finding again what was found before.</summary>
internal sealed class RecentContents
{
    // Some 2 MB.
    private const int Most = 1 << 15;

    private readonly HashSet<ContentId> _contents = [];

    public bool Contains(ContentId content) => _contents.Contains(content);

    /// <returns>Whether it was not among them.</returns>
    public bool Add(ContentId content)
    {
        if (_contents.Count >= Most)
            _contents.Clear();
        return _contents.Add(content);
    }

    public void Clear()
    {
        _contents.Clear();
        _contents.TrimExcess();
    }
}
