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
    private readonly ConcurrentDictionary<string, string> _refreshTokens = new() { ["refresh-token-0"] = "ann" };
    private readonly ConcurrentDictionary<string, DeviceCode> _devices = new();
    private readonly ConcurrentDictionary<string, (string User, string Challenge, string Redirect)> _codes = new();
    private int _refreshed;

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

    /// <summary>Claims of access tokens, as Microsoft's have them; null for tokens that only this server reads.</summary>
    public object? Claims { get; set; }

    /// <summary>Whether every token is reported to Dovecot as inactive, as Exchange refuses those that Entra ID has given.</summary>
    public bool HidesTokens { get; set; }

    /// <summary>By which tokens end.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Uri DeviceEndpoint => new(Address, "device");

    /// <summary>A browser that opens it is redirected at once, as by a person who is logged in already and allows what is asked.</summary>
    public Uri AuthorizationEndpoint => new(Address, "authorize?prompt=consent");

    public Uri RevocationEndpoint => new(Address, "revoke");

    /// <summary>The refresh token that was given last; each use replaces it.</summary>
    public string RefreshToken { get; private set; } = "refresh-token-0";

    /// <summary>All that hold.</summary>
    public ICollection<string> RefreshTokens => _refreshTokens.Keys;

    /// <summary>The person who is logged in at <see cref="AuthorizationEndpoint"/>; null for a person who declines.</summary>
    public string? Person { get; set; } = "ann";

    /// <summary>Whether the person enters each code, after the first question for it.</summary>
    public bool EntersCodes { get; set; }

    /// <summary>How long a code of a device can be entered.</summary>
    public TimeSpan CodeLife { get; set; } = TimeSpan.FromMinutes(15);

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
        routes.MapPost("/{tenant}/oauth2/v2.0/devicecode", (HttpRequest request, string tenant) => server.GiveCodeAsync(request, tenant));
        routes.MapPost("/device", (HttpRequest request) => server.GiveCodeAsync(request, "oauth"));
        routes.MapGet("/authorize", server.Authorize);
        routes.MapPost("/revoke", server.RevokeAsync);
        routes.MapPost("/google/token", (HttpRequest request) => server.AnswerAsync(request, "google"));
        routes.MapGet("/metadata/identity/oauth2/token", server.AnswerMachine);
        routes.MapPost("/introspect", server.IntrospectAsync);
        await routes.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>As a token that nobody requested.</summary>
    public string Give(string user)
    {
        var random = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var token = Claims is null ? $"token-{random}" : $"{Encoded(new { alg = "RS256" })}.{Encoded(Claims)}.{random}";
        _tokens[token] = (user, Time.GetUtcNow() + Life);
        return token;
    }

    /// <summary>A person enters the code of a device, and allows what is asked.</summary>
    public void Allow(string userCode, string user) => _devices.Values.Single(device => device.UserCode == userCode).User = user;

    public void Decline(string userCode) => _devices.Values.Single(device => device.UserCode == userCode).IsDeclined = true;

    /// <summary>Nobody may use it any more.</summary>
    public void End(string refreshToken) => Assert.True(_refreshTokens.TryRemove(refreshToken, out _));

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
            "refresh_token" when _refreshTokens.TryRemove(form["refresh_token"], out var user) => PersonToken(form, user),
            "device_code" or "urn:ietf:params:oauth:grant-type:device_code" => AnswerDevice(form),
            "authorization_code" when User(form) is { } user => PersonToken(form, user),
            "client_credentials" => Error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided. Trace ID: 1"),
            _ => Error(400, "invalid_grant", "Token has been expired or revoked."),
        };
    }

    public static IResult Error(int status, string error, string description) =>
        Results.Json(new { error, error_description = description }, statusCode: status);

    private IResult Token(string user) =>
        Results.Json(
            new
            {
                token_type = "Bearer",
                expires_in = (int)Life.TotalSeconds,
                access_token = Give(user),
            }
        );

    /// <summary>With what Microsoft's library needs besides: who it is.</summary>
    private IResult PersonToken(TokenRequestForm form, string user)
    {
        var refresh = $"refresh-token-{Interlocked.Increment(ref _refreshed)}";
        _refreshTokens[refresh] = user;
        RefreshToken = refresh;
        return Results.Json(
            new
            {
                token_type = "Bearer",
                expires_in = (int)Life.TotalSeconds,
                access_token = Give(user),
                refresh_token = refresh,
                scope = form["scope"],
                client_info = Encoded(new { uid = user, utid = Tenant }),
                id_token = $"{Encoded(new { alg = "none" })}.{Encoded(
                    new
                    {
                        aud = ClientId,
                        iss = new Uri(Address, $"{Tenant}/v2.0").AbsoluteUri,
                        oid = user,
                        tid = Tenant,
                        preferred_username = user,
                    }
                )}.",
            }
        );
    }

    private static string Encoded(object content) =>
        System.Buffers.Text.Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content));

    private async Task<IResult> GiveCodeAsync(HttpRequest request, string endpoint)
    {
        var form = new TokenRequestForm(
            $"{endpoint} device",
            (await request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString())
        );
        _requests.Enqueue(form);
        if (Fault(form) is { } fault)
            return fault;
        var number = _devices.Count + 1;
        var device = new DeviceCode($"CODE-{number}", Time.GetUtcNow() + CodeLife);
        _devices[$"device-code-{number}"] = device;
        return Results.Json(
            new
            {
                device_code = $"device-code-{number}",
                user_code = device.UserCode,
                verification_uri = new Uri(Address, "enter").AbsoluteUri,
                expires_in = (int)CodeLife.TotalSeconds,
                interval = 1,
                message = "Enter the code.",
            }
        );
    }

    private IResult AnswerDevice(TokenRequestForm form)
    {
        var code = form["device_code"].Length > 0 ? form["device_code"] : form["code"];
        return !_devices.TryGetValue(code, out var device) ? Error(400, "bad_verification_code", "There is no such code.")
            : device.IsDeclined ? Error(400, form.Endpoint == "oauth" ? "access_denied" : "authorization_declined", "The person declined.")
            : device.User is { } user ? PersonToken(form, user)
            : EntersCodes && device.User is null && (device.User = Person) is not null
                ? Error(400, "authorization_pending", "AADSTS70016: Nobody has entered the code yet.")
            : Time.GetUtcNow() >= device.End ? Error(400, "expired_token", "AADSTS70020: The code has expired.")
            : Error(400, "authorization_pending", "AADSTS70016: Nobody has entered the code yet.");
    }

    private IResult Authorize(HttpRequest request)
    {
        var asked = request.Query.ToDictionary(field => field.Key, field => field.Value.ToString());
        _requests.Enqueue(new TokenRequestForm("authorize", asked));
        var redirect = $"{asked["redirect_uri"]}?state={Uri.EscapeDataString(asked["state"])}";
        if (Person is null)
            return Results.Redirect($"{redirect}&error=access_denied&error_description=no");
        Assert.Equal("S256", asked["code_challenge_method"]);
        var code = $"code-{Convert.ToHexString(RandomNumberGenerator.GetBytes(16))}";
        _codes[code] = (Person, asked["code_challenge"], asked["redirect_uri"]);
        return Results.Redirect($"{redirect}&code={code}");
    }

    /// <returns>Whose code it is; null where it is used, or another client has it (RFC 7636).</returns>
    private string? User(TokenRequestForm form) =>
        _codes.TryRemove(form["code"], out var code)
        && code.Redirect == form["redirect_uri"]
        && code.Challenge == System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"])))
            ? code.User
            : null;

    private async Task<IResult> RevokeAsync(HttpRequest request)
    {
        var form = new TokenRequestForm(
            "revoke",
            (await request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString())
        );
        _requests.Enqueue(form);
        if (Fault(form) is { } fault)
            return fault;
        _refreshTokens.TryRemove(form["token"], out _);
        return Results.Ok();
    }

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
        return !HidesTokens && _tokens.TryGetValue(token, out var known) && Time.GetUtcNow() < known.End
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

    private sealed class DeviceCode(string userCode, DateTimeOffset end)
    {
        public string UserCode => userCode;

        public DateTimeOffset End => end;

        public string? User { get; set; }

        public bool IsDeclined { get; set; }
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
