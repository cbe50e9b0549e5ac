using System.Globalization;
using Migrator.Core.Mail;
using Migrator.Tests.Archives;
using Migrator.Tests.Corpus;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>The double of POP3 that tests of archives read from.</summary>
public sealed class MemoryPop3Mailbox : ArrangedMailbox
{
    private readonly MemoryPop3 _box = new();
    private readonly MemoryUidMap _book = new();
    private int _named;

    public override MailboxTraits Traits { get; } = MailboxTraits.Pop3(GoneMessage.Kept);

    public override Task<IMailSource> ConnectAsync() => Task.FromResult(_box.Session(_book));

    public override Task AddFolderAsync(FolderPath folder) => throw new NotSupportedException("POP3 has only INBOX.");

    public override Task AddAsync(FolderPath folder, IReadOnlyList<OddMessage> messages)
    {
        foreach (var message in messages)
            _box.Messages.Add(((++_named).ToString(CultureInfo.InvariantCulture), message.Bytes));
        return Task.CompletedTask;
    }

    public override Task SetFlagsAsync(FolderPath folder, Uid uid, string flags) => Task.CompletedTask;

    public override Task RemoveAsync(FolderPath folder, Uid uid)
    {
        _box.Messages.RemoveAll(message => message.Uidl == Uidl(uid));
        return Task.CompletedTask;
    }

    public override Task SpoilAsync(FolderPath folder, Uid uid)
    {
        _box.Withheld.Add(Uidl(uid));
        return Task.CompletedTask;
    }

    public override Task<IReadOnlyList<byte[]>> BytesAsync(FolderPath folder, IReadOnlyList<OddMessage> added) =>
        Task.FromResult<IReadOnlyList<byte[]>>([.. _box.Messages.Select(message => message.Bytes)]);

    public override Task<IReadOnlyList<string>> ViewAsync() =>
        Task.FromResult<IReadOnlyList<string>>([.. _box.Messages.Select(message => $"{message.Uidl} {ContentId.Of(message.Bytes)}")]);

    public override ValueTask DisposeAsync() => default;

    private string Uidl(Uid uid) => _book.Entries.Single(entry => entry.Uid == uid).Key["uidl:".Length..];
}
