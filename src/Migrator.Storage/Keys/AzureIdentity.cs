using System.Collections.Concurrent;
using Azure.Core;
using Azure.Identity;

namespace Migrator.Storage.Keys;

/// <summary>Who this process is to Azure: one credential for each cloud, so that tokens are fetched once for all vaults and
/// containers.</summary>
internal static class AzureIdentity
{
    private static readonly ConcurrentDictionary<Uri, Lazy<TokenCredential>> s_credentials = new();

    /// <param name="resource">A vault or a container; its host tells the cloud.</param>
    public static TokenCredential Of(Uri resource)
    {
        var authority = Authority(resource);
        return s_credentials
            .GetOrAdd(
                authority,
                _ => new Lazy<TokenCredential>(() =>
                    new DefaultAzureCredential(new DefaultAzureCredentialOptions { AuthorityHost = authority })
                )
            )
            .Value;
    }

    /// <summary>Who gives tokens for a resource: the sovereign clouds have their own. <c>AZURE_AUTHORITY_HOST</c> comes first.</summary>
    public static Uri Authority(Uri resource) =>
        Environment.GetEnvironmentVariable("AZURE_AUTHORITY_HOST") is { Length: > 0 } given
        && Uri.TryCreate(given, UriKind.Absolute, out var named)
            ? named
        : IsIn(resource, "azure.cn", "chinacloudapi.cn") ? AzureAuthorityHosts.AzureChina
        : IsIn(resource, "usgovcloudapi.net") ? AzureAuthorityHosts.AzureGovernment
        : AzureAuthorityHosts.AzurePublicCloud;

    private static bool IsIn(Uri resource, params string[] domains) =>
        domains.Any(domain => resource.Host.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase));
}
