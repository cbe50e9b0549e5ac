using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Tests.Fuzzing;

/// <summary>Names of folders as servers write them (modified UTF-7).</summary>
internal sealed class FolderNameTarget : FuzzTarget
{
    public override string Name => "folder-name";

    public override IReadOnlyList<byte[]> Inputs { get; } =
    [.. new[] { "INBOX", "Entw&APw-rfe", "&Jjo-&Jjo-", "R&D", "&-&-", "&2D3cqA-", "a/&AAA-/b", "&Jjo" }.Select(Encoding.Latin1.GetBytes)];

    public override IReadOnlyList<string> Tokens { get; } = ["&", "&-", "-", ",", "=", "&AA", "&2D0-", "&3Kg-", "&AG8-", "/", "&Jjo-"];

    public override Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        // No server's name that is longer is read (docs/security.md).
        var name = Encoding.Latin1.GetString(input, 0, Math.Min(input.Length, 4096));
        var decoded = ModifiedUtf7.Decode(name);
        if (ModifiedUtf7.Decode(ModifiedUtf7.Encode(decoded)) != decoded && !decoded.Contains('\0'))
            throw new InvalidDataException("A name does not come back.");
        WasRead = true;
        return Task.CompletedTask;
    }
}
