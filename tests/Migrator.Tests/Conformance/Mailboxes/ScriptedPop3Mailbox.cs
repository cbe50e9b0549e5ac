using System.Text;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Mail.Pop3;
using Migrator.Tests.Corpus;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>A mailbox at the POP3 server that tests script: where nothing is scripted, it has to be an honest one.</summary>
public sealed class ScriptedPop3Mailbox : ArrangedMailbox
{
    private readonly ScriptedPop3 _server = new();
    private readonly MemoryUidMap _book = new();
    private int _named;

    public override MailboxTraits Traits { get; } = MailboxTraits.Pop3(GoneMessage.Kept);

    public override async Task<IMailSource> ConnectAsync() =>
        await new Pop3Connector(
            Harness.Server(_server.Port, "ann", null) with
            {
                Protocol = MailProtocol.Pop3,
            },
            "any",
            _book,
            TimeProvider.System
        ).OpenSourceAsync(Stop);

    public override Task AddFolderAsync(FolderPath folder) => throw new NotSupportedException("POP3 has only INBOX.");

    public override Task AddAsync(FolderPath folder, IReadOnlyList<OddMessage> messages)
    {
        _server.Mail = [.. _server.Mail, .. messages.Select(message => new ScriptedMail($"m{++_named}", Whole(message.Bytes)))];
        return Task.CompletedTask;
    }

    public override Task SetFlagsAsync(FolderPath folder, Uid uid, string flags) => Task.CompletedTask;

    public override Task RemoveAsync(FolderPath folder, Uid uid)
    {
        var gone = Find(uid);
        _server.Mail = [.. _server.Mail.Where(mail => mail != gone)];
        return Task.CompletedTask;
    }

    public override Task SpoilAsync(FolderPath folder, Uid uid)
    {
        var number = _server.Mail.ToList().IndexOf(Find(uid)) + 1;
        _server.Answer = command => command == $"RETR {number}" ? "-ERR I/O error\r\n" : null;
        return Task.CompletedTask;
    }

    public override Task<IReadOnlyList<byte[]>> BytesAsync(FolderPath folder, IReadOnlyList<OddMessage> added) =>
        Task.FromResult<IReadOnlyList<byte[]>>([.. _server.Mail.Select(mail => Encoding.Latin1.GetBytes(mail.Text))]);

    public override Task<IReadOnlyList<string>> ViewAsync() =>
        Task.FromResult<IReadOnlyList<string>>([.. _server.Mail.Select(mail => $"{mail}")]);

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    // POP3 has nothing that ends within a line (RFC 1939, section 3).
    private static string Whole(byte[] bytes) =>
        Encoding.Latin1.GetString(bytes) is var text && text.EndsWith("\r\n", StringComparison.Ordinal) ? text : text + "\r\n";

    // A key may say more than the UIDL, after a blank.
    private ScriptedMail Find(Uid uid)
    {
        var key = _book.Entries.Single(entry => entry.Uid == uid).Key;
        return _server.Mail.Single(mail => key.Split(' ')[0] == $"uidl:{mail.Uidl}");
    }
}
