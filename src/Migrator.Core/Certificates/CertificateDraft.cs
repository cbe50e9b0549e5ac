using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Certificates;

/// <summary>Gathers what a verification sees of a mailbox, message by message and in any order, and writes it as a certificate. Memory does
/// not grow with the mailbox.</summary>
/// <remarks>Several folders may be compared at the same time.</remarks>
/// <param name="directory">Of files for the moment.</param>
public sealed class CertificateDraft(string directory) : IDisposable
{
    // Of what is to be shown to people.
    private const int MostListed = 1000;

    private const byte OfFolders = 0;
    private const byte OfExtras = 1;
    private const byte InFolder = 0;
    private const byte AfterFolder = 1;
    private const char FolderMark = '/';

    private readonly Lock _lock = new();
    private readonly SortedLines _lines = new(directory);
    private readonly Dictionary<FolderPath, CertifiedFolder> _folders = [];
    private readonly List<CertifiedMessage> _notable = [];

    /// <summary>What the servers call themselves.</summary>
    public (string? Source, string? Target) Servers { get; set; }

    /// <summary>The first messages that are not as they were sent, for people.</summary>
    public IReadOnlyList<CertifiedMessage> Notable =>
        [.. _notable.DistinctBy(message => (message.Folder, message.Uid)).OrderBy(message => message.State).ThenBy(message => message.Uid)];

    /// <summary>A message of the source. Where it is given a second time, the first one does not count.</summary>
    public void Add(CertifiedMessage message)
    {
        var line = CertificateFormat.Members(json => Write(json, message));
        lock (_lock)
        {
            _lines.Add(Key(OfFolders, message.Folder, InFolder, message.Uid), Counted($"message.{Code(message.State)}", line));
            if (message.State is not (CertifiedState.Identical or CertifiedState.Skipped) && _notable.Count < MostListed)
                _notable.Add(message);
        }
    }

    /// <summary>A folder of the source, once it is known what became of it.</summary>
    public void Add(CertifiedFolder folder)
    {
        lock (_lock)
            _folders[folder.Folder] = folder;
    }

    /// <summary>A message that only the target has.</summary>
    /// <param name="duplicate">A run has sent it a second time.</param>
    public void AddExtra(CertifiedCopy copy, bool duplicate)
    {
        var state = duplicate ? "duplicate" : "extra";
        var line = CertificateFormat.Members(json =>
        {
            json.WriteString("type", "extra");
            json.WriteString("state", state);
            Write(json, copy);
        });
        lock (_lock)
            _lines.Add(Key(OfExtras, copy.Folder, InFolder, copy.Uid!.Value), Counted($"extra.{state}", line));
    }

    /// <param name="report">Of the same comparison.</param>
    /// <exception cref="InvalidOperationException">The lines do not say what the report says.</exception>
    public WrittenCertificate Write(Stream file, CertifiedMailbox mailbox, VerifyReport report, string program)
    {
        var writer = new CertificateWriter(file);
        writer.Add(
            null,
            json =>
            {
                json.WriteString("type", "mailbox");
                json.WriteString("format", CertificateFormat.Name);
                json.WriteNumber("version", CertificateFormat.Version);
                Write(json, mailbox);
                json.WriteString("sourceServer", Servers.Source);
                json.WriteString("targetServer", Servers.Target);
                json.WriteString("started", CertificateFormat.Text(report.Started));
                json.WriteString("ended", CertificateFormat.Text(report.Finished));
                json.WriteString("program", program);
            }
        );
        foreach (var folder in _folders.Values)
            _lines.Add(Key(OfFolders, folder.Folder, AfterFolder), Encoding.UTF8.GetBytes($"{FolderMark}{folder.Folder}"));
        var byName = _folders.Values.ToDictionary(folder => folder.Folder.ToString());
        var dropped = _folders
            .Values.Where(folder => folder.State == CertifiedFolder.Failed)
            .Select(folder => Convert.ToHexString(Key(OfFolders, folder.Folder, InFolder)))
            .ToHashSet();
        var (messages, compared) = (0L, 0L);
        foreach (var (key, line) in _lines.Read())
        {
            if (line[0] == FolderMark)
            {
                var folder = byName[Encoding.UTF8.GetString(line.AsSpan(1))];
                Write(writer, folder, messages);
                compared += folder.State is CertifiedFolder.Compared or CertifiedFolder.Limited ? messages : 0;
                messages = 0;
                continue;
            }
            // What a folder showed before it failed proves nothing: its messages may have had other UIDs since.
            if (key[0] == OfFolders && dropped.Contains(Convert.ToHexString(key.AsSpan(0, key.Length - sizeof(uint)))))
                continue;
            messages += key[0] == OfFolders ? 1 : 0;
            var end = line.AsSpan().IndexOf((byte)' ');
            writer.Add(Encoding.ASCII.GetString(line.AsSpan(0, end)), line.AsSpan(end + 1));
        }
        var read = report.Folders.Sum(folder => folder.SourceMessages + folder.LeftOut);
        if (compared != read)
            throw new InvalidOperationException($"The comparison has {read} messages, and its lines have {compared}.");
        var identical =
            report.Identical
            && AllowsIdentical(writer.Counts)
            && _folders.Values.All(folder => folder.Target is null || folder.TargetExists);
        var (signed, root) = writer.End(
            json =>
            {
                json.WriteString("of", "mailbox");
                Write(json, mailbox);
                if (report.Stopped is { } stopped)
                    json.WriteString("stopped", stopped.Code);
                if (report.Shortfall is { } shortfall)
                    json.WriteString("shortfall", shortfall.Code);
            },
            identical
        );
        return new WrittenCertificate(signed, root, identical, writer.Counts);
    }

