using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Migrator.Worker.Dashboard.Pages;

namespace Migrator.Worker.Dashboard.Security;

/// <summary>Coming in and going out: plain forms, each with a token against forgery.</summary>
internal static class LoginEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var open = app.MapGroup("/").WithMetadata(new DashboardEndpoint(), new AllowAnonymousAttribute());
        open.MapGet("/login", (DashboardSettings settings, string? to, string? why) =>
            settings.AsksForLogin ? Page(to, why) : Results.LocalRedirect("/"));
        open.MapPost("/login", EnterAsync);
        // A link and no form: browsers hold a form, and every redirect after it, to our own site (form-action).
        open.MapGet("/login/provider", (DashboardSettings settings, string? to) => settings.OpenId is null ? Results.LocalRedirect("/login")
            : Results.Challenge(new AuthenticationProperties { RedirectUri = Local(to) }, [DashboardSchemes.OpenId]));
        open.MapPost("/logout", async (HttpContext context, Sessions sessions, LoginAudit audit, [FromForm] string? to) =>
        {
            if (context.User.Identity?.IsAuthenticated == true)
                await audit.LeftAsync(context.User).ConfigureAwait(false);
            sessions.End(context);
            await context.SignOutAsync(DashboardSchemes.Cookie).ConfigureAwait(false);
            return Results.LocalRedirect("/login?why=out");
        });
    }

    private static async Task<IResult> EnterAsync(HttpContext context, LoginDoor door, [FromForm] string? token, [FromForm] string? to)
    {
        var admission = await door.TryAsync(token ?? "", context.Connection.RemoteIpAddress, DashboardSchemes.Cookie).ConfigureAwait(false);
        if (admission.Person is { } person)
        {
            await context.SignInAsync(DashboardSchemes.Cookie, person).ConfigureAwait(false);
            return Results.LocalRedirect(Local(to));
        }
        var refused = Page(to, admission.TooMany ? "toomany" : "wrong");
        context.Response.StatusCode = admission.TooMany ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized;
        return refused;
    }

    private static IResult Page(string? to, string? why) => new RazorComponentResult<LoginPage>(new { To = Local(to), Why = why });

    // A link that leads elsewhere after the login would make a trap of ours.
    private static string Local(string? to) => to is ['/', not ('/' or '\\'), ..] && !to.Contains('\\') && !to.Any(char.IsControl) ? to : "/";
}
