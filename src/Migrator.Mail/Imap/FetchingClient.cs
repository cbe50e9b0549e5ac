using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>MailKit's client, with folders that write messages where a receiver wants them instead of into
/// memory.</summary>
/// <param name="answers">What it is connected by.</param>
internal sealed class FetchingClient(IProtocolLogger log, FetchAnswerStream answers) : ImapClient(log)
{
    /// <summary>What the server says about messages.</summary>
    public FetchAnswerStream Answers => answers;

    protected override ImapFolder CreateImapFolder(ImapFolderConstructorArgs args) => new FetchingFolder(args);
}

internal sealed class FetchingFolder(ImapFolderConstructorArgs args) : ImapFolder(args)
{
    private IContentReceiver? _receiver;

    public async Task FetchAsync(IList<UniqueId> uids, IContentReceiver receiver, CancellationToken cancellationToken)
    {
        // A server may send a message twice, or one that was not asked for: the first copy of each that was counts.
        var wanted = uids.Select(uid => uid.Id).ToHashSet();
        _receiver = receiver;
        try
        {
            await GetStreamsAsync(uids, async (_, _, uid, stream, token) =>
            {
                if (wanted.Remove(uid.Id))
                    await receiver.CompleteAsync(uid.Id, stream, null, token).ConfigureAwait(false);
                else
                    await stream.DisposeAsync().ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _receiver = null;
        }
    }

    /// <summary>Creates a folder levels below this one in one command, so that the server makes the levels between what
    /// they are: no folders for mail of their own.</summary>
    /// <returns>Null where this folder has a name, after which MailKit would write the wrong delimiter.</returns>
    public async Task<IMailFolder?> CreateBelowAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (FullName.Length > 0)
            return null;
        var delimiter = DirectorySeparator;
        try
        {
            // MailKit creates direct children only and refuses a name with the delimiter in it: for this call there is none.
            DirectorySeparator = '\0';
            return await CreateAsync(string.Join(delimiter, names), isMessageFolder: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            DirectorySeparator = delimiter;
        }
    }

    protected override Stream CreateStream(UniqueId? uid, string section, int offset, int length) =>
        _receiver?.Open(uid?.Id, length) ?? base.CreateStream(uid, section, offset, length);
}
