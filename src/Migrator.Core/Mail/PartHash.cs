using System.Security.Cryptography;
using System.Text;

namespace Migrator.Core.Mail;

/// <summary>Hashes the content of one part: of a text what it says, of anything else its bytes.</summary>
internal sealed class PartHash : IDisposable
{
    private readonly TransferDecoder _transfer;
    private readonly NormalizedHash? _bytes;
    private readonly TextHash? _text;
    private long _length;

    public PartHash(MimeType type, string? encoding, string? disposition)
    {
        _transfer = new TransferDecoder(encoding);
        IsText = type.IsText && disposition?.StartsWith("attachment", StringComparison.OrdinalIgnoreCase) != true;
        if (IsText)
            _text = new TextHash(HeaderText.Charset(type.Charset), type.Name == "text/html");
        else
            _bytes = new NormalizedHash();
    }

    public bool IsText { get; }

    public void Append(ReadOnlySpan<byte> line, bool complete) => _transfer.Append(line, complete, Take);

    /// <returns>Null for nothing.</returns>
    public ContentId? Finish() =>
        _text is not null ? _text.Finish()
        : _length > 0 ? _bytes!.Finish()
        : null;

    public void Dispose()
    {
        _bytes?.Dispose();
        _text?.Dispose();
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        _bytes?.Append(bytes);
        _text?.Append(bytes);
    }
}
