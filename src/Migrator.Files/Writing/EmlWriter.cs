using Migrator.Core.Files;
using Migrator.Core.Mail;
using Migrator.Files.Bytes;
using Migrator.Files.Names;

namespace Migrator.Files.Writing;

/// <summary>One <c>UID.eml</c> per message in a directory per folder.</summary>
internal sealed class EmlWriter(string root) : IFormatWriter
{
    private readonly PathAllocator _places = new();

    public IFormatFolder Begin(FolderPath path, UidValidity uidValidity) => new Folder(root, _places.Below(path, ""));

    public void End(IReadOnlyList<FolderPath> subscribed)
    {
        // Only the sidecar keeps them.
    }

    private sealed class Folder : IFormatFolder
    {
        private readonly string _directory;
        private readonly LooseFile _file;

        public Folder(string root, string place)
        {
            Place = place;
            _directory = Path.Combine(root, place);
            PrivateFiles.CreateDirectory(_directory);
            _file = new LooseFile(Path.Combine(_directory, "message.part"));
        }

        public string Place { get; }

        public IByteSink Begin(DateTimeOffset? date) => _file.Begin();

        public WrittenMessage Commit(MessageSummary message, long size)
        {
            var name = $"{message.Uid:D10}.eml";
            _file.Commit(Path.Combine(_directory, name), message.InternalDate);
            return new WrittenMessage($"{Place}/{name}", null);
        }

        public void Abandon() => _file.Abandon();

        public long? End() => null;

        public void Dispose() => _file.Dispose();
    }
}