    public void Dispose() => _lines.Dispose();

    /// <summary>Whether lines of these kinds leave a mailbox identical.</summary>
    internal static bool AllowsIdentical(IReadOnlyDictionary<string, long> counts) =>
        !counts.Keys.Any(name =>
            name
                is "message.different"
                    or "message.trashed"
                    or "message.missing"
                    or "message.unreadable"
                    or "folder.limited"
                    or "folder.failed"
                    or "extra.duplicate"
        );

    private static string Code(CertifiedState state) => state.ToString().ToLowerInvariant();

    private static byte[] Counted(string count, byte[] line) => [.. Encoding.ASCII.GetBytes($"{count} "), .. line];

    /// <summary>Sorts as the certificate does.</summary>
    private static byte[] Key(byte group, FolderPath folder, byte place, Uid? uid = null)
    {
        byte[] key = [group, .. Encoding.UTF8.GetBytes(folder.ToString()), place];
        if (uid is not { } number)
            return key;
        var whole = new byte[key.Length + sizeof(uint)];
        key.CopyTo(whole, 0);
        BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(key.Length), number.Value);
        return whole;
    }

    private static void Write(CertificateWriter writer, CertifiedFolder folder, long messages) =>
        writer.Add(
            $"folder.{folder.State}",
            json =>
            {
                json.WriteString("type", "folder");
                json.WriteString("folder", folder.Folder.ToString());
                json.WriteNumber("uidValidity", folder.UidValidity.Value);
                json.WriteString("state", folder.State);
                if (folder.Reason is { } reason)
                    json.WriteString("reason", reason);
                json.WriteNumber("messages", messages);
                if (folder.Target is not { } target)
                    return;
                json.WriteStartObject("target");
                json.WriteString("folder", target.ToString());
                json.WriteNumber("uidValidity", folder.TargetUidValidity.Value);
                json.WriteBoolean("exists", folder.TargetExists);
                json.WriteEndObject();
            }
        );

    private static void Write(Utf8JsonWriter json, CertifiedMailbox mailbox)
    {
        json.WriteString("job", mailbox.Job);
        json.WriteString("mailbox", mailbox.Mailbox);
        json.WriteString("source", mailbox.Source);
        json.WriteString("target", mailbox.Target);
        json.WriteString("file", mailbox.File);
    }

    private static void Write(Utf8JsonWriter json, CertifiedMessage message)
    {
        json.WriteString("type", "message");
        json.WriteString("folder", message.Folder.ToString());
        json.WriteNumber("uidValidity", message.UidValidity.Value);
        json.WriteNumber("uid", message.Uid.Value);
        json.WriteString("state", Code(message.State));
        if (message.Differences.Count > 0)
        {
            json.WriteStartArray("differences");
            foreach (var difference in message.Differences)
                json.WriteStringValue(difference);
            json.WriteEndArray();
        }
        if (message.Reason is { } reason)
            json.WriteString("reason", reason.Code);
        if (message.Read is { } read)
        {
            Write(json, read);
            json.WriteNumber("size", read.Size);
        }
        if (message.Copy is { } copy)
            Write(json, copy);
    }

    private static void Write(Utf8JsonWriter json, CertifiedCopy copy)
    {
        json.WriteStartObject("target");
        json.WriteString("folder", copy.Folder.ToString());
        if (copy.Uid is { } uid)
            json.WriteNumber("uid", uid.Value);
        if (copy.Read is { } read)
            Write(json, read);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CertifiedContent read)
    {
        json.WriteString("sha256", read.Content.ToString());
        if (read.Flags is { } flags)
            json.WriteString("flags", flags.ToString());
        if (read.Date is { } date)
            json.WriteString("date", CertificateFormat.Text(date));
    }
}
