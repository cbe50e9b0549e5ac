using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Migrator.Service.Settings;

namespace Migrator.Service.Dashboard.Security;

/// <summary>The sessions of people who have logged in. One ends at a fixed time, when the person logs out, or when a later login of the
/// same person has another result. With it, pages that are still open lose their connection, and a copy of the cookie is refused.</summary>
internal sealed class Sessions(DashboardSettings settings, TimeProvider time)
{
    /// <summary>Names the person to the provider: logins of one person are compared by it.</summary>
    public const string Subject = "migrator.subject";

    private const string Claim = "migrator.session";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Session> _open = [];
    private readonly HashSet<HttpContext> _requests = [];

    /// <summary>Of a person who comes in.</summary>
    /// <returns>When it ends, at the latest.</returns>
    public DateTimeOffset Begin(ClaimsPrincipal person)
    {
        var (id, now) = (Guid.NewGuid().ToString("N"), time.GetUtcNow());
        var session = new Session(now + settings.SessionLength, person.FindFirst(Subject)?.Value, person.FindFirst(ClaimTypes.Role)?.Value);
        person.AddIdentity(new ClaimsIdentity([new Claim(Claim, id)]));
        lock (_gate)
        {
            foreach (var (old, _) in _open.Where(one => one.Value.Ends <= now).ToList())
                _open.Remove(old);
            _open.Add(id, session);
        }
        return session.Ends;
    }

    /// <summary>Of those who came in without a session, by a token in each request or from this machine, it never is.</summary>
    public bool IsOver(ClaimsPrincipal person)
    {
        if (person.Identity?.AuthenticationType != DashboardSchemes.Cookie)
            return false;
        lock (_gate)
            return Of(person) is not { } id || !_open.TryGetValue(id, out var session) || session.Ends <= time.GetUtcNow();
    }

    /// <param name="last">The request that ends it.</param>
    public void End(HttpContext last)
    {
        if (Of(last.User) is { } id)
            End((one, _) => one == id, last);
    }

    /// <summary>A person has logged in again: sessions with other rights end, as the provider or the settings do not grant them any
    /// more.</summary>
    /// <param name="role">Null where the person may not even look.</param>
    public void Judged(string subject, string? role) => End((_, session) => session.Subject == subject && session.Role != role, null);

    /// <summary>Ends requests with their session. A page is a request for as long as it is open.</summary>
    public static void Use(WebApplication app)
    {
        var sessions = app.Services.GetRequiredService<Sessions>();
        app.Use(sessions.InvokeAsync);
    }

    private async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (TimeLeft(context.User) is not { } left)
        {
            await next(context);
            return;
        }
        lock (_gate)
            _requests.Add(context);
        await using var end = time.CreateTimer(_ => context.Abort(), null, left, Timeout.InfiniteTimeSpan);
        try
        {
            // It may have ended since the cookie was examined.
            if (IsOver(context.User))
                context.Abort();
            else
                await next(context);
        }
        finally
        {
            lock (_gate)
                _requests.Remove(context);
        }
    }

    /// <returns>Null where the request may take as long as it likes. A token sent along opens a page for no longer than a login
    /// does.</returns>
    private TimeSpan? TimeLeft(ClaimsPrincipal person)
    {
        if (person.Identity?.AuthenticationType == DashboardSchemes.Bearer)
            return settings.SessionLength;
        if (Of(person) is not { } id)
            return null;
        lock (_gate)
            return _open.TryGetValue(id, out var session) && session.Ends - time.GetUtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero;
    }

    private void End(Func<string, Session, bool> which, HttpContext? last)
    {
        List<HttpContext> others;
        lock (_gate)
        {
            var ended = _open.Where(one => which(one.Key, one.Value)).Select(one => one.Key).ToHashSet();
            foreach (var id in ended)
                _open.Remove(id);
            others = [.. _requests.Where(request => request != last && Of(request.User) is { } id && ended.Contains(id))];
        }
        others.ForEach(request => request.Abort());
    }

    private static string? Of(ClaimsPrincipal person) => person.FindFirst(Claim)?.Value;

    private sealed record Session(DateTimeOffset Ends, string? Subject, string? Role);
}
