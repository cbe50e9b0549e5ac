using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Secrets;
using Migrator.Core.Telemetry;
using Migrator.Service.Settings;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Asks an OpenID Connect provider who a person is, and lets in those whom the settings name.</summary>
internal sealed class OpenIdLogin(OpenIdSettings settings, Sessions sessions, Lockout lockout, LoginAudit audit, ILogger<OpenIdLogin> log)
{
    private const string NotAllowed = "not allowed";

    // In the audit trail.
    private const string Way = "provider";

    /// <exception cref="ConfigurationException">The client's secret is not where the settings say.</exception>
    public static void Add(AuthenticationBuilder authentication, OpenIdSettings settings, SecretResolver secrets)
    {
        var secret = secrets.Resolve(settings.ClientSecret, "Dashboard:OpenIdConnect:ClientSecret");
        authentication.Services.AddSingleton(settings).AddSingleton<OpenIdLogin>();
        authentication.AddOpenIdConnect(
            DashboardSchemes.OpenId,
            options =>
            {
                options.Authority = settings.Authority.ToString();
                options.RequireHttpsMetadata = settings.Authority.Scheme == "https";
                (options.ClientId, options.ClientSecret) = (settings.ClientId, secret);
                options.SignInScheme = DashboardSchemes.Cookie;
                options.ResponseType = OpenIdConnectResponseType.Code;
                options.ResponseMode = OpenIdConnectResponseMode.Query;
                options.UsePkce = true;
                options.MapInboundClaims = false;
                options.SaveTokens = false;
                options.Scope.Add("email");
                options.CallbackPath = "/login/callback";
                options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
                options.Events.OnMessageReceived = context => Of(context.HttpContext).Receive(context);
                options.Events.OnTokenValidated = context => Of(context.HttpContext).AdmitAsync(context);
                options.Events.OnRemoteFailure = context => Of(context.HttpContext).FailAsync(context);
            }
        );
    }

    private static OpenIdLogin Of(HttpContext context) => context.RequestServices.GetRequiredService<OpenIdLogin>();

    // Before the provider is asked anything on behalf of a guesser. The login page says that and how long to wait.
    private Task Receive(MessageReceivedContext context)
    {
        if (lockout.IsLocked(Address(context.HttpContext)))
        {
            audit.StillLockedOut();
            context.Response.Redirect("/login");
            context.HandleResponse();
        }
        return Task.CompletedTask;
    }

    private async Task AdmitAsync(TokenValidatedContext context)
    {
        var person = context.Principal!;
        var verdict = OpenIdPeople.Judge(person, settings);
        // The validator has seen to it that there is one.
        var subject = person.FindFirst("sub")!.Value;
        sessions.Judged(subject, verdict.Role);
        if (verdict.Role is { } role)
        {
            context.Principal = TokenAuthenticator.Person(
                role,
                verdict.User,
                DashboardSchemes.Cookie,
                new Claim(Sessions.Subject, subject)
            );
            await audit.EnteredAsync(verdict.User, role, Address(context.HttpContext), Way);
            return;
        }
        log.NotAllowed(TextSanitizer.ForPage(verdict.User), TextSanitizer.ForPage(subject), verdict.Why!);
        await audit.RefusedAsync(verdict.User.Length > 0 ? verdict.User : subject, Address(context.HttpContext), Way, verdict.Why!);
        context.Fail(NotAllowed);
    }

    private async Task FailAsync(RemoteFailureContext context)
    {
        var refused = context.Failure?.Message == NotAllowed;
        // A refusal of ours is recorded already.
        if (!refused)
            await audit.RefusedAsync(null, Address(context.HttpContext), Way, "the provider did not confirm the login");
        if (lockout.Failed(Address(context.HttpContext)))
            await audit.LockedOutAsync(Address(context.HttpContext), Way);
        context.Response.Redirect(refused ? "/login?why=notallowed" : "/login?why=provider");
        context.HandleResponse();
    }

    private static IPAddress? Address(HttpContext context) => context.Connection.RemoteIpAddress;
}
