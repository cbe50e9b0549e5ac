using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Identity;

/// <summary>A token server on loopback, over TLS with an authority of its own, that answers as those of Microsoft, Google and others do; it
/// tells Dovecot whom a token is for.</summary>
internal sealed class TokenAuthority : IAsyncDisposable
{
    public const string Tenant = "8f5a8b6c-1f8a-4a0c-9c57-4f8f1b9f2f11",
        ClientId = "0c6c6f0e-8d5d-4b7e-9a5c-6d9f2b1f7a01",
        ClientSecret = "client~secret-of-the-test",
        GoogleAccount = "migration@project.iam.gserviceaccount.com";

    private readonly WebApplication _application;
    private readonly X509Certificate2 _authority;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tokens");
    private readonly ConcurrentDictionary<string, (string User, DateTimeOffset End)> _tokens = new();
    private readonly ConcurrentQueue<TokenRequestForm> _requests = new();
    private int _refreshTokens;

    private TokenAuthority(WebApplication application, X509Certificate2 authority, int[] ports)
    {
        (_application, _authority) = (application, authority);
        (Address, Introspection) = (new Uri($"https://localhost:{ports[0]}/"), new Uri($"http://127.0.0.1:{ports[1]}/introspect"));
        MetadataHost = new Uri($"http://localhost:{ports[1]}");
        GoogleKey = RSA.Create(2048);
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());
    }

    /// <summary>Of Microsoft's cloud, and of the others' endpoints.</summary>
    public Uri Address { get; }

    public Uri TokenEndpoint => new(Address, "token");

    /// <summary>Where Dovecot asks.</summary>
    public Uri Introspection { get; }

    /// <summary>What Azure has at an address of its own on each machine.</summary>
    public Uri MetadataHost { get; }

    public string AuthorityFile => Path.Combine(_directory.FullName, "authority.pem");

    public RSA GoogleKey { get; }

    public string GoogleKeyJson =>
        JsonSerializer.Serialize(
            new
            {
                type = "service_account",
                client_email = GoogleAccount,
                private_key_id = "key-1",
                private_key = GoogleKey.ExportPkcs8PrivateKeyPem(),
                token_uri = new Uri(Address, "google/token").AbsoluteUri,
            }
        );

    /// <summary>Of what it gives.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromHours(1);

    /// <summary>By which tokens end.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The refresh token that holds now; each use replaces it.</summary>
    public string RefreshToken { get; private set; } = "refresh-token-0";

    /// <summary>Answers in place of a token; null for a token.</summary>
    public Func<TokenRequestForm, IResult?> Fault { get; set; } = _ => null;

    public IReadOnlyList<TokenRequestForm> Requests => [.. _requests];

    public IEnumerable<string> Tokens => _tokens.Keys;

    /// <summary>Hosts and ports that were asked through <see cref="Handler"/>.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = new();

    public static async Task<TokenAuthority> StartAsync(TimeProvider? time = null)
    {
        var (certificate, authority) = TestCertificates.Issued("localhost");
        var ports = DovecotServer.FreePorts(2);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, ports[0], listen => listen.UseHttps(certificate));
                kestrel.Listen(IPAddress.Loopback, ports[1]);
            });
        var server = new TokenAuthority(builder.Build(), authority, ports) { Time = time ?? TimeProvider.System };
        var routes = server._application;
        routes.MapPost("/{tenant}/oauth2/v2.0/token", (HttpRequest request, string tenant) => server.AnswerAsync(request, tenant));
        routes.MapPost("/token", (HttpRequest request) => server.AnswerAsync(request, "oauth"));
        routes.MapPost("/google/token", (HttpRequest request) => server.AnswerAsync(request, "google"));
        routes.MapGet("/metadata/identity/oauth2/token", server.AnswerMachine);
        routes.MapPost("/introspect", server.IntrospectAsync);
        await routes.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>As a token that nobody requested.</summary>
    public string Give(string user)
    {
        var token = $"token-{Convert.ToHexString(RandomNumberGenerator.GetBytes(16))}";
        _tokens[token] = (user, Time.GetUtcNow() + Life);
        return token;
    }

    public void Revoke(string token) => Assert.True(_tokens.TryRemove(token, out _));

    /// <summary>Trusts this server, and asks no other.</summary>
    public HttpMessageHandler Handler() =>
        new Recorder(this)
        {
            InnerHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions
                {
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { _authority },
                        RevocationMode = X509RevocationMode.NoCheck,
                    },
                },
            },
        };

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        GoogleKey.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task<IResult> AnswerAsync(HttpRequest request, string tenant)
    {
        var form = new TokenRequestForm(
            tenant,
            (await request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString())
        );
        _requests.Enqueue(form);
        if (Fault(form) is { } fault)
            return fault;
        return form["grant_type"] switch
        {
            "client_credentials" when form["client_secret"] == ClientSecret || form["client_assertion"].Length > 0 => Token("any"),
            "urn:ietf:params:oauth:grant-type:jwt-bearer" when Verified(form["assertion"]) is { } subject => Token(subject),
            "refresh_token" when form["refresh_token"] == RefreshToken => Token("ann", RefreshToken = $"refresh-token-{++_refreshTokens}"),
            "client_credentials" => Error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided. Trace ID: 1"),
            _ => Error(400, "invalid_grant", "Token has been expired or revoked."),
        };
    }

    public static IResult Error(int status, string error, string description) =>
        Results.Json(new { error, error_description = description }, statusCode: status);

    private IResult Token(string user, string? refresh = null) =>
        Results.Json(
            new Dictionary<string, object>
            {
                ["token_type"] = "Bearer",
                ["expires_in"] = (int)Life.TotalSeconds,
                ["access_token"] = Give(user),
            }
                .Concat(refresh is null ? [] : [KeyValuePair.Create("refresh_token", (object)refresh)])
                .ToDictionary()
        );

    private IResult AnswerMachine(HttpRequest request)
    {
        _requests.Enqueue(new TokenRequestForm("machine", request.Query.ToDictionary(field => field.Key, field => field.Value.ToString())));
        return request.Headers["Metadata"] != "true"
            ? Results.BadRequest()
            : Results.Json(
                new
                {
                    access_token = Give("any"),
                    expires_in = "86399",
                    expires_on = $"{TimeProvider.System.GetUtcNow().AddHours(8).ToUnixTimeSeconds()}",
                    resource = request.Query["resource"].ToString(),
                    token_type = "Bearer",
                }
            );
    }

    private async Task<IResult> IntrospectAsync(HttpRequest request)
    {
        var token = (await request.ReadFormAsync())["token"].ToString();
        return _tokens.TryGetValue(token, out var known) && Time.GetUtcNow() < known.End
            ? Results.Json(new { active = true, username = known.User })
            : Results.Json(new { active = false });
    }

    /// <returns>For whom; null where the signature or a claim is wrong.</returns>
    private string? Verified(string assertion)
    {
        var parts = assertion.Split('.');
        if (
            parts.Length != 3
            || !GoogleKey.VerifyData(
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1
            )
        )
            return null;
        using var claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]));
        var root = claims.RootElement;
        return
            root.GetProperty("iss").GetString() == GoogleAccount
            && root.GetProperty("scope").GetString() == "https://mail.google.com/"
            && root.GetProperty("aud").GetString() == "https://oauth2.googleapis.com/token"
            && root.GetProperty("exp").GetInt64() == root.GetProperty("iat").GetInt64() + 3600
            ? root.GetProperty("sub").GetString()
            : null;
    }

    private sealed class Recorder(TokenAuthority server) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            server.Asked.AddOrUpdate(request.RequestUri!.Authority, 1, (_, times) => times + 1);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
