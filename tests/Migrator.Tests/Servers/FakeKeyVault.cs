using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Migrator.Core.Migrations;
using Migrator.Service.Dashboard.Pages;
using Migrator.Storage.Keys;
using Xunit;

namespace Migrator.Tests.Servers;

/// <summary>An Azure Key Vault on loopback, over real TLS and by its real name: it is reached as if through a proxy. Beside it an identity
/// endpoint as App Service has it, so that a process finds who it is as it would in Azure.</summary>
internal sealed class FakeKeyVault : IAsyncDisposable
{
    public const string Host = "played.vault.azure.net";

    private const int PageSize = 2;

    private readonly WebApplication _application;
    private readonly X509Certificate2 _authority;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vault");
    private readonly List<string> _given = [];
    private readonly int _port,
        _identityPort;

    private FakeKeyVault(WebApplication application, X509Certificate2 authority, int port, int identityPort) =>
        (_application, _authority, _port, _identityPort) = (application, authority, port, identityPort);

    public static Uri Address => new($"https://{Host}");

    /// <summary>What callers must show; as secret as what it opens.</summary>
    public string Token { get; } = $"token-{Guid.NewGuid():N}";

    public Dictionary<string, string> Secrets { get; init; } = [];

    public HashSet<string> Disabled { get; } = [];

    /// <summary>Secrets that belong to certificates.</summary>
    public HashSet<string> Managed { get; } = [];

    /// <summary>Answered to anyone who lists; 200 for the list.</summary>
    public int ToList { get; set; } = 200;

    /// <summary>Answered to anyone who asks for a secret.</summary>
    public int ToGet { get; set; } = 200;

    /// <summary>Said to anyone who lists, instead of the list.</summary>
    public string? Nonsense { get; set; }

    /// <summary>For whom the vault says that tokens are to be.</summary>
    public string Resource { get; set; } = "https://vault.azure.net";

    /// <summary>Names of the secrets that were returned.</summary>
    public IReadOnlyList<string> Given
    {
        get
        {
            lock (_given)
                return [.. _given];
        }
    }

    /// <summary>How often somebody showed a token.</summary>
    public int Tokens { get; private set; }

    /// <summary>With which a process of the product finds this vault.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string>
        {
            ["MIGRATOR_KeyVault__Uri"] = Address.ToString(),
            ["HTTPS_PROXY"] = $"http://127.0.0.1:{_port}",
            ["SSL_CERT_FILE"] = Path.Combine(_directory.FullName, "authority.pem"),
            ["IDENTITY_ENDPOINT"] = $"http://127.0.0.1:{_identityPort}/msi/token",
            ["IDENTITY_HEADER"] = "identity-header",
        };

    /// <param name="host">The name that it goes by.</param>
    public static async Task<FakeKeyVault> StartAsync(string host = Host)
    {
        var (certificate, authority) = TestCertificates.Issued(host);
        var ports = DovecotServer.FreePorts(2);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(
                    IPAddress.Loopback,
                    ports[0],
                    listen =>
                    {
                        listen.Protocols = HttpProtocols.Http1;
                        listen.Use(next => connection => TunnelAsync(next, connection, host));
                        listen.UseHttps(certificate);
                    }
                );
                kestrel.Listen(IPAddress.Loopback, ports[1]);
            });
        var vault = new FakeKeyVault(builder.Build(), authority, ports[0], ports[1]);
        await File.WriteAllTextAsync(Path.Combine(vault._directory.FullName, "authority.pem"), authority.ExportCertificatePem());
        vault._application.MapGet("/msi/token", vault.SayWho);
        vault._application.MapGet("/secrets", context => vault.AnswerAsync(context, vault.ToList, vault.List));
        vault._application.MapGet("/secrets/{name}/{version?}", context => vault.AnswerAsync(context, vault.ToGet, vault.Give));
        await vault._application.StartAsync(TestContext.Current.CancellationToken);
        return vault;
    }

    /// <summary>The product's reader of this vault.</summary>
    public KeyVaultSecrets Open(Uri address)
    {
        var handler = new SocketsHttpHandler
        {
            Proxy = new WebProxy($"http://127.0.0.1:{_port}"),
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { _authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        return new KeyVaultSecrets(address, new Credential(Token), new HttpClientTransport(handler));
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    /// <summary>What a proxy says before it lets through what comes, which here is at its end already.</summary>
    private static async Task TunnelAsync(ConnectionDelegate next, ConnectionContext connection, string host)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync();
            var text = Encoding.ASCII.GetString(read.Buffer);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and >= 0)
            {
                input.AdvanceTo(read.Buffer.GetPosition(end + 4));
                Assert.StartsWith($"CONNECT {host}:443 ", text);
                break;
            }
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
        await connection.Transport.Output.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
        await next(connection);
    }

    private IResult SayWho(HttpRequest request) =>
        request.Headers["X-IDENTITY-HEADER"] == "identity-header"
        && request.Query["resource"].ToString().TrimEnd('/') == "https://vault.azure.net"
            ? Results.Json(
                new
                {
                    access_token = Token,
                    expires_on = $"{TimeProvider.System.GetUtcNow().AddHours(8).ToUnixTimeSeconds()}",
                    resource = "https://vault.azure.net",
                    token_type = "Bearer",
                }
            )
            : Results.BadRequest();

    private async Task AnswerAsync(HttpContext context, int status, Func<HttpContext, object?> answer)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length > 0)
            Tokens++;
        if (authorization != $"Bearer {Token}")
        {
            context.Response.Headers.WWWAuthenticate =
                $"Bearer authorization=\"https://login.microsoftonline.com/tenant\", resource=\"{Resource}\"";
            status = 401;
        }
        else if (Nonsense is { } nonsense)
        {
            await context.Response.WriteAsync(nonsense);
            return;
        }
        var found = status == 200 ? answer(context) : null;
        context.Response.StatusCode = status == 200 && found is null ? 404 : status;
        // The body repeats what it must not.
        await context.Response.WriteAsJsonAsync(
            found
                ?? new
                {
                    error = new
                    {
                        code = $"Code{context.Response.StatusCode}",
                        message = $"The caller may not.\r\n{Token} {string.Join(' ', Secrets.Values)}",
                    },
                }
        );
    }

    private object List(HttpContext context)
    {
        var start = int.TryParse(context.Request.Query["$skiptoken"], out var number) ? number : 0;
        var page = Secrets
            .Keys.Order(StringComparer.Ordinal)
            .Skip(start)
            .Take(PageSize)
            .Select(name => new
            {
                id = $"https://{Host}/secrets/{name}",
                attributes = new { enabled = !Disabled.Contains(name) },
                managed = Managed.Contains(name),
            });
        return new
        {
            value = page,
            nextLink = start + PageSize < Secrets.Count
                ? $"https://{Host}/secrets?api-version={context.Request.Query["api-version"]}&$skiptoken={start + PageSize}"
                : null,
        };
    }

    private object? Give(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        lock (_given)
            _given.Add(name);
        return Secrets.TryGetValue(name, out var value)
            ? new
            {
                value,
                id = $"https://{Host}/secrets/{name}/1",
                attributes = new { enabled = true },
            }
            : null;
    }

    private sealed class Credential(string token) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(token, DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
