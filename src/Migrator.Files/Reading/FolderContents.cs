using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Files.Disk;
using Migrator.Files.Manifest;
using Migrator.Files.Messages;

namespace Migrator.Files.Reading;

/// <summary>Which messages are in a folder of files, and their UIDs: those of the sidecar first, then what was put there
/// by others.</summary>
internal sealed class FolderContents
{
    private readonly List<Slot> _slots;

    private FolderContents(string place, List<Slot> slots, UidValidity validity) => (Place, _slots, Validity) = (place, slots, validity);

    /// <param name="File">Null where an exported message is not found any more.</param>
    /// <param name="Offset">Of the message in its file, or of its line in the sidecar.</param>
    /// <param name="Length">Likewise.</param>
    public readonly record struct Slot(
        Uid Uid,
        bool IsExported,
        string? File,
        long Offset,
        long Length,
        FileStamp Stamp = default,
        MessageForm Form = MessageForm.Plain
    )
    {
        public FoundMessage Found => new(File!, Offset, Length, Stamp, Form);

        public ExportManifestIndex.Line Line => new(Uid, Offset, (int)Length);
    }

    public string Place { get; }

    public UidValidity Validity { get; }

    /// <summary>The files of the messages that no sidecar knows.</summary>
    public IEnumerable<(string File, FileStamp Stamp)> Others =>
        _slots.Where(slot => !slot.IsExported).Select(slot => (slot.File!, slot.Stamp)).Distinct();

    public FolderState State => new(Validity, _slots.Count == 0 ? 1 : _slots[^1].Uid.Next, 0, _slots.Count);

    public static FolderContents Read(
        string root,
        IFormatReader reader,
        string place,
        ExportManifestIndex? index,
        ExportManifestFolder? exported,
        CancellationToken cancellationToken
    )
    {
        var slots = new List<Slot>();
        List<FoundMessage> others;
        if (index is null || exported is null)
        {
            others = reader.Scan(place, 0, cancellationToken);
        }
        else if (reader.IsMbox)
        {
            // What was exported is where the sidecar says, or is said to have changed when it is read; only what was added is looked for.
            var file = new FileInfo(Path.Combine(root, place));
            slots.AddRange(index.Lines(exported).Select(line => new Slot(line.Uid, true, place, line.At, line.Length)));
            others = file.Exists && file.Length > exported.Bytes ? reader.Scan(place, exported.Bytes.Value, cancellationToken) : [];
        }
        else
        {
            others = reader.Scan(place, 0, cancellationToken);
            var files = new Dictionary<string, string>();
            foreach (var other in others)
                files.TryAdd(reader.Key(other with { Stamp = default }), other.File);
            var lines = index.Lines(exported);
            foreach (var (line, message) in lines.Zip(index.Read(lines)))
            {
                files.Remove(reader.Key(new FoundMessage(message.File, 0, -1)), out var file);
                slots.Add(new Slot(line.Uid, true, file, line.At, line.Length));
            }
            var exportedFiles = slots.Select(slot => slot.File).ToHashSet();
            others = [.. others.Where(other => !exportedFiles.Contains(other.File))];
        }
        var validity =
            others.Count > 0 ? Fingerprint(reader, exported?.UidValidity ?? default, others)
            : exported?.UidValidity is { IsKnown: true } known ? known
            : new UidValidity(1);
        var uid = slots.Count == 0 ? default : slots[^1].Uid;
        if (uid.Value + (long)others.Count > uint.MaxValue)
            throw new MailException(
                Reason.FilesUnreadable,
                $"{Path.Combine(root, ExportManifest.File)}: the UIDs in it leave no room for the messages that were added."
            );
        slots.AddRange(
            others.Select(other => new Slot(uid = uid.Next, false, other.File, other.Offset, other.Length, other.Stamp, other.Form))
        );
        return new FolderContents(place, slots, validity);
    }

    public UidSet Uids(Uid from) => UidSet.Of(_slots.Where(slot => slot.Uid >= from).Select(slot => slot.Uid));

    /// <summary>Of these messages those that are there, ascending.</summary>
    public IEnumerable<Slot> Find(IEnumerable<Uid> uids)
    {
        foreach (var uid in uids.Distinct().Order())
        {
            var (low, high) = (0, _slots.Count - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_slots[middle].Uid < uid)
                    low = middle + 1;
                else
                    high = middle;
            }
            if (low < _slots.Count && _slots[low].Uid == uid)
                yield return _slots[low];
        }
    }

    /// <summary>Files of other programs keep no UIDs: theirs are numbers in a row, which mean other messages as soon as one is
    /// removed. So UIDVALIDITY says which row it is. A constant one would make a second run take a new message for one that
    /// it delivered, and leave it out.</summary>
    private static UidValidity Fingerprint(IFormatReader reader, UidValidity exported, List<FoundMessage> others)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> numbers = stackalloc byte[20];
        foreach (var other in others)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(numbers, exported.Value);
            BinaryPrimitives.WriteInt64LittleEndian(numbers[4..], other.Offset);
            BinaryPrimitives.WriteInt64LittleEndian(numbers[12..], other.Length);
            hash.AppendData(numbers);
            hash.AppendData(Encoding.UTF8.GetBytes(reader.Key(other)));
        }
        return BinaryPrimitives.ReadUInt32LittleEndian(hash.GetHashAndReset()) | 1;
    }
}
