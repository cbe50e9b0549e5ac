using System.Text.Json;
using Migrator.Core.Files;
using Migrator.Core.Mail;

namespace Migrator.Files.Manifest;

/// <summary>Collects the lines of the sidecar while messages are written, and puts it in place at the end.</summary>
internal sealed class ExportManifestWriter(string root, FileFormat format, DateTimeOffset written) : IDisposable
{
    private readonly FileStream _lines = PrivateFiles.Create(
        Path.Combine(root, ExportManifest.Unfinished),
        FileAccess.ReadWrite,
        FileShare.Read,
        1 << 16
    );
    private readonly List<ExportManifestFolder> _folders = [];

    public void Add(ExportManifestMessage message) => WriteLine(_lines, message);

    public void Add(ExportManifestFolder folder) => _folders.Add(folder);

    /// <summary>Makes everything durable, and only then the export complete: the other way round, a power cut could leave an
    /// export that says it is whole, with files that are empty.</summary>
    public void Complete()
    {
        _lines.Flush();
        Durability.Flush(root, _lines.SafeFileHandle);
        var part = Path.Combine(root, ExportManifest.Part);
        using (var sidecar = PrivateFiles.Create(part, bufferSize: 1 << 16))
        {
            WriteLine(sidecar, new ExportManifestHeader(ExportManifest.Version, format.ToString().ToLowerInvariant(), written, _folders));
            _lines.Position = 0;
            _lines.CopyTo(sidecar);
            sidecar.Flush(flushToDisk: true);
        }
        File.Move(part, Path.Combine(root, ExportManifest.File));
        _lines.Dispose();
        File.Delete(Path.Combine(root, ExportManifest.Unfinished));
    }

    public void Dispose() => _lines.Dispose();

    public static string? Name(SpecialUse use) => use == SpecialUse.None ? null : use.ToString().ToLowerInvariant();

    private static void WriteLine<T>(FileStream to, T line)
    {
        to.Write(JsonSerializer.SerializeToUtf8Bytes(line, ExportManifest.Json<T>()));
        to.WriteByte((byte)'\n');
    }
}
