using Migrator.Core.Mail;
using Migrator.Tests.Corpus;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>A mailbox at the server that tests script: where nothing is scripted, it has to be an honest one.</summary>
public sealed class ScriptedImapMailbox : ImapMailbox
{
    private readonly ScriptedImap _server;

    public ScriptedImapMailbox()
        : this(new ScriptedImap()) { }

    private ScriptedImapMailbox(ScriptedImap server)
        : base(server.Port, "ann") => _server = server;

    public override MailboxTraits Traits { get; } = new() { UnheldMessages = ["empty"] };

    public override Task SpoilAsync(FolderPath folder, Uid uid)
    {
        _server.Arm(
            $"message {uid} is not read",
            command =>
                command.Name == "UID FETCH"
                && command.Arguments.Contains("BODY", StringComparison.Ordinal)
                && command.Named.Any(message => message.Uid == uid)
                    ? "NO I/O error"
                    : null
        );
        return Task.CompletedTask;
    }

    /// <summary>Makes the server take this message in no folder.</summary>
    public OddMessage Refuse(OddMessage message)
    {
        _server.Arm(
            $"{message.Name} is not taken",
            command =>
                command.Name == "APPEND" && command.Literals.Any(literal => literal.AsSpan().SequenceEqual(message.Bytes))
                    ? "NO [CANNOT] this one is not taken"
                    : null
        );
        return message;
    }

    public override ValueTask DisposeAsync() => _server.DisposeAsync();
}
