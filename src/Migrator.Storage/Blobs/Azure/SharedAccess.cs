using System.Globalization;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>What a shared access signature says of itself. The service decides; but what is in the signature can be said before anything is
/// asked of it or written.</summary>
public sealed class SharedAccess
{
    // Clocks differ: within this, the service is asked.
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, string> _fields;

    private SharedAccess(Dictionary<string, string> fields) => _fields = fields;

    /// <summary>Signed for the account, not for one container.</summary>
    public bool IsOfAccount => _fields.ContainsKey("ss") || _fields.ContainsKey("srt");

    /// <summary>When it ends, where it says so itself: a stored access policy may say it instead.</summary>
    public DateTimeOffset? Ends => new[] { Time("se"), Time("ske") }.Min();

    /// <param name="signature">What stands behind the "?" of a signed URL.</param>
    /// <exception cref="ArgumentException">It is none; the message does not repeat it.</exception>
    public static SharedAccess Parse(string signature)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in signature.TrimStart('?').Split('&'))
        {
            if (field.Split('=', 2) is [var name, var value])
                fields.TryAdd(name, Uri.UnescapeDataString(value));
        }
        return fields.ContainsKey("sig")
            ? new SharedAccess(fields)
            : throw new ArgumentException(
                "is not a shared access signature: it has no \"sig\". Give the part after the \"?\" of a signed URL: sv=…&sp=…&sig=…"
            );
    }

    /// <summary>What it lacks, in words; empty where the service has to be asked.</summary>
    /// <param name="needed">What it is needed for.</param>
    /// <param name="isHttps">Whether the container is reached by https.</param>
    /// <param name="now">By this machine's clock.</param>
    public IReadOnlyList<string> Lacks(IReadOnlyList<AzurePermission> needed, bool isHttps, DateTimeOffset now) =>
        [.. new[] { Scope(), Protocol(isHttps), Validity(now), Permissions(needed) }.OfType<string>()];

    private string? Scope()
    {
        var types = _fields.GetValueOrDefault("srt", "");
        var lacking = new[] { (Letter: 'c', Name: "container (c)"), (Letter: 'o', Name: "object (o)") }
            .Where(type => !types.Contains(type.Letter))
            .Select(type => type.Name)
            .ToList();
        return (IsOfAccount, _fields.GetValueOrDefault("sr")) switch
        {
            (true, _) when !_fields.GetValueOrDefault("ss", "").Contains('b') => "it is not for blobs (\"ss\" has no \"b\")",
            (true, _) when lacking.Count > 0 => $"it lacks the resource types {string.Join(" and ", lacking)} in \"srt\"",
            (true, _) or (_, "c") => null,
            (_, "b" or "bs" or "bv") => "it is for a single blob (\"sr\" is not \"c\"); an archive needs one for the container",
            (_, "d") => "it is for a directory (\"sr\" is \"d\"); an archive needs one for the container, in an account without "
                + "hierarchical namespace",
            _ => null,
        };
    }

    private string? Protocol(bool isHttps) =>
        !isHttps && _fields.GetValueOrDefault("spr") == "https"
            ? "it is for https only (\"spr\"), and the archive's URL begins with http"
            : null;

    private string? Validity(DateTimeOffset now) =>
        (Time("st"), Ends) switch
        {
            (_, { } ends) when ends <= now - s_skew =>
                $"it ended at {ends.UtcDateTime:u} (\"se\"); by this machine's clock it is {now.UtcDateTime:u}",
            ({ } starts, _) when starts > now + s_skew =>
                $"it is not valid before {starts.UtcDateTime:u} (\"st\"); by this machine's clock it is {now.UtcDateTime:u}",
            _ => null,
        };

    // Without "sp", a stored access policy ("si") at the container says what is allowed.
    private string? Permissions(IReadOnlyList<AzurePermission> needed)
    {
        if (!_fields.TryGetValue("sp", out var allowed))
            return null;
        var missing = needed.Where(permission => !allowed.Contains(permission.Letter())).Distinct().ToList();
        return missing.Count == 0
            ? null
            : $"it lacks the permission{(missing.Count == 1 ? "" : "s")} "
                + $"{string.Join(", ", missing.Select(permission => $"{permission.Name()} ({permission.Letter()})"))}: \"sp\" is "
                + $"\"{allowed}\"";
    }

    private DateTimeOffset? Time(string field) =>
        _fields.TryGetValue(field, out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}
