using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Mail.Pop3;
using Migrator.Tests.Corpus;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>A new user's mailbox at a Dovecot, read over POP3 and arranged over IMAP: both give the messages the same numbers.</summary>
public sealed class Pop3Mailbox(DovecotServer server) : ArrangedMailbox
{
    private readonly DovecotMailbox _mailbox = new(server);
    private readonly MemoryUidMap _book = new();

    // What is removed keeps its number in a session, and the server refuses to send it.
    public override MailboxTraits Traits { get; } = MailboxTraits.Pop3(GoneMessage.Unreadable);

    public override async Task<IMailSource> ConnectAsync() =>
        await new Pop3Connector(
            Harness.Server(server.Pop3Port, _mailbox.User, null) with
            {
                Protocol = MailProtocol.Pop3,
            },
            DovecotServer.Password,
            _book,
            TimeProvider.System
        ).OpenSourceAsync(Stop);

    public override Task AddFolderAsync(FolderPath folder) => throw new NotSupportedException("POP3 has only INBOX.");

    public override Task AddAsync(FolderPath folder, IReadOnlyList<OddMessage> messages) => _mailbox.AddAsync(folder, messages);

    public override Task SetFlagsAsync(FolderPath folder, Uid uid, string flags) => _mailbox.SetFlagsAsync(folder, uid, flags);

    public override Task RemoveAsync(FolderPath folder, Uid uid) => _mailbox.RemoveAsync(folder, uid);

    public override Task SpoilAsync(FolderPath folder, Uid uid) => _mailbox.SpoilAsync(folder, uid);

    public override async Task<IReadOnlyList<byte[]>> BytesAsync(FolderPath folder, IReadOnlyList<OddMessage> added)
    {
        // IMAP cannot carry NUL: Dovecot gives 0x80 instead there, and the message as it is here.
        var bytes = await _mailbox.BytesAsync(folder, added);
        return
        [
            .. bytes.Select(one =>
                added.Any(put => put.Bytes.Contains((byte)0) && Lines(put.Bytes).SequenceEqual(Lines(one)))
                    ? [.. one.Select(value => value == 0x80 ? (byte)0 : value)]
                    : one
            ),
        ];

        // Dovecot's numbers need not follow the order in which files and appended messages came.
        static IEnumerable<byte> Lines(byte[] bytes) =>
            bytes.Where(value => value != (byte)'\r').Select(value => value == 0 ? (byte)0x80 : value);
    }

    public override Task<IReadOnlyList<string>> ViewAsync() => _mailbox.ViewAsync();

    public override ValueTask DisposeAsync() => _mailbox.DisposeAsync();
}
