using System.Text;

namespace Migrator.Core.Mail;

/// <summary>The fields of one header that tell which message it is, and how its body is to be read; without those of an unbelievable
/// length.</summary>
internal sealed class HeaderFields
{
    private const int MostLetters = 16_384;

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly StringBuilder _field = new();

    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        "Message-ID",
        "Date",
        "From",
        "To",
        "Subject",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
    };

    public string? MessageId => _values.GetValueOrDefault("Message-ID");

    public string? Date => _values.GetValueOrDefault("Date");

    public string? From => _values.GetValueOrDefault("From");

    public string? To => _values.GetValueOrDefault("To");

    public string? Subject => _values.GetValueOrDefault("Subject");

    public string? ContentType => _values.GetValueOrDefault("Content-Type");

    public string? TransferEncoding => _values.GetValueOrDefault("Content-Transfer-Encoding");

    public string? Disposition => _values.GetValueOrDefault("Content-Disposition");

    /// <param name="line">Without its end.</param>
    /// <param name="continues">The rest of a line that was too long to be taken at once.</param>
    public void Append(ReadOnlySpan<byte> line, bool continues)
    {
        if (!continues && line[0] is not ((byte)' ' or (byte)'\t'))
            End();
        // A list that is cut somewhere is not comparable to the same list in other lines.
        if (_field.Length <= MostLetters)
            _field.Append(Encoding.Latin1.GetString(line));
    }

    /// <summary>The header has ended.</summary>
    public void End()
    {
        var field = _field.ToString();
        _field.Clear();
        if (
            field.Length <= MostLetters
            && field.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
            && s_names.Contains(field[..colon].TrimEnd())
        )
            _values.TryAdd(field[..colon].TrimEnd(), field[(colon + 1)..].Trim());
    }
}
