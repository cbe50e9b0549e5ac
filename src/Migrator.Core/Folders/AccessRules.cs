using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>Which rights of the source are given at the target.</summary>
/// <param name="Identifiers">What users and groups of the source are called at the target; others keep their names.</param>
public sealed record AccessRules(IReadOnlyDictionary<string, string> Identifiers)
{
    // Of RFC 4314, section 2.1. Others mean something to one server only.
    private const string Known = "lrswipkxtea";

    // Of RFC 2086: what create and delete were, before each became several rights.
    private static readonly Dictionary<char, string> s_former = new() { ['c'] = "kx", ['d'] = "te" };

    /// <summary>Who is meant by these depends on the server.</summary>
    private static readonly HashSet<string> s_special = new(StringComparer.OrdinalIgnoreCase)
    {
        "anyone",
        "anonymous",
        "authenticated",
        "administrators",
        "users",
        "group",
    };

    /// <summary>What is to be given for an entry of the source.</summary>
    /// <returns>Null for nothing: those of the owner, and of what <see cref="IsLeftOut"/>.</returns>
    public AccessEntry? Of(AccessEntry entry, AccessList source) =>
        source.IsOwner(entry.Identifier) || IsLeftOut(entry, source)
            ? null
            : new(Identifiers.GetValueOrDefault(entry.Identifier, entry.Identifier), Rights(entry.Rights));

    /// <summary>An entry of the source that must be named by the job to be taken, as it may mean many at the target. What
    /// denies rights is never taken, as it would take away what somebody gave there.</summary>
    public bool IsLeftOut(AccessEntry entry, AccessList source) =>
        !source.IsOwner(entry.Identifier)
        && (IsNegative(entry) || (IsSpecial(entry.Identifier) && !Identifiers.ContainsKey(entry.Identifier)));

    /// <summary>The rights that the target lacks; empty for none.</summary>
    public static string Missing(AccessEntry wanted, AccessList target) =>
        string.Concat(wanted.Rights.Except(Rights(target.RightsOf(wanted.Identifier))));

    private static bool IsNegative(AccessEntry entry) => entry.Identifier.StartsWith('-');

    private static bool IsSpecial(string identifier) =>
        s_special.Contains(identifier.Split(['=', ':'])[0]) || identifier is ['$' or '#' or '!', ..];

    /// <summary>In the letters of RFC 4314, each once.</summary>
    private static string Rights(string rights)
    {
        var former = rights.Where(s_former.ContainsKey).SelectMany(right => s_former[right]);
        var given = rights.Intersect(Known).ToList();
        return string.Concat(given.Intersect("kxte").Any() ? given : [.. given.Union(former)]);
    }
}
