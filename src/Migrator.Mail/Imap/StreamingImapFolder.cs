using System.Runtime.CompilerServices;
using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

internal sealed class StreamingImapFolder(ImapFolderConstructorArgs args) : ImapFolder(args)
{
    private IContentSink? _receiver;

    /// <summary>The name as the server wrote it, by which the folder is opened. MailKit's own decoding loses letters of a name that is not
    /// modified UTF-7, such as <c>R&amp;D</c>.</summary>
    public string WireName => EncodedName(this);

    /// <param name="wanted">Messages that the receiver gets; each that it got is removed.</param>
    public async Task FetchAsync(IList<UniqueId> uids, HashSet<Uid> wanted, IContentSink receiver, CancellationToken cancellationToken)
    {
        _receiver = receiver;
        try
        {
            await GetStreamsAsync(
                uids,
                async (_, _, uid, stream, token) =>
                {
                    if (wanted.Remove(uid.Id))
                        await receiver.CompleteAsync(uid.Id, stream, null, token);
                    else
                        await stream.DisposeAsync();
                },
                cancellationToken
            );
        }
        finally
        {
            _receiver = null;
        }
    }

    /// <summary>Forgets what an earlier look found. MailKit keeps it where the next answer does not say it again.</summary>
    public void ForgetState() => (UidValidity, UidNext, HighestModSeq) = (0, null, 0);

    /// <summary>Creates a folder anywhere in one command, so that the server makes the levels between what they are: no folders for mail
    /// of their own.</summary>
    /// <param name="fullName">With the server's delimiter.</param>
    /// <param name="use">Null for none.</param>
    /// <returns>Null where the server took the command and does not list the folder.</returns>
    public async Task<IMailFolder?> CreateAnywhereAsync(string fullName, SpecialFolder? use, CancellationToken cancellationToken)
    {
        var (name, delimiter) = (FullName, DirectorySeparator);
        try
        {
            // MailKit creates direct children only and refuses a name with the delimiter in it: for this call, this folder is a root
            // without one.
            (FullName, DirectorySeparator) = ("", '\0');
            return use is { } special
                ? await CreateAsync(fullName, [special], cancellationToken)
                : await CreateAsync(fullName, isMessageFolder: true, cancellationToken);
        }
        finally
        {
            (FullName, DirectorySeparator) = (name, delimiter);
        }
    }

    /// <summary>Renames this folder to any place in one command, as <see cref="CreateAnywhereAsync"/> creates one.</summary>
    /// <param name="fullName">With the server's delimiter.</param>
    /// <param name="root">Another folder.</param>
    public async Task RenameAnywhereAsync(string fullName, StreamingImapFolder root, CancellationToken cancellationToken)
    {
        var (name, delimiters) = (root.FullName, (root.DirectorySeparator, DirectorySeparator));
        try
        {
            (root.FullName, root.DirectorySeparator, DirectorySeparator) = ("", '\0', '\0');
            await RenameAsync(root, fullName, cancellationToken);
        }
        finally
        {
            (root.FullName, root.DirectorySeparator, DirectorySeparator) = (name, delimiters.Item1, delimiters.Item2);
        }
    }

    /// <summary>Asks for the status of a folder that need not be there.</summary>
    /// <param name="wireName">As it goes over the wire.</param>
    /// <exception cref="ImapCommandException">Refused.</exception>
    public async Task StatusByNameAsync(string wireName, CancellationToken cancellationToken)
    {
        var own = WireName;
        try
        {
            SetEncodedName(this, wireName);
            await StatusAsync(StatusItems.Count, cancellationToken);
        }
        finally
        {
            SetEncodedName(this, own);
        }
    }

    protected override Stream CreateStream(UniqueId? uid, string section, int offset, int length) =>
        _receiver?.Open(uid?.Id, length) ?? base.CreateStream(uid, section, offset, length);

    // MailKit keeps it to itself. Its version is pinned, and FolderNameTests fail without it.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_EncodedName")]
    private static extern string EncodedName(ImapFolder folder);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_EncodedName")]
    private static extern void SetEncodedName(ImapFolder folder, string name);
}
