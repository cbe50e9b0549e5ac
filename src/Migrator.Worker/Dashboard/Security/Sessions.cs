using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Migrator.Worker.Dashboard.Security;

/// <summary>Whoever logs out is out: other pages that are still open lose their connection, and a copy of the cookie counts no more.</summary>
internal sealed class Sessions
{
    private const string Claim = "migrator.session";

    private readonly Lock _gate = new();
    private readonly HashSet<string> _ended = [];
    private readonly HashSet<HttpContext> _requests = [];

    /// <summary>Of a person who comes in.</summary>
    public static void Begin(ClaimsPrincipal person) => person.AddIdentity(new ClaimsIdentity([new Claim(Claim, Guid.NewGuid().ToString("N"))]));

    public bool IsOver(ClaimsPrincipal person)
    {
        lock (_gate)
            return Of(person) is { } session && _ended.Contains(session);
    }

    /// <param name="last">The request that ends it.</param>
    public void End(HttpContext last)
    {
        if (Of(last.User) is not { } session)
            return;
        List<HttpContext> others;
        lock (_gate)
        {
            _ended.Add(session);
            others = [.. _requests.Where(request => request != last && Of(request.User) == session)];
        }
        others.ForEach(request => request.Abort());
    }

    /// <summary>Ends requests with their session. A page is a request for as long as it is open.</summary>
    public static void Use(WebApplication app)
    {
        var sessions = app.Services.GetRequiredService<Sessions>();
        app.Use(async (context, next) =>
        {
            if (Of(context.User) is null)
            {
                await next(context).ConfigureAwait(false);
                return;
            }
            lock (sessions._gate)
                sessions._requests.Add(context);
            try
            {
                // It may have ended since the cookie was looked at.
                if (sessions.IsOver(context.User))
                    context.Abort();
                else
                    await next(context).ConfigureAwait(false);
            }
            finally
            {
                lock (sessions._gate)
                    sessions._requests.Remove(context);
            }
        });
    }

    private static string? Of(ClaimsPrincipal person) => person.FindFirst(Claim)?.Value;
}
