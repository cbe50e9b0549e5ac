using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Migrator.Service.Dashboard.Pages;
using Migrator.Service.Dashboard.Security;
using Migrator.Service.Settings;

namespace Migrator.Service.Dashboard;

/// <summary>Where the web page is.</summary>
public static class DashboardEndpoints
{
    /// <summary>Name of the assembly whose files the page is made of; the application must be named so, whatever was started.</summary>
    public const string ApplicationName = "migrator-service";

    /// <summary>What a builder of the application needs so that the page finds its files: after a build and after a publish, whatever
    /// the current directory is.</summary>
    public static WebApplicationOptions Options(params string[] args) =>
        new()
        {
            ApplicationName = ApplicationName,
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
            Args = args,
        };

    /// <summary>The files of a build lie where the sources and packages are, which a list beside the program says; those of a publish lie
    /// beside the program, and there is no list.</summary>
    public static void UseDashboardFiles(this IWebHostBuilder host) => host.UseStaticWebAssets();

    /// <summary>Puts the page at <c>/</c>. Endpoints that are not the page's are left alone.</summary>
    public static WebApplication MapDashboard(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<DashboardSettings>();
        app.EndOpenPages();
        if (settings.BehindProxy)
            app.UseForwardedHeaders();
        app.UseMiddleware<OriginAndHostGuard>();
        app.UseAuthentication();
        Sessions.Use(app);
        app.UseAuthorization();
        PersonAddress.Use(app);
        app.UseAntiforgery();
        app.MapStaticAssets(Path.Combine(AppContext.BaseDirectory, $"{ApplicationName}.staticwebassets.endpoints.json"));
        app.MapRazorComponents<Pages.App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .WithMetadata(new DashboardEndpoint())
            .RequireAuthorization(DashboardRoles.MayLook);
        LoginEndpoints.Map(app);
        ReportEndpoints.Map(app);
        return app;
    }
}
