using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;
using Migrator.Service.Notifications;

namespace Migrator.Service.Commands;

/// <summary><c>migrator notify test</c>: whether those whom the settings name can be notified.</summary>
internal static class NotifyCommand
{
    public static async Task<int> TestAsync(CommandContext context, CancellationToken stop)
    {
        var settings = NotificationSettings.Read(context.Settings);
        var to = new Recipients(settings.Mail?.To ?? [], settings.Webhooks);
        if (to.IsEmpty)
            throw new ConfigurationException(
                "settings",
                [
                    new ConfigurationError(
                        "Notify",
                        "names no recipient: give addresses in \"Notify:Mail:To\" or webhooks in \"Notify:Webhooks\"."
                    ),
                ]
            );
        await using var services = new ServiceCollection()
            .AddSingleton(context.Time)
            .AddSingleton(SettingSecrets.Resolver(context.Settings))
            .AddSingleton(context.Sessions.Tokens)
            .AddNotificationSender(settings)
            .BuildServiceProvider();
        var answers = await services
            .GetRequiredService<NotificationSender>()
            .SendAsync(Sample(context.Time.GetUtcNow(), settings.Url), to, stop);
        foreach (var answer in answers)
            Show(context, answer);
        return answers.All(answer => answer.Wrong is null) ? ExitCode.Success : ExitCode.Incomplete;
    }

    private static void Show(CommandContext context, DeliveryResult answer)
    {
        if (context.Json)
            new JsonView(context.Out, context.Time).Write(
                new JsonLine("notified")
                {
                    { "who", answer.Who },
                    { "taken", answer.Wrong is null },
                    { "why", answer.Wrong },
                }
            );
        else
            context.Out.WriteLine(
                TextSanitizer.ForTerminal(answer.Wrong is null ? $"{answer.Who}: accepted." : $"{answer.Who}: NOT accepted: {answer.Wrong}")
            );
    }

    private static Notification Sample(DateTimeOffset now, Uri? dashboard)
    {
        var failure = new Failure(
            Reason.AuthenticationFailed.Code,
            "This is a sample; no mailbox was touched.",
            "Nothing; this is a test message."
        );
        var run = new MailboxStatus(
            "sample",
            "ann@example.org",
            "",
            "",
            0,
            0,
            MailboxRunState.Failed,
            1,
            now,
            now,
            now,
            now,
            null,
            null,
            null,
            default,
            failure,
            null,
            false
        );
        var jobRun = new JobRunStatus(
            0,
            "sample",
            JobRunTrigger.Manual,
            null,
            now.AddMinutes(-3),
            now,
            false,
            new RunCounts(0, 0, 1, 0, 1, 0),
            new MessageCounts(120, 20, 100, 0, 0, 0, 0, 1 << 20)
        );
        return JobRunNotification.Of(jobRun, [run], upkeep: false, dashboard);
    }
}
