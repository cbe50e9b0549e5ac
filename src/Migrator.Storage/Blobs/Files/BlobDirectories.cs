using System.Collections.Concurrent;
using Migrator.Core.Files;

namespace Migrator.Storage.Blobs.Files;

/// <summary>The folders of a store: made where they are missing, durable, for this user alone.</summary>
/// <param name="root">A full path.</param>
internal sealed class BlobDirectories(string root)
{
    private static readonly TimeSpan s_stale = TimeSpan.FromDays(1);
    private static readonly FileStreamOptions s_alone = new()
    {
        Mode = FileMode.Open,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        BufferSize = 0,
        Options = FileOptions.DeleteOnClose,
    };

    // Folders that are certain to survive a crash. Nobody removes them: that would race with those who are about to use them.
    private readonly ConcurrentDictionary<string, bool> _durable = new();

    /// <summary>Begins with a dot, so that it is not a name of a blob and shows up in no listing. Below the root, because a file can
    /// only be renamed within one file system.</summary>
    private string Drafts => Path.Combine(root, ".drafts");

    /// <summary>Makes the folder that a blob lies in, with those above it.</summary>
    public void Prepare(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (_durable.ContainsKey(directory) && Directory.Exists(directory))
            return;
        if (directory.Length > root.Length)
            Prepare(directory);
        PrivateFiles.CreateDirectory(directory);
        // Synced even where somebody else has made it: he may not have come to it yet.
        if (Path.GetDirectoryName(directory) is { } parent)
            DurableFiles.SyncDirectory(parent);
        _durable[directory] = true;
    }

    public string NewDraft()
    {
        PrivateFiles.CreateDirectory(Drafts);
        return Path.Combine(Drafts, Guid.NewGuid().ToString("n"));
    }

    /// <summary>Removes what crashed processes have left: drafts that were not written to for a day and that nobody has open. Both are
    /// asked because the clock of a share may be wrong, and not every share has locks.</summary>
    public void RemoveStaleDrafts(DateTimeOffset now)
    {
        var drafts = new DirectoryInfo(Drafts);
        if (!drafts.Exists)
            return;
        foreach (var draft in drafts.EnumerateFiles())
        {
            try
            {
                if (now - draft.LastWriteTimeUtc < s_stale || RegularFile.Kind(draft.FullName) != EntryKind.Regular)
                    continue;
                using var held = new FileStream(draft.FullName, s_alone);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Somebody writes to it, has removed it, or it is another user's: not ours to remove, and no reason not to continue.
            }
        }
    }
}
