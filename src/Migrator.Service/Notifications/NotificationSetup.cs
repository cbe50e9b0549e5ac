using Microsoft.Extensions.DependencyInjection;
using Migrator.App.Settings;

namespace Migrator.Service.Notifications;

/// <summary>Puts telling together.</summary>
public static class NotificationSetup
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(10);

    /// <summary>Needs a run database, the job catalogue, the overdue policy, telemetry, a secret resolver, a token
    /// provider and a time provider.</summary>
    public static IServiceCollection AddNotifications(this IServiceCollection services, NotificationSettings settings) =>
        services
            .AddNotificationSender(settings)
            .AddSingleton<NotificationOutbox>()
            .AddSingleton<JobRunNotifier>()
            .AddSingleton<OverdueNotifier>()
            .AddSingleton<DailyDigestNotifier>()
            .AddSingleton<NotificationService>()
            .AddHostedService(provider => provider.GetRequiredService<NotificationService>());

    /// <summary>Only what sends; needs a secret resolver, a token provider and a time provider.</summary>
    public static IServiceCollection AddNotificationSender(this IServiceCollection services, NotificationSettings settings)
    {
        services
            .AddHttpClient(WebhookSender.Client, client => client.Timeout = s_answer)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false })
            // They would write whole addresses, and with them secrets.
            .RemoveAllLoggers();
        return services.AddSingleton(settings).AddSingleton<WebhookSender>().AddSingleton<NotificationSender>();
    }
}
