using Migrator.Core.Mail;
using Migrator.Tests.Archives;
using Migrator.Tests.Corpus;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>What it holds is in memory, or is made of that.</summary>
public abstract class MemoryBacked : ArrangedMailbox
{
    protected MemoryBacked() => Mailbox.Add(FolderPath.Inbox, SpecialUse.Inbox);

    protected MemoryMailSource Mailbox { get; } = new();

    /// <summary>Something was added or changed since this was last set to false.</summary>
    protected bool Changed { get; set; } = true;

    public override Task AddFolderAsync(FolderPath folder)
    {
        Mailbox.Add(folder, uidValidity: 1 + (uint)Mailbox.Folders.Count);
        return Touch();
    }

    public override Task AddAsync(FolderPath folder, IReadOnlyList<OddMessage> messages)
    {
        foreach (var message in messages)
            Find(folder).Add(message.Bytes, message.Flags, message.Date);
        return Touch();
    }

    public override Task SetFlagsAsync(FolderPath folder, Uid uid, string flags)
    {
        Find(folder).Messages[uid] = Find(folder).Messages[uid] with { Flags = FlagSet.Parse(flags) };
        return Touch();
    }

    public override Task RemoveAsync(FolderPath folder, Uid uid)
    {
        Find(folder).LastUid = Find(folder).State.UidNext.Value - 1;
        Find(folder).Messages.Remove(uid);
        return Touch();
    }

    public override Task<IReadOnlyList<byte[]>> BytesAsync(FolderPath folder, IReadOnlyList<OddMessage> added) =>
        Task.FromResult<IReadOnlyList<byte[]>>([.. Find(folder).Messages.Values.Select(message => message.Bytes)]);

    public override async Task<IReadOnlyList<string>> ViewAsync()
    {
        await using var session = await ConnectAsync();
        return await MailboxImage.TakeAsync(session, Stop);
    }

    public override ValueTask DisposeAsync() => default;

    protected MemoryMailSource.Folder Find(FolderPath folder) => Mailbox.Folders.Single(known => known.Path == folder);

    private Task Touch()
    {
        Changed = true;
        return Task.CompletedTask;
    }
}
