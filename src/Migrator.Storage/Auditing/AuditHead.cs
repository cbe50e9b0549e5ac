using System.Globalization;
using System.Text;
using Migrator.Core.Files;

namespace Migrator.Storage.Auditing;

/// <summary>The last line of the trail, kept apart from it, so that lines that go missing at its end are missed.</summary>
internal sealed record AuditHead(long Sequence, string Hash)
{
    private const int Length = 86;

    /// <returns>Null where it is missing or says nothing.</returns>
    public static AuditHead? Read(string path)
    {
        string text;
        try
        {
            text = Encoding.ASCII.GetString(InputFile.ReadAll(path, InputFile.MostOfSecret));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        return
            text.Length == Length
            && text[20] == ' '
            && long.TryParse(text[..20], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? new AuditHead(sequence, text[21..85])
            : null;
    }

    /// <summary>In place, and always the same few bytes: that needs no room on the disk, and is not half done.</summary>
    public void Write(string path)
    {
        var bytes = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Sequence:D20} {Hash}\n"));
        using var file = PrivateFiles.OpenOrCreate(path, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        RandomAccess.Write(file.SafeFileHandle, bytes, 0);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }
}
