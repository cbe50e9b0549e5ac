using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Migrator.Core.Auditing;
using Migrator.Core.Migrations;
using Migrator.Core.Redaction;

namespace Migrator.Storage.Auditing;

/// <summary>One line of the trail: a JSON object in ASCII whose last member is the hash of all bytes before that member and the closing
/// brace (docs/audit.md).</summary>
/// <param name="Json">All of it.</param>
public sealed record AuditLine(
    long Sequence,
    DateTimeOffset Time,
    string Event,
    string Previous,
    string Hash,
    AuditCut? Cut,
    JsonElement Json
)
{
    /// <summary>Bytes of the longest line, its line end included.</summary>
    public const int Longest = 1 << 16;

    /// <summary>What is in place of the hash of a line before the first.</summary>
    public const string NoHash = "0000000000000000000000000000000000000000000000000000000000000000";

    // Anyone who chooses names must not fill the disk with one.
    private const int LongestText = 1000,
        MostParts = 40;

    private const int HashLength = 64;
    private static readonly byte[] s_hashBegins = ",\"hash\":\""u8.ToArray(),
        s_hashEnds = "\"}"u8.ToArray();

    /// <summary>Secrets are taken out. Names may hold anything: control characters, quotes and everything beyond ASCII are escaped, so that
    /// no name ends or forges a line.</summary>
    /// <returns>With its line end, and its hash.</returns>
    public static (byte[] Bytes, string Hash) Write(AuditEntry entry, long sequence, DateTimeOffset time, string previous)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            json.WriteNumber("seq", sequence);
            json.WriteString("time", time.UtcDateTime);
            json.WriteNumber("id", entry.Event.Id);
            json.WriteString("event", entry.Event.Name);
            Write(json, entry.Who);
            json.WriteStartObject("what");
            foreach (var (name, value) in entry.What.Take(MostParts))
                json.WriteString(name, Fit(value));
            json.WriteEndObject();
            json.WriteString("outcome", entry.Outcome);
            if (entry.Of is { } of)
                json.WriteNumber("of", of);
            Write(json, "detail", entry.Detail);
            if (entry.Cut is { } cut)
                Write(json, cut);
            json.WriteString("prev", previous);
            json.WriteEndObject();
        }
        var hash = Digest(bytes.WrittenSpan);
        return ([.. bytes.WrittenSpan[..^1], .. s_hashBegins, .. Encoding.ASCII.GetBytes(hash), .. s_hashEnds, (byte)'\n'], hash);
    }

    /// <param name="bytes">Without the line end.</param>
    /// <returns>Null where it is not a line of a trail, or not as it was written.</returns>
    public static AuditLine? Read(ReadOnlySpan<byte> bytes)
    {
        var body = bytes.Length - s_hashEnds.Length - HashLength - s_hashBegins.Length;
        if (body <= 0 || !bytes.EndsWith(s_hashEnds) || !bytes[body..].StartsWith(s_hashBegins))
            return null;
        var hash = Encoding.ASCII.GetString(bytes.Slice(body + s_hashBegins.Length, HashLength));
        if (Digest([.. bytes[..body], (byte)'}']) != hash)
            return null;
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray());
            var json = document.RootElement.Clone();
            return new AuditLine(
                json.GetProperty("seq").GetInt64(),
                json.GetProperty("time").GetDateTimeOffset(),
                json.GetProperty("event").GetString()!,
                json.GetProperty("prev").GetString()!,
                hash,
                ReadCut(json),
                json
            );
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>SHA-256 as lower-case hexadecimal digits.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static void Write(Utf8JsonWriter json, AuditActor who)
    {
        json.WriteStartObject("who");
        json.WriteString("kind", who.Kind);
        json.WriteString("name", Fit(who.Name));
        Write(json, "login", who.Login);
        Write(json, "role", who.Role);
        Write(json, "address", who.Address);
        Write(json, "host", who.Host);
        Write(json, "worker", who.Worker);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AuditCut cut)
    {
        json.WriteStartObject("cut");
        json.WriteNumber("octets", cut.Bytes);
        Write(json, "sha256", cut.Digest);
        if (cut.LostFrom > 0)
        {
            json.WriteNumber("lostFrom", cut.LostFrom);
            json.WriteNumber("lostTo", cut.LostTo);
            Write(json, "lostHash", cut.LostHash);
        }
        if (cut.HeadMissing)
            json.WriteBoolean("headMissing", true);
        json.WriteEndObject();
    }

    private static AuditCut? ReadCut(JsonElement json) =>
        !json.TryGetProperty("cut", out var cut)
            ? null
            : new AuditCut(
                cut.GetProperty("octets").GetInt64(),
                Text(cut, "sha256"),
                Number(cut, "lostFrom"),
                Number(cut, "lostTo"),
                Text(cut, "lostHash"),
                cut.TryGetProperty("headMissing", out var missing) && missing.GetBoolean()
            );

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static long Number(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetInt64() : 0;

    private static void Write(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, Fit(text));
    }

    /// <summary>Before it is shortened: half a secret would not be found.</summary>
    private static string Fit(string text)
    {
        text = SecretRedactor.Redact(text);
        if (text.Length <= LongestText)
            return text;
        return text[..(char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText)] + "…";
    }
}
