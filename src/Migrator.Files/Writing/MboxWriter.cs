using System.Globalization;
using System.Text;
using Migrator.Core.Files;
using Migrator.Core.Mail;
using Migrator.Files.Bytes;
using Migrator.Files.Mbox;
using Migrator.Files.Names;

namespace Migrator.Files.Writing;

/// <summary>One mbox per folder.</summary>
internal sealed class MboxWriter(string root) : IFormatWriter
{
    private readonly PathAllocator _places = new();

    public IFormatFolder Begin(FolderPath path, UidValidity uidValidity) => new Folder(root, _places.Below(path, ".sbd"));

    public void End(IReadOnlyList<FolderPath> subscribed)
    {
        // An mbox has nowhere to keep them.
    }

    private sealed class Folder : IFormatFolder, IByteSink
    {
        private const string Separator = $"From {Separators.OwnSender} ";

        private readonly FileStream _file;
        private long _start;
        private DateTimeOffset _date;
        private byte _last;

        public Folder(string root, string place)
        {
            Place = place;
            var path = Path.Combine(root, place);
            PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
            _file = PrivateFiles.Create(path, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
        }

        public string Place { get; }

        public IByteSink Begin(DateTimeOffset? date)
        {
            // A source may say only at the end of a message which one it was: its date is put in then, all dates being equally long.
            _date = date ?? DateTimeOffset.UnixEpoch;
            _start = _file.Position;
            _last = (byte)'\n';
            _file.Write(Encoding.ASCII.GetBytes($"{Separator}{Text(_date)}\n"));
            return new MboxQuoting(this, unquote: false);
        }

        public WrittenMessage Commit(MessageSummary message, long size)
        {
            // Even where the message ends with CRLF these are LF: the separator line is not part of the mail.
            _file.Write(_last == '\n' ? "\n"u8 : "\n\n"u8);
            if (message.InternalDate.ToUniversalTime() != _date.ToUniversalTime())
            {
                var end = _file.Position;
                _file.Position = _start + Separator.Length;
                _file.Write(Encoding.ASCII.GetBytes(Text(message.InternalDate)));
                _file.Position = end;
            }
            return new WrittenMessage(Place, _start);
        }

        public void Abandon()
        {
            _file.SetLength(_start);
            _file.Position = _start;
        }

        public long? End()
        {
            _file.Flush();
            return _file.Length;
        }

        public void Dispose() => _file.Dispose();

        void IByteSink.Write(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length == 0)
                return;
            _last = bytes[^1];
            _file.Write(bytes);
        }

        void IByteSink.End() { }

        // As asctime of C writes it, in UTC.
        private static string Text(DateTimeOffset date)
        {
            var utc = date.ToUniversalTime();
            return string.Create(CultureInfo.InvariantCulture, $"{utc:ddd MMM} {utc.Day, 2} {utc:HH:mm:ss yyyy}");
        }
    }
}
