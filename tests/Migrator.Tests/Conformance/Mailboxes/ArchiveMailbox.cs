using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Tests.Archives;
using Migrator.Tests.Corpus;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>A mailbox in an archive: each session reads the newest snapshot.</summary>
public sealed class ArchiveMailbox : MemoryBacked
{
    private MemoryArchive? _archive;

    // The packs with what was added last: a message that is to be spoilt is added alone.
    private List<string> _packs = [];

    public override MailboxTraits Traits { get; } =
        new()
        {
            Gone = GoneMessage.Kept,
            SummarizesGone = true,
            Subjects = false,
        };

    public override async Task AddAsync(FolderPath folder, IReadOnlyList<OddMessage> messages)
    {
        await base.AddAsync(folder, messages);
        var archive = await BackedUpAsync(before: true);
        var known = archive.Store.Blobs.Keys.ToHashSet();
        await BackedUpAsync(before: false);
        _packs = [.. archive.Store.Blobs.Keys.Where(name => name.StartsWith("packs/", StringComparison.Ordinal) && !known.Contains(name))];
    }

    public override async Task SpoilAsync(FolderPath folder, Uid uid)
    {
        if (_packs.Count == 0)
            throw new InvalidOperationException("No pack was written with the last messages.");
        foreach (var pack in _packs)
            await _archive!.Store.DeleteAsync(pack, Stop);
    }

    public override async Task<IMailSource> ConnectAsync()
    {
        var archive = await (await BackedUpAsync(before: false)).OpenAsync();
        var sessions = await ArchiveSource.SessionsAsync(
            archive,
            await archive.ReadAsync((await archive.SnapshotsAsync(MemoryArchive.Account, Stop))[^1], Stop),
            Stop
        );
        return await sessions(Stop);
    }

    private async Task<MemoryArchive> BackedUpAsync(bool before)
    {
        _archive ??= await MemoryArchive.CreateAsync(encrypted: true);
        if (before || !Changed)
            return _archive;
        await _archive.BackUpAllAsync(Mailbox.Session());
        _archive.Time.Advance(TimeSpan.FromDays(1));
        Changed = false;
        return _archive;
    }
}
