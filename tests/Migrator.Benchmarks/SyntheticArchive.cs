using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Migrator.App.Formatting;

namespace Migrator.Benchmarks;

/// <summary>Writes a plain archive with many mailboxes and nights, by docs/archive-format.md alone: through the product it would take
/// hours. Up to the last nights it is as a prune leaves it, with full packs; of those, each mailbox has small packs for each
/// night.</summary>
/// <param name="put">Stores a blob.</param>
internal sealed class SyntheticArchive(int mailboxes, int nights, int messagesANight, int unmergedNights, Action<string, byte[]> put)
{
    private const int FullPack = 48 << 20,
        FullObjects = 4096,
        FullIndex = 2 << 20,
        FullPage = 1024;

    private readonly List<(string Mailbox, string Directory, List<Page> Pages, string? Previous, long Bytes)> _boxes = [];
    private readonly List<byte[]> _index = [];
    private int _indexLength;

    /// <param name="Entries">Of the identity page: one for each message, without its UID.</param>
    private sealed record Page(List<(uint Uid, byte[] Record)> Entries, string Identity, string Flags);

    public long Messages => (long)mailboxes * nights * messagesANight;

    public static string Mailbox(int number) => $"imap://user{number}@mail.example";

    /// <param name="controlStore">Takes the mark of the side.</param>
    /// <param name="last">The moment of the last night.</param>
    public void Write(Action<string, byte[]> controlStore, DateTimeOffset last)
    {
        var (id, place) = (Guid.NewGuid(), Guid.NewGuid());
        var format = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                format = "migrator-archive",
                version = 1,
                id,
                created = last.AddDays(-nights),
                encryption = "none",
                immutableDays = 0,
                side = place,
            }
        );
        put($"format/{Hex(format)}.json", format);
        controlStore($"side/{place:n}", JsonSerializer.SerializeToUtf8Bytes(new { archive = id }));
        for (var number = 0; number < mailboxes; number++)
            _boxes.Add((Mailbox(number), Hex(Encoding.UTF8.GetBytes(Mailbox(number)))[..32], [], null, 0));
        var (mail, pages, headers) = (
            new Pack(this, "MIGRPACK", "packs/"),
            new Pack(this, "MIGRPAGE", "pages/"),
            new Pack(this, "MIGRHEAD", "headers/")
        );
        for (var night = 0; night < nights; night++)
        {
            var time = last.AddDays(night + 1 - nights);
            var isMerged = night < nights - unmergedNights;
            for (var box = 0; box < mailboxes; box++)
            {
                WriteNight(box, night, time.AddSeconds(box), mail, pages, headers);
                foreach (var pack in new[] { mail, pages, headers }.Where(pack => !isMerged || pack.IsFull))
                    pack.End(time);
            }
        }
        foreach (var pack in new[] { mail, pages, headers })
            pack.End(last);
        EndIndex();
    }

    private void WriteNight(int number, int night, DateTimeOffset time, Pack mail, Pack pages, Pack headers)
    {
        var (mailbox, directory, known, previous, bytes) = _boxes[number];
        var (added, records) = (new List<(uint, byte[])>(), new MemoryStream());
        for (var place = 0; place < messagesANight; place++)
        {
            var uid = (uint)((night * messagesANight) + place + 1);
            var message = Encoding.ASCII.GetBytes(
                $"From: person{uid % 100}@example.org\r\nSubject: Number {uid} of {number}\r\n"
                    + $"Message-ID: <{uid}.{number}@example.org>\r\n\r\nWords of message {uid} in mailbox {number}.\r\n"
            );
            var id = mail.Add(message);
            using var entry = new MemoryStream();
            using var writer = new BinaryWriter(entry);
            writer.Write(id);
            writer.Write7BitEncodedInt64(message.Length);
            writer.Write(time.ToUnixTimeSeconds());
            writer.Write((short)0);
            writer.Write((byte)0);
            added.Add((uid, entry.ToArray()));
            bytes += message.Length;
            WriteRecord(records, id, message);
        }
        headers.Add(records.ToArray());
        AddPage(known, added, pages);
        var folder = new
        {
            path = "INBOX",
            use = "inbox",
            selectable = true,
            subscribed = true,
            state = new
            {
                uidValidity = 1,
                uidNext = ((night + 1) * messagesANight) + 1,
                highestModSeq = night + 2,
                count = (night + 1) * messagesANight,
            },
            count = (night + 1) * messagesANight,
            bytes,
            pages = known.Select(page => new
            {
                identity = page.Identity,
                flags = page.Flags,
                lastUid = page.Entries[^1].Uid,
                count = page.Entries.Count,
            }),
        };
        var snapshot = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                version = 1,
                mailbox,
                sequence = night + 1,
                started = time,
                finished = time,
                state = "complete",
                previous,
                gaps = Array.Empty<int>(),
                folders = new[] { folder },
                keys = Array.Empty<string>(),
            }
        );
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"snapshots/{directory}/{night + 1:D10}-{time.UtcDateTime:yyyyMMdd't'HHmmssfff'z'}-c-{Hex(snapshot)[..16]}"
        );
        put(name, Sealed("MIGRSNAP", snapshot));
        _boxes[number] = (mailbox, directory, known, name, bytes);
    }

    /// <summary>Joined as the product joins them: a page with a later one that is half as large or more.</summary>
    private static void AddPage(List<Page> known, List<(uint Uid, byte[] Record)> added, Pack pages)
    {
        var entries = added;
        while (known.Count > 0 && known[^1].Entries.Count <= 2 * entries.Count && known[^1].Entries.Count + entries.Count <= FullPage)
        {
            entries = [.. known[^1].Entries, .. entries];
            known.RemoveAt(known.Count - 1);
        }
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        var before = 0u;
        foreach (var (uid, record) in entries)
        {
            writer.Write7BitEncodedInt64(uid - before);
            writer.Write(record);
            before = uid;
        }
        // One set of flags, the empty one.
        byte[] flags = [1, 0, .. new byte[entries.Count]];
        known.Add(new Page(entries, Convert.ToHexStringLower(pages.Add(bytes.ToArray())), Convert.ToHexStringLower(pages.Add(flags))));
    }

    private static void WriteRecord(MemoryStream records, byte[] id, byte[] message)
    {
        using var writer = new BinaryWriter(records, Encoding.ASCII, leaveOpen: true);
        var fields = Encoding.ASCII.GetString(message).Split("\r\n\r\n")[0].Split("\r\n").Select(line => line.Split(':', 2)).ToList();
        writer.Write(id);
        writer.Write7BitEncodedInt64(message.Length);
        writer.Write((byte)0);
        writer.Write7BitEncodedInt(fields.Count);
        foreach (var field in fields)
        {
            writer.Write(
                (byte)(
                    field[0] == "From" ? 1
                    : field[0] == "Subject" ? 7
                    : 9
                )
            );
            writer.Write7BitEncodedInt(field[1].Length);
            writer.Write(Encoding.ASCII.GetBytes(field[1]));
        }
    }

    private void Index(byte[] pack)
    {
        if (_indexLength + pack.Length > FullIndex)
            EndIndex();
        _index.Add(pack);
        _indexLength += pack.Length;
    }

    private void EndIndex()
    {
        if (_index.Count == 0)
            return;
        byte[] bytes = [.. RandomNumberGenerator.GetBytes(16), 0, 0, 0, 0, .. _index.SelectMany(pack => pack)];
        put($"index/{Hex(bytes)}", Sealed("MIGRINDX", bytes));
        _index.Clear();
        _indexLength = 0;
    }

    private void Put(string name, byte[] bytes) => put(name, bytes);

    private static byte[] Header(string magic) => [.. Encoding.ASCII.GetBytes(magic), 0, 0, 0, 0, .. RandomNumberGenerator.GetBytes(32)];

    private static byte[] Sealed(string magic, byte[] content)
    {
        using var blob = new MemoryStream();
        blob.Write(Header(magic));
        Segments(blob, content);
        var bytes = blob.ToArray();
        return [.. bytes, .. SHA256.HashData(bytes)];
    }

    private static void Segments(MemoryStream blob, byte[] content)
    {
        const int most = 1 << 20;
        Span<byte> header = stackalloc byte[8];
        for (var start = 0; ; start += most)
        {
            var length = Math.Min(most, content.Length - start);
            BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)length | (length < most ? 1u << 31 : 0));
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)length);
            blob.Write(header);
            blob.Write(content, start, length);
            if (length < most)
                return;
        }
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed class Pack(SyntheticArchive archive, string magic, string prefix)
    {
        private readonly MemoryStream _blob = new(),
            _footer = new();
        private readonly HashSet<Int128> _known = [];
        private byte[] _stamp = [];

        // As of messages of 12 KB, of which so many would not fit onto this disk.
        public bool IsFull => _blob.Length >= FullPack || _footer.Length >= FullObjects * 56;

        /// <returns>Its id.</returns>
        public byte[] Add(byte[] content)
        {
            var id = SHA256.HashData(content);
            // Flags pages are alike in all mailboxes.
            if (prefix == "pages/" && !_known.Add(BinaryPrimitives.ReadInt128LittleEndian(id)))
                return id;
            if (_blob.Length == 0)
            {
                var header = Header(magic);
                _stamp = header[8..];
                _blob.Write(header);
            }
            var offset = _blob.Length;
            Segments(_blob, content);
            Span<byte> entry = stackalloc byte[56];
            id.CopyTo(entry);
            BinaryPrimitives.WriteInt64LittleEndian(entry[32..], offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[40..], _blob.Length - offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[48..], content.Length);
            _footer.Write(entry);
            return id;
        }

        public void End(DateTimeOffset time)
        {
            if (_blob.Length == 0)
                return;
            var (footer, offset) = (_footer.ToArray(), _blob.Length);
            Segments(_blob, footer);
            Span<byte> number = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(number, offset);
            _blob.Write(number);
            _blob.Write(_stamp);
            _blob.Write("MIGREND1"u8);
            var bytes = _blob.ToArray();
            var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}{time.UtcDateTime:yyyyMM}/{Hex(bytes)}");
            archive.Put(name, bytes);
            using var listed = new MemoryStream();
            using var writer = new BinaryWriter(listed);
            writer.Write((ushort)name.Length);
            writer.Write(Encoding.ASCII.GetBytes(name));
            writer.Write((long)bytes.Length);
            writer.Write(footer.Length / 56);
            writer.Write(footer);
            archive.Index(listed.ToArray());
            _blob.SetLength(0);
            _footer.SetLength(0);
        }
    }
}
