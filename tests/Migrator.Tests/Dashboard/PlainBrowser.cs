using System.Net;
using Xunit;

namespace Migrator.Tests.Dashboard;

/// <summary>Follows redirects and keeps cookies, also secure ones without TLS, as browsers do on loopback: enough to log in at a
/// provider.</summary>
internal sealed class PlainBrowser : IDisposable
{
    private readonly HttpClient _client = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly Dictionary<string, string> _cookies = [];

    /// <summary>Of the page; null where it has none.</summary>
    public string? SessionCookie => _cookies.GetValueOrDefault("migrator");

    /// <returns>Where it ended, and what was there.</returns>
    public async Task<(Uri Address, string Page)> GetAsync(string address)
    {
        for (var at = new Uri(address); ; )
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, at);
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            foreach (var set in answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [])
            {
                var (name, value) = (set[..set.IndexOf('=')], set[(set.IndexOf('=') + 1)..].Split(';')[0]);
                if (value.Length > 0)
                    _cookies[name] = value;
                else
                    _cookies.Remove(name);
            }
            if (answer.StatusCode != HttpStatusCode.Redirect)
                return (at, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            at = new Uri(at, answer.Headers.Location!);
        }
    }

    public void Dispose() => _client.Dispose();
}
