using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Secrets;
using Migrator.Service.Dashboard.Feed;
using Migrator.Service.Dashboard.Security;
using Migrator.Service.Settings;
using MudBlazor.Services;

namespace Migrator.Service.Dashboard;

/// <summary>What the web page is made of.</summary>
public static class DashboardServices
{
    /// <summary>Adds the page. Needs besides: an IRunHistory, an IRunQueue, a JobCatalogue, a JobControl and an Auditor; a
    /// <see cref="ScheduleLook"/> where next runs are to be shown.</summary>
    /// <exception cref="ConfigurationException">Every error in the settings, or a secret that is not where they say.</exception>
    public static IServiceCollection AddDashboard(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = DashboardSettings.Read(configuration);
        var secrets = SettingSecrets.Resolver(configuration);
        var tokens = new DashboardTokens(settings, secrets);
        services
            .AddSingleton(settings)
            .AddSingleton(tokens)
            .AddSingleton<HostNames>()
            .AddSingleton<Lockout>()
            .AddSingleton<LoginAudit>()
            .AddSingleton<Sessions>();
        // The bare door is not for use: what passes it would leave no trace.
        services.AddSingleton(provider => new LoginDoor(
            new TokenAuthenticator(tokens, provider.GetRequiredService<Lockout>()),
            provider.GetRequiredService<LoginAudit>()
        ));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(ScheduleLook.None);
        services.AddSingleton<DashboardFeed>();
        services.AddScoped<JobActions>();
        services.AddMudServices(options =>
        {
            options.SnackbarConfiguration.PositionClass = MudBlazor.Defaults.Classes.Position.BottomCenter;
            options.SnackbarConfiguration.PreventDuplicates = true;
        });
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddScoped<AuthenticationStateProvider, CircuitPeople>();
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery(options => (options.Cookie.Name, options.Cookie.SecurePolicy) = ("migrator-form", Secure(settings)));
        // Keys live as long as the worker: nothing on disk to protect. After a restart, people log in again.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error));
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            // As far back as each hop was a trusted proxy: where it ends at one of them, all people behind it would be one address.
            options.ForwardLimit = null;
            foreach (var proxy in settings.Proxies)
                options.KnownProxies.Add(proxy);
        });
        AddLogin(services, settings, secrets);
        return services;
    }

    private static void AddLogin(IServiceCollection services, DashboardSettings settings, SecretResolver secrets)
    {
        var authentication = services
            .AddAuthentication(DashboardSchemes.Any)
            .AddPolicyScheme(
                DashboardSchemes.Any,
                null,
                options =>
                    options.ForwardDefaultSelector = context =>
                        !settings.AsksForLogin ? DashboardSchemes.ThisMachine
                        : BearerHandler.Speaks(context.Request) ? DashboardSchemes.Bearer
                        : DashboardSchemes.Cookie
            )
            .AddScheme<AuthenticationSchemeOptions, LoopbackHandler>(DashboardSchemes.ThisMachine, null)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(DashboardSchemes.Bearer, null)
            .AddCookie(
                DashboardSchemes.Cookie,
                options =>
                {
                    options.Cookie.Name = "migrator";
                    options.Cookie.HttpOnly = true;
                    // Strict would not be sent on the way back from a provider, which is another site.
                    options.Cookie.SameSite = settings.OpenId is null ? SameSiteMode.Strict : SameSiteMode.Lax;
                    options.Cookie.SecurePolicy = Secure(settings);
                    options.ExpireTimeSpan = settings.SessionLength;
                    options.SlidingExpiration = false;
                    options.LoginPath = options.AccessDeniedPath = "/login";
                    options.ReturnUrlParameter = "to";
                    options.Events.OnRedirectToLogin = RedirectOrRefuse;
                    options.Events.OnSigningIn = context =>
                    {
                        context.HttpContext.RequestServices.GetRequiredService<Sessions>().Begin(context.Principal!);
                        return Task.CompletedTask;
                    };
                    options.Events.OnValidatePrincipal = context =>
                    {
                        if (context.HttpContext.RequestServices.GetRequiredService<Sessions>().IsOver(context.Principal!))
                            context.RejectPrincipal();
                        return Task.CompletedTask;
                    };
                }
            );
        if (settings.OpenId is { } openId)
            OpenIdLogin.Add(authentication, openId, secrets);
        services
            .AddAuthorizationBuilder()
            .AddPolicy(
                DashboardRoles.MayLook,
                policy => policy.AddAuthenticationSchemes(DashboardSchemes.Any).RequireRole(DashboardRoles.Reader, DashboardRoles.Operator)
            );
    }

    // A page leads to the login; a script, the hub, or anyone who looks after the health of jobs is refused.
    private static Task RedirectOrRefuse(RedirectContext<CookieAuthenticationOptions> context)
    {
        var request = context.Request;
        var ofPage = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<DashboardEndpoint>() is not null;
        if (
            ofPage
            && HttpMethods.IsGet(request.Method)
            && !request.Path.StartsWithSegments("/_blazor")
            && !request.Path.Value!.EndsWith(".json", StringComparison.Ordinal)
        )
            context.Response.Redirect(context.RedirectUri);
        else
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private static CookieSecurePolicy Secure(DashboardSettings settings) =>
        settings.OnlyTls ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
}
