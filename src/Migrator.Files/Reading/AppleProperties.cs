using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;

namespace Migrator.Files.Reading;

/// <summary>The property list that Apple Mail keeps behind a message in a file of its own (.emlx).</summary>
/// <param name="Received">Null where it does not say.</param>
internal sealed partial record AppleProperties(FlagSet Flags, DateTimeOffset? Received)
{
    public static AppleProperties Parse(ReadOnlySpan<byte> list)
    {
        var text = Encoding.UTF8.GetString(list);
        var bits = Number(text, "flags") ?? 0;
        return new AppleProperties(
            new FlagSet([
                (bits & 1) != 0 ? "\\Seen" : "",
                (bits & 2) != 0 ? "\\Deleted" : "",
                (bits & 4) != 0 ? "\\Answered" : "",
                (bits & 0x10) != 0 ? "\\Flagged" : "",
                (bits & 0x40) != 0 ? "\\Draft" : "",
                (bits & 0x100) != 0 ? "$Forwarded" : "",
            ]),
            Number(text, "date-received") is { } seconds and > 0 and < uint.MaxValue ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null
        );
    }

    private static long? Number(string text, string key)
    {
        foreach (Match match in Entry().Matches(text))
        {
            if (
                match.Groups["key"].Value == key
                && decimal.TryParse(match.Groups["number"].Value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
                && number is >= 0 and <= long.MaxValue
            )
                return (long)number;
        }
        return null;
    }

    [GeneratedRegex(
        @"<key>(?<key>[a-z-]{1,40})</key>\s*<(?:integer|real)>(?<number>[0-9.]{1,20})</(?:integer|real)>",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Entry();
}
