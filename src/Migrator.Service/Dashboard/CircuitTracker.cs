using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Migrator.Service.Dashboard;

/// <summary>Ends what browsers still have open when the service stops. A page whose connection is closed reconnects at once; one that
/// comes through before the web server listens no more is closed by nobody, and the server would wait for it until the whole shutdown has
/// run out, with every mailbox that is to stop waiting behind it.</summary>
internal static class CircuitTracker
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public static void EndOpenPages(this WebApplication app)
    {
        var over = new CancellationTokenSource();
        app.Lifetime.ApplicationStopping.Register(() => over.CancelAfter(s_patience));
        app.Lifetime.ApplicationStopped.Register(over.Dispose);
        app.Use(
            async (context, next) =>
            {
                if (app.Lifetime.ApplicationStopping.IsCancellationRequested)
                {
                    (context.Response.StatusCode, context.Response.Headers.Connection) = (StatusCodes.Status503ServiceUnavailable, "close");
                    return;
                }
                await using var end = over.Token.Register(context.Abort);
                await next(context);
            }
        );
    }
}
