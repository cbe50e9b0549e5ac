using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Migrator.Service.Dashboard.Pages;
using Migrator.Service.Settings;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Coming in and going out: plain forms, each with a token against forgery.</summary>
internal static class LoginEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var open = app.MapGroup("/").WithMetadata(new DashboardEndpoint(), new AllowAnonymousAttribute());
        open.MapGet(
            "/login",
            (HttpContext context, DashboardSettings settings, Lockout lockout, string? to, string? why) =>
                !settings.AsksForLogin ? Results.LocalRedirect("/")
                : IsLocked(context, lockout) ? TooMany(to)
                : Page(to, why)
        );
        open.MapPost("/login", EnterAsync);
        // A link and no form: browsers hold a form, and every redirect after it, to our own site (form-action).
        open.MapGet("/login/provider", AskProviderAsync);
        open.MapPost(
            "/logout",
            async (HttpContext context, Sessions sessions, LoginAudit audit, [FromForm] string? to) =>
            {
                if (context.User.Identity?.IsAuthenticated == true)
                    await audit.LeftAsync(context.User);
                sessions.End(context);
                await context.SignOutAsync(DashboardSchemes.Cookie);
                return Results.LocalRedirect("/login?why=out");
            }
        );
    }

    private static async Task<IResult> EnterAsync(HttpContext context, LoginDoor door, [FromForm] string? token, [FromForm] string? to)
    {
        var admission = await door.TryAsync(token ?? "", context.Connection.RemoteIpAddress, DashboardSchemes.Cookie);
        if (admission.Person is { } person)
        {
            await context.SignInAsync(DashboardSchemes.Cookie, person);
            return Results.LocalRedirect(Local(to));
        }
        return admission.TooMany ? TooMany(to) : Page(to, "wrong", StatusCodes.Status401Unauthorized);
    }

    private static async Task<IResult> AskProviderAsync(
        HttpContext context,
        DashboardSettings settings,
        Lockout lockout,
        ILogger<OpenIdLogin> log,
        string? to
    )
    {
        if (settings.OpenId is null)
            return Results.LocalRedirect("/login");
        if (IsLocked(context, lockout))
            return TooMany(to);
        try
        {
            await context.ChallengeAsync(DashboardSchemes.OpenId, new AuthenticationProperties { RedirectUri = Local(to) });
            return Results.Empty;
        }
        // Where the provider cannot be asked for its addresses and keys.
        catch (InvalidOperationException exception)
        {
            log.ProviderAway(settings.OpenId.Authority, exception.GetBaseException().Message);
            return Results.LocalRedirect("/login?why=provider");
        }
    }

    private static bool IsLocked(HttpContext context, Lockout lockout) => lockout.IsLocked(context.Connection.RemoteIpAddress);

    private static RazorComponentResult TooMany(string? to) => Page(to, "toomany", StatusCodes.Status429TooManyRequests);

    private static RazorComponentResult<LoginPage> Page(string? to, string? why, int status = StatusCodes.Status200OK) =>
        new(new { To = Local(to), Why = why }) { StatusCode = status };

    // A link that leads elsewhere after the login would make a trap of ours.
    private static string Local(string? to) =>
        to is ['/', not ('/' or '\\'), ..] && !to.Contains('\\') && !to.Any(char.IsControl) ? to : "/";
}
