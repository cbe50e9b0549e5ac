namespace Migrator.Core.Discovery;

/// <summary>Where mail to a domain is sent (MX, RFC 5321, section 5.1).</summary>
/// <param name="Hosts">The most preferred first.</param>
/// <param name="Problem">Why they are not known, as the end of a sentence; null where they are.</param>
public sealed record MailExchangers(string Domain, IReadOnlyList<string> Hosts, string? Problem)
{
    /// <summary>Whether all of them are one of these hosts, or below one.</summary>
    public bool AreAllOf(IReadOnlyList<string> expected) =>
        Hosts.Count > 0
        && Hosts.All(host =>
            expected.Any(name =>
                host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase)
            )
        );
}
