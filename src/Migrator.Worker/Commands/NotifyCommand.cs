using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Core.Rounds;
using Migrator.Worker.Hosting;
using Migrator.Worker.Notifications;
using Migrator.Worker.Output;
using Migrator.Worker.Settings;

namespace Migrator.Worker.Commands;

/// <summary><c>migrator notify test</c>: whether those whom the settings name can be told.</summary>
internal static class NotifyCommand
{
    public static Command Create()
    {
        var test = new Command("test", "Send a sample to everybody whom the settings name, and say what each answered.");
        test.Does(AuditEvent.NotificationTested, (_, surroundings, stop) => TestAsync(surroundings, stop));
        return new Command("notify", "Try how people are told.") { test };
    }

    private static async Task<int> TestAsync(Surroundings surroundings, CancellationToken stop)
    {
        var (settings, screen) = (NotifySettings.Read(surroundings.Settings), new Screen(surroundings));
        var to = new Recipients(settings.Mail?.To ?? [], settings.Webhooks);
        if (to.IsEmpty)
            throw new JobFileException("settings", [new JobFileError("Notify", "names nobody: give addresses in \"Notify:Mail:To\" or webhooks in \"Notify:Webhooks\".")]);
        await using var services = new ServiceCollection().AddSingleton(surroundings.Time).AddSingleton(SettingSecrets.Resolver(surroundings.Settings)).AddMessenger(settings).BuildServiceProvider();
        var answers = await services.GetRequiredService<Messenger>().SendAsync(Sample(surroundings.Time.GetUtcNow(), settings.Url), to, stop).ConfigureAwait(false);
        foreach (var answer in answers)
            screen.Say(new { Event = "told", answer.Who, Taken = answer.Wrong is null, Why = answer.Wrong }, answer.Wrong is null ? $"{answer.Who}: taken." : $"{answer.Who}: NOT taken: {answer.Wrong}");
        return answers.All(answer => answer.Wrong is null) ? ExitCode.Success : ExitCode.Incomplete;
    }

    private static Letter Sample(DateTimeOffset now, Uri? dashboard)
    {
        var failure = new Failure(Reason.LoginRefused.Code, "This is a sample; no mailbox was touched.", "Nothing: you were reached.");
        var run = new MailboxStatus("sample", "ann@example.org", "", "", 0, 0, MailboxRunState.Failed, 1, now, now, now, now, null, null, null, default, failure, null, false);
        var round = new RoundStatus(0, "sample", RoundCause.Person, null, now.AddMinutes(-3), now, false, new RunCounts(0, 0, 1, 0, 1, 0), new MessageCounts(120, 20, 100, 0, 0, 0, 0, 1 << 20));
        return RoundLetter.Of(round, [run], upkeep: false, dashboard);
    }
}
