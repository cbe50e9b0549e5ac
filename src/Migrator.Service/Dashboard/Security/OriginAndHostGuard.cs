using Microsoft.AspNetCore.Http;
using Migrator.Service.Settings;

namespace Migrator.Service.Dashboard.Security;

/// <summary>What stands before every page, its hub and its forms: refuses what another web site sends by way of a browser, and
/// tells the browser what the page will never do.</summary>
internal sealed class OriginAndHostGuard(RequestDelegate next, DashboardSettings settings, HostNames names)
{
    // Scripts are files of our own, none in the page. MudBlazor sets styles on elements (heights, positions), hence unsafe-inline
    // for styles alone.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        // For all that is served, health too: addresses are made with it in many places.
        if (!HostNames.IsValid(context.Request.Host))
            return RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "The Host header holds no valid host name and port.");
        if (context.GetEndpoint()?.Metadata.GetMetadata<DashboardEndpoint>() is null)
            return next(context);
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Not no-referrer: with that, browsers send "Origin: null" along with our own forms.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        // Both, else the library of the guard against forgery puts them there and warns of it at each page.
        headers.CacheControl = "no-cache, no-store";
        if (!names.Contain(context.Request.Host))
            return RefuseAsync(
                context,
                StatusCodes.Status421MisdirectedRequest,
                "This page does not answer to that host name. Open it by its configured name, or add the name to "
                    + "\"Dashboard:Hosts\" in the settings."
            );
        if (settings.BehindProxy && !context.Request.IsHttps)
            return RefuseAsync(
                context,
                StatusCodes.Status400BadRequest,
                "This page is behind a reverse proxy, which has to send \"X-Forwarded-Proto: https\". If it does, add the "
                    + "address that it calls from to \"Dashboard:Proxies\" in the settings."
            );
        if (!ComesFromUs(context.Request))
            return RefuseAsync(
                context,
                StatusCodes.Status403Forbidden,
                "Another web site asked for this: refused. Behind a reverse proxy, the proxy must pass on the Host header."
            );
        return next(context);
    }

    // The hub is a WebSocket, to which browsers let any site connect, and with cookies: only Origin tells.
    private static bool ComesFromUs(HttpRequest request)
    {
        if (request.Headers.Origin.ToString() is not { Length: > 0 } origin)
            return true;
        var looksOnly =
            (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && !request.HttpContext.WebSockets.IsWebSocketRequest
            && !request.Path.StartsWithSegments("/_blazor");
        return looksOnly
            || (
                Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && Uri.TryCreate($"{from.Scheme}://{request.Host.Value}", UriKind.Absolute, out var us)
                && us.Authority == from.Authority
            );
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why + "\n", context.RequestAborted);
    }
}
