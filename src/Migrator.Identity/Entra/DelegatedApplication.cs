using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Identity.Client;
using Migrator.Core.Identity;

namespace Migrator.Identity.Entra;

/// <summary>MSAL's application for a person's rights, with a cache whose content is the store's.</summary>
internal sealed class DelegatedApplication
{
    private byte[]? _cache;

    /// <param name="cache">Null before the first login.</param>
    public DelegatedApplication(MicrosoftTokens settings, byte[]? cache, HttpClient http)
    {
        _cache = cache;
        Scopes = [settings.Scope ?? MicrosoftClouds.DelegatedScope(settings.Cloud)];
        Client = PublicClientApplicationBuilder
            .Create(settings.ClientId)
            .WithAuthority(MicrosoftClouds.Tenant(settings).AbsoluteUri, validateAuthority: false)
            // It would ask the worldwide cloud about every other one, and reveal the tenant to it.
            .WithInstanceDiscovery(false)
            .WithHttpClientFactory(new SharedHttp(http))
            .Build();
        Client.UserTokenCache.SetBeforeAccess(access => access.TokenCache.DeserializeMsalV3(_cache, shouldClearExistingCache: true));
        Client.UserTokenCache.SetAfterAccess(access =>
        {
            if (access.HasStateChanged)
                _cache = WithoutAccessTokens(access.TokenCache.SerializeMsalV3());
        });
    }

    public IPublicClientApplication Client { get; }

    public string[] Scopes { get; }

    /// <summary>What the store is to keep.</summary>
    public byte[]? Cache => _cache;

    /// <summary>One that is stored is a secret more to protect, and of no use: each request asks for a new one.</summary>
    private static byte[] WithoutAccessTokens(byte[] cache)
    {
        if (JsonNode.Parse(cache) is not JsonObject content)
            return cache;
        content.Remove("AccessToken");
        return Encoding.UTF8.GetBytes(content.ToJsonString());
    }
}
