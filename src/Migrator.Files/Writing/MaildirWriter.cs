using System.Text;
using Migrator.Core.Files;
using Migrator.Core.Mail;
using Migrator.Files.Bytes;
using Migrator.Files.Names;

namespace Migrator.Files.Writing;

/// <summary>A Maildir++ as Dovecot and Courier keep it.</summary>
/// <param name="written">The moment of the export. Names begin with it, not with INTERNALDATE: mail programs sort by name, and the
/// order of UIDs is the order of arrival.</param>
internal sealed class MaildirWriter(string root, DateTimeOffset written) : IFormatWriter
{
    private readonly PathAllocator _places = new();

    public IFormatFolder Begin(FolderPath path, UidValidity uidValidity) =>
        new Folder(root, _places.Flat(path), $"{written.ToUnixTimeSeconds()}.V{uidValidity}U");

    public void End(IReadOnlyList<FolderPath> subscribed)
    {
        // The root is a Maildir whether or not the mailbox's INBOX was exported: without these, programs do not take it for one.
        Create(root);
        PrivateFiles.Write(
            Path.Combine(root, "subscriptions"),
            Encoding.UTF8.GetBytes(string.Concat(subscribed.Select(path => (path.IsInbox ? "INBOX" : _places.Flat(path)[1..]) + "\n")))
        );
    }

    private static void Create(string directory)
    {
        foreach (var part in (string[])["cur", "new", "tmp"])
            PrivateFiles.CreateDirectory(Path.Combine(directory, part));
    }

    private sealed class Folder : IFormatFolder
    {
        private readonly string _directory;
        private readonly string _stamp;
        private readonly LooseFile _file;
        private readonly List<string> _keywords = [];

        public Folder(string root, string place, string stamp)
        {
            (Place, _stamp) = (place, stamp);
            _directory = Path.Combine(root, place);
            Create(_directory);
            if (place.Length > 0)
                PrivateFiles.Write(Path.Combine(_directory, "maildirfolder"), []);
            _file = new LooseFile(Path.Combine(_directory, "tmp", "message"));
        }

        public string Place { get; }

        public IByteSink Begin(DateTimeOffset? date) => _file.Begin();

        public WrittenMessage Commit(MessageSummary message, long size)
        {
            // Twenty-six letters are all there are; the sidecar keeps every keyword.
            _keywords.AddRange(
                message.Flags.Keywords.Except(_keywords, StringComparer.OrdinalIgnoreCase).Take(26 - _keywords.Count).ToList()
            );
            var name = MaildirNames.File($"{_stamp}{message.Uid:D10}.migrator,S={size}", message.Flags, _keywords);
            _file.Commit(Path.Combine(_directory, "cur", name), message.InternalDate);
            return new WrittenMessage($"{(Place.Length > 0 ? Place + "/" : "")}cur/{name}", null);
        }

        public void Abandon() => _file.Abandon();

        public long? End()
        {
            if (_keywords.Count > 0)
                PrivateFiles.Write(
                    Path.Combine(_directory, "dovecot-keywords"),
                    Encoding.UTF8.GetBytes(string.Concat(_keywords.Select((keyword, i) => $"{i} {keyword}\n")))
                );
            return null;
        }

        public void Dispose() => _file.Dispose();
    }
}
