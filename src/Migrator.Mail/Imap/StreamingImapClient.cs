using MailKit;
using MailKit.Net.Imap;

namespace Migrator.Mail.Imap;

/// <summary>MailKit's client, with folders that write messages where a receiver wants them instead of into
/// memory.</summary>
/// <param name="answers">What it is connected by.</param>
internal sealed class StreamingImapClient(IProtocolLogger log, FetchAnswerStream answers) : ImapClient(log)
{
    /// <summary>What the server says about messages.</summary>
    public FetchAnswerStream Answers => answers;

    protected override ImapFolder CreateImapFolder(ImapFolderConstructorArgs args) => new StreamingImapFolder(args);
}
