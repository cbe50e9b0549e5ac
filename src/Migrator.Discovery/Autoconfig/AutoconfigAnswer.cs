using Migrator.Core.Discovery;

namespace Migrator.Discovery.Autoconfig;

/// <summary>What a web server answered where a file for Thunderbird may be.</summary>
/// <param name="Problem">Null where it is such a file.</param>
/// <param name="Detail">A sentence's end for people; empty where there is no problem.</param>
internal sealed record AutoconfigAnswer(IReadOnlyList<AutoconfigServer> Servers, DiscoveryNoteKind? Problem, string Detail)
{
    public static AutoconfigAnswer Of(IReadOnlyList<AutoconfigServer> servers) => new(servers, null, "");

    public static AutoconfigAnswer Missing(string detail) => new([], DiscoveryNoteKind.Nothing, detail);

    public static AutoconfigAnswer Refused(string detail) => new([], DiscoveryNoteKind.Refused, detail);

    public static AutoconfigAnswer Failed(string detail) => new([], DiscoveryNoteKind.Failed, detail);
}
