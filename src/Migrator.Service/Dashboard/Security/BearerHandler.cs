using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Migrator.Core.Telemetry;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Lets in a program that sends <c>Authorization: Bearer</c> and a token.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    LoginDoor door
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Prefix = "Bearer ";

    public static bool Speaks(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Speaks(Request))
            return AuthenticateResult.NoResult();
        var admission = await door.TryAsync(
            Request.Headers.Authorization.ToString()[Prefix.Length..].Trim(),
            Context.Connection.RemoteIpAddress,
            Scheme.Name
        );
        return admission.Person is { } person
            ? AuthenticateResult.Success(new AuthenticationTicket(person, Scheme.Name))
            : AuthenticateResult.Fail(admission.TooMany ? "too many wrong tokens" : "wrong token");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }
}
