using Microsoft.Extensions.DependencyInjection;
using Migrator.App.Settings;

namespace Migrator.Service.Notifications;

/// <summary>Puts telling together.</summary>
public static class TellingSetup
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(10);

    /// <summary>Needs a round store, the job catalogue, lateness, telemetry, a secret resolver and a time provider.</summary>
    public static IServiceCollection AddTelling(this IServiceCollection services, NotifySettings settings) => services
        .AddMessenger(settings)
        .AddSingleton<Mailroom>()
        .AddSingleton<RoundTelling>()
        .AddSingleton<LateTelling>()
        .AddSingleton<DigestTelling>()
        .AddSingleton<Teller>()
        .AddHostedService(provider => provider.GetRequiredService<Teller>());

    /// <summary>Only what sends; needs a secret resolver and a time provider.</summary>
    public static IServiceCollection AddMessenger(this IServiceCollection services, NotifySettings settings)
    {
        services.AddHttpClient(WebhookSender.Client, client => client.Timeout = s_answer)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false })
            // They would write whole addresses, and with them secrets.
            .RemoveAllLoggers();
        return services.AddSingleton(settings).AddSingleton<WebhookSender>().AddSingleton<Messenger>();
    }
}
