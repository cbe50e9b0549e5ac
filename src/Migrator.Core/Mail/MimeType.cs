using System.Text.RegularExpressions;

namespace Migrator.Core.Mail;

/// <summary>What Content-Type says of a part.</summary>
/// <param name="Name">In lower case, such as <c>text/plain</c>.</param>
internal sealed partial record MimeType(string Name, string? Boundary, string? Charset)
{
    private static readonly MimeType s_plain = new("text/plain", null, null);

    public bool IsMultipart => Boundary is { Length: > 0 } && Name.StartsWith("multipart/", StringComparison.Ordinal);

    public bool IsText => Name is "text/plain" or "text/html";

    /// <summary>Exchange makes something else of it.</summary>
    public bool IsConverted =>
        Name is "text/calendar" or "application/ms-tnef"
        || (Name.StartsWith("message/", StringComparison.Ordinal) && Name != "message/rfc822");

    public static MimeType Parse(string? field) =>
        field is null || Type().Match(field) is not { Success: true } type
            ? s_plain
            : new MimeType(type.Groups[1].Value.ToLowerInvariant(), Value(Boundaries().Match(field)), Value(Charsets().Match(field)));

    private static string? Value(Match parameter) =>
        !parameter.Success ? null
        : parameter.Groups[1].Success ? parameter.Groups[1].Value.TrimEnd()
        : parameter.Groups[2].Value;

    [GeneratedRegex(@"^\s*([^\s;/]+/[^\s;]+)")]
    private static partial Regex Type();

    [GeneratedRegex(@";\s*boundary\s*=\s*(?:""([^""]*)""|([^\s;]+))", RegexOptions.IgnoreCase)]
    private static partial Regex Boundaries();

    [GeneratedRegex(@";\s*charset\s*=\s*(?:""([^""]*)""|([^\s;]+))", RegexOptions.IgnoreCase)]
    private static partial Regex Charsets();
}
