using Microsoft.Identity.Client;

namespace Migrator.Identity.Entra;

/// <summary>Lets MSAL use the connections of all token requests.</summary>
internal sealed class SharedHttp(HttpClient http) : IMsalHttpClientFactory
{
    public HttpClient GetHttpClient() => http;
}
