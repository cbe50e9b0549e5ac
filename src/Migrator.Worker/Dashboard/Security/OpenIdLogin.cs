using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Migrator.Core.Jobs;

namespace Migrator.Worker.Dashboard.Security;

/// <summary>Asks an OpenID Connect provider who a person is, and lets in those whom the settings name.</summary>
internal static class OpenIdLogin
{
    private const string NotAllowed = "not allowed";

    /// <exception cref="JobFileException">The client's secret is not where the settings say.</exception>
    public static void Add(AuthenticationBuilder authentication, OpenIdSettings settings, SecretResolver secrets)
    {
        var secret = secrets.Resolve(settings.ClientSecret, "Dashboard:OpenIdConnect:ClientSecret");
        authentication.AddOpenIdConnect(DashboardSchemes.OpenId, options =>
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
            options.Events.OnTokenValidated = async context =>
            {
                var (audit, address) = (context.HttpContext.RequestServices.GetRequiredService<LoginAudit>(), context.HttpContext.Connection.RemoteIpAddress);
                if (Admit(context.Principal!, settings) is { } person)
                {
                    context.Principal = person;
                    await audit.EnteredAsync(person.Identity!.Name!, DashboardRoles.Operator, address, "provider").ConfigureAwait(false);
                    return;
                }
                await audit.RefusedAsync(Shown(context.Principal!), address, "provider", "the settings do not name this person").ConfigureAwait(false);
                context.Fail(NotAllowed);
            };
            options.Events.OnRemoteFailure = async context =>
            {
                var allowed = context.Failure?.Message != NotAllowed;
                if (allowed)
                    await context.HttpContext.RequestServices.GetRequiredService<LoginAudit>().RefusedAsync(null, context.HttpContext.Connection.RemoteIpAddress, "provider", "the provider did not confirm the login").ConfigureAwait(false);
                context.Response.Redirect(allowed ? "/login?why=provider" : "/login?why=notallowed");
                context.HandleResponse();
            };
        });
    }

    /// <returns>Null where neither the person nor a group of theirs is allowed.</returns>
    internal static ClaimsPrincipal? Admit(ClaimsPrincipal person, OpenIdSettings settings)
    {
        // An address that the provider has not verified may be somebody else's.
        var names = person.Claims.Where(claim => claim.Type is "sub" or "preferred_username" || (claim.Type == "email" && person.FindFirst("email_verified")?.Value != "false")).Select(claim => claim.Value);
        var allowed = names.Any(name => settings.AllowedUsers.Contains(name, StringComparer.OrdinalIgnoreCase))
            || person.FindAll(settings.GroupClaim).Any(group => settings.AllowedGroups.Contains(group.Value, StringComparer.Ordinal));
        return allowed ? TokenDoor.Person(DashboardRoles.Operator, Shown(person), DashboardSchemes.Cookie) : null;
    }

    private static string Shown(ClaimsPrincipal person) => person.FindFirst("email")?.Value ?? person.FindFirst("preferred_username")?.Value ?? person.FindFirst("sub")?.Value ?? "";
}
