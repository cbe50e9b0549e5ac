using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Migrator.Core.Mail;

namespace Migrator.Core.Certificates;

/// <summary>What a certificate says of the messages at the target, in the order of folders and UIDs there.</summary>
/// <param name="directory">Of files for the moment.</param>
public sealed class CertifiedTarget(string directory) : IDisposable
{
    private readonly SortedLines _lines = new(directory);
    private readonly Dictionary<FolderPath, UidValidity> _folders = [];

    /// <summary>Messages of which the certificate does not say which copy is theirs.</summary>
    public long Unknown { get; private set; }

    /// <summary>UIDVALIDITY of each folder that was compared.</summary>
    public IReadOnlyDictionary<FolderPath, UidValidity> Folders => _folders;

    /// <param name="line">Of the certificate, as it was written.</param>
    /// <exception cref="FormatException">It has not the form of one.</exception>
    public void Add(JsonElement line)
    {
        if (!line.TryGetProperty("target", out var target) || target.ValueKind != JsonValueKind.Object)
            return;
        var folder = FolderPath.Parse(target.GetProperty("folder").GetString()!);
        if (line.GetProperty("type").GetString() == "folder")
        {
            _folders[folder] = target.GetProperty("uidValidity").GetUInt32();
            return;
        }
        if (!target.TryGetProperty("uid", out var uid))
        {
            Unknown++;
            return;
        }
        byte[] name = Encoding.UTF8.GetBytes(folder.ToString());
        var key = new byte[name.Length + 1 + sizeof(uint)];
        name.CopyTo(key, 0);
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(name.Length + 1), uid.GetUInt32());
        _lines.Add(key, Encoding.UTF8.GetBytes(line.GetRawText()));
    }

    public IEnumerable<(FolderPath Folder, Uid Uid, CertifiedContent Read)> Messages()
    {
        foreach (var (_, text) in _lines.Read())
        {
            using var document = JsonDocument.Parse(text);
            var (line, target) = (document.RootElement, document.RootElement.GetProperty("target"));
            // Of one that is in the trash as well, the certificate has the hash of the source alone, which is the same.
            var hash = target.TryGetProperty("sha256", out var own) ? own : line.GetProperty("sha256");
            yield return (
                FolderPath.Parse(target.GetProperty("folder").GetString()!),
                target.GetProperty("uid").GetUInt32(),
                new CertifiedContent(
                    new ContentId(Convert.FromHexString(hash.GetString()!)),
                    0,
                    target.TryGetProperty("flags", out var flags) ? FlagSet.Parse(flags.GetString()!) : null,
                    target.TryGetProperty("date", out var date)
                        ? DateTimeOffset.Parse(date.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
                        : null
                )
            );
        }
    }

    public void Dispose() => _lines.Dispose();
}
