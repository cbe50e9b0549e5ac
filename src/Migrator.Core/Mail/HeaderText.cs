using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Core.Mail;

/// <summary>What header fields say, in one form for all the forms that it can be written in.</summary>
internal static partial class HeaderText
{
    private static readonly Dictionary<string, int> s_zones = new(StringComparer.OrdinalIgnoreCase)
    {
        ["EDT"] = -4,
        ["EST"] = -5,
        ["CDT"] = -5,
        ["CST"] = -6,
        ["MDT"] = -6,
        ["MST"] = -7,
        ["PDT"] = -7,
        ["PST"] = -8,
    };

    private static readonly string[] s_months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".Split(' ');

    public static ContentId? Id(string? field) => Hash(field is null ? "" : Blanks().Replace(field, ""));

    /// <summary>Encoded words (RFC 2047) as what they stand for, without white space.</summary>
    public static ContentId? Words(string? field)
    {
        if (field is null)
            return null;
        var (text, position, bytes, charset) = (new StringBuilder(), 0, new List<byte>(), (string?)null);
        foreach (Match word in EncodedWord().Matches(field))
        {
            // White space between two encoded words is none; a letter may be split between them.
            if (!string.IsNullOrWhiteSpace(field[position..word.Index]) || charset != word.Groups[1].Value)
                EndWord();
            Plain(field[position..word.Index]);
            charset = word.Groups[1].Value;
            bytes.AddRange(word.Groups[2].Value is "b" or "B" ? Base64(word.Groups[3].Value) : Quoted(word.Groups[3].Value));
            position = word.Index + word.Length;
        }
        EndWord();
        Plain(field[position..]);
        return Hash(Blanks().Replace(text.ToString(), ""));

        void Plain(string letters) => text.Append(Latin1Fallback.Utf8.GetString(Encoding.Latin1.GetBytes(letters)));

        void EndWord()
        {
            if (bytes.Count > 0)
                text.Append(Charset(charset?.Split('*')[0]).GetString([.. bytes]));
            bytes.Clear();
        }
    }

    /// <summary>The addresses of a list, in one order, without the names of people: those are quoted and encoded at will.</summary>
    public static ContentId? Addresses(string? field) =>
        field is null
            ? null
            : Hash(
                string.Join(
                    ' ',
                    Address()
                        .Matches(Unsaid().Replace(field, " "))
                        .Select(address => address.Value.ToLowerInvariant())
                        .Distinct()
                        .Order(StringComparer.Ordinal)
                )
            );

    /// <returns>Null for what is no date.</returns>
    public static DateTimeOffset? Date(string? field)
    {
        if (field is null || Moment().Match(Unsaid().Replace(field, " ")) is not { Success: true } moment)
            return null;
        var month = Array.FindIndex(s_months, name => name.Equals(moment.Groups[2].Value, StringComparison.OrdinalIgnoreCase)) + 1;
        var year = Number(3);
        if (moment.Groups[3].Length < 4)
            year += year < 50 ? 2000 : 1900;
        var zone = moment.Groups[7].Value;
        var offset = zone is ['+' or '-', ..]
            ? new TimeSpan(
                int.Parse(zone.AsSpan(1, 2), CultureInfo.InvariantCulture),
                int.Parse(zone.AsSpan(3), CultureInfo.InvariantCulture),
                0
            ) * (zone[0] == '-' ? -1 : 1)
            : TimeSpan.FromHours(s_zones.GetValueOrDefault(zone));
        try
        {
            return new DateTimeOffset(new DateTime(year, month, Number(1), Number(4), Number(5), Number(6)) - offset, TimeSpan.Zero);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }

        int Number(int group) =>
            int.TryParse(moment.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    /// <returns>UTF-8 for one that is not known.</returns>
    public static Encoding Charset(string? name)
    {
        if (name is null || name.ToLowerInvariant() is "us-ascii" or "ascii" or "utf-8" or "utf8" or "unknown-8bit")
            return Latin1Fallback.Utf8;
        // Browsers and mail programs read Latin-1 as what Windows made of it.
        if (name.Equals("iso-8859-1", StringComparison.OrdinalIgnoreCase))
            name = "windows-1252";
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return Latin1Fallback.Utf8;
        }
    }

    private static byte[] Base64(string text)
    {
        var decoded = new List<byte>();
        new TransferDecoder("base64").Append(Encoding.Latin1.GetBytes(text), complete: true, bytes => decoded.AddRange(bytes));
        return [.. decoded];
    }

    private static byte[] Quoted(string text)
    {
        var decoded = new List<byte>();
        new TransferDecoder("quoted-printable").Append(
            Encoding.Latin1.GetBytes(text.Replace('_', ' ')),
            complete: false,
            bytes => decoded.AddRange(bytes)
        );
        return [.. decoded];
    }

    private static ContentId? Hash(string text) => text.Length == 0 ? null : new ContentId(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex(@"[\s\p{Cc}]+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")]
    private static partial Regex EncodedWord();

    /// <summary>Quoted names and comments.</summary>
    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""(?!@)|\([^()]*\)")]
    private static partial Regex Unsaid();

    [GeneratedRegex(@"[^\s<>,;:""()]{1,200}@[^\s<>,;""()]+")]
    private static partial Regex Address();

    [GeneratedRegex(@"(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{2,4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([+-]\d{4}|[A-Za-z]*)")]
    private static partial Regex Moment();
}
