using System.Text.Json;

namespace Migrator.Core.Certificates;

/// <summary>Writes the lines of one certificate: numbers, checks, counts and the root.</summary>
public sealed class CertificateWriter(Stream file)
{
    private readonly MerkleTree _tree = new();
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private long _lines;

    /// <summary>How many lines there are of each kind.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <param name="count">What the line counts as; null for the first line.</param>
    public void Add(string? count, Action<Utf8JsonWriter> write) => Add(count, CertificateFormat.Members(write));

    /// <returns>The signed bytes, and the root.</returns>
    public (byte[] Signed, string Root) End(Action<Utf8JsonWriter> identity, bool identical)
    {
        var root = _tree.Root();
        var line = CertificateFormat.Line(
            _lines,
            CertificateFormat.Members(json =>
            {
                json.WriteString("type", "end");
                identity(json);
                json.WriteStartObject("counts");
                foreach (var (name, count) in _counts)
                    json.WriteNumber(name, count);
                json.WriteEndObject();
                json.WriteString("verdict", identical ? CertificateFormat.Identical : CertificateFormat.NotIdentical);
                json.WriteString("root", root);
            })
        );
        Write(line);
        return (line, root);
    }

    internal void Add(string? count, ReadOnlySpan<byte> members)
    {
        var line = CertificateFormat.Line(_lines++, members);
        _tree.Add(line);
        if (count is not null)
            _counts[count] = _counts.GetValueOrDefault(count) + 1;
        Write(line);
    }

    private void Write(byte[] line)
    {
        file.Write(line);
        file.WriteByte((byte)'\n');
    }
}
