using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Migrator.Core.Certificates;

/// <summary>What writer and reader of certificates share: docs/certificate.md.</summary>
public static class CertificateFormat
{
    public const string Name = "migrator-certificate";
    public const int Version = 1;

    /// <summary>Bytes of the longest line.</summary>
    public const int LongestLine = 1 << 20;

    public const string Identical = "identical";
    public const string NotIdentical = "not identical";

    internal const int CheckBytes = 8;

    internal static ReadOnlySpan<byte> BeforeCheck => ",\"check\":\""u8;

    internal static ReadOnlySpan<byte> AfterCheck => "\"}"u8;

    /// <summary>The order of names in a certificate.</summary>
    internal static readonly Comparer<byte[]> ByBytes = Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other));

    internal static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The members of an object, without the braces.</summary>
    internal static byte[] Members(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return buffer.ToArray()[1..^1];
    }

    internal static byte[] Line(long number, ReadOnlySpan<byte> members)
    {
        byte[] open = [.. Encoding.ASCII.GetBytes($"{{\"n\":{number},"), .. members];
        return [.. open, .. BeforeCheck, .. Encoding.ASCII.GetBytes(Check(open)), .. AfterCheck];
    }

    internal static string Check(ReadOnlySpan<byte> open) => Convert.ToHexStringLower(SHA256.HashData(open).AsSpan(0, CheckBytes));
}
