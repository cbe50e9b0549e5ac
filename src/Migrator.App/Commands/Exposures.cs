using Microsoft.Extensions.Configuration;
using Migrator.App.Hosting;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Redaction;
using Migrator.Core.Secrets;

namespace Migrator.App.Commands;

/// <summary>What settings and jobs send unencrypted through a network, a line each. All of it is somebody's decision, and may have been
/// taken for another network: it is said, not refused. What is unknown, because a secret is missing or a setting is wrong, is left to
/// anyone who uses it.</summary>
public sealed class Exposures(IConfiguration settings, StoreFactory stores, TextWriter errors)
{
    public Exposures(CommandContext context)
        : this(context.Settings, context.Stores, context.Errors) { }

    /// <summary>For a command: of the settings that count for jobs, and of one job.</summary>
    public void Warn(IEnumerable<Job> jobs, NotifyRule? notify) => Warn(OfSettings().Concat(Of(jobs, notify)));

    /// <summary>For a command that is given an archive.</summary>
    public void Warn(ArchiveReference archive) => Warn([Try(() => stores.Archive(archive).InClear())]);

    /// <summary>For a command that is given an account.</summary>
    /// <param name="option">That names it.</param>
    public void Warn(MailServer server, string option) => Warn([InClear.Of(server, $"\"tls\" in {option}")]);

    /// <param name="notify">Who is notified of them; null for nobody.</param>
    public IEnumerable<string> Of(IEnumerable<Job> jobs, NotifyRule? notify) =>
        jobs.SelectMany(Of).Concat((notify?.Webhooks ?? []).Select(OfWebhook)).OfType<string>().Distinct();

    private IEnumerable<string?> Of(Job job)
    {
        if (job is MailboxJob mailbox)
        {
            yield return At(job, InClear.Of(mailbox.Source, "\"tls\" of the source"));
            yield return At(job, InClear.OfProxy(mailbox.Source));
        }
        if (job is MigrateJob migration)
        {
            yield return At(job, InClear.Of(migration.Target, "\"tls\" of the target"));
            yield return At(job, InClear.OfProxy(migration.Target));
        }
        var archive = job switch
        {
            BackupJob backup => backup.Archive,
            UpkeepJob upkeep => upkeep.Archive,
            _ => null,
        };
        if (archive is not null)
            yield return Try(() => At(job, stores.Archive(archive).InClear()));
    }

    /// <summary>Of the settings that count for jobs.</summary>
    public IEnumerable<string> OfSettings()
    {
        var notify = Try(() => NotificationSettings.Read(settings));
        return new[]
        {
            Try(() => stores.Database)?.InClear,
            notify?.Mail is { } mail ? At("Notifications", InClear.Of(mail.Server, "Notify:Mail:Tls")) : null,
        }
            .Concat((notify?.Webhooks ?? []).Select(OfWebhook))
            .OfType<string>();
    }

    private string? OfWebhook(SecretReference webhook) =>
        Try(() =>
            Uri.TryCreate(SettingSecrets.Resolver(settings).Resolve(webhook, "address of a webhook").Trim(), UriKind.Absolute, out var url)
                ? At(
                    "Notifications",
                    InClear.Of(
                        url,
                        $"The address of the webhook {webhook}, which often contains a secret, and all notifications go",
                        "an address that begins with https:// there"
                    )
                )
                : null
        );

    private void Warn(IEnumerable<string?> lines)
    {
        foreach (var line in lines.OfType<string>().Distinct())
            errors.WriteLine(SecretRedactor.Redact($"Warning: {line}"));
    }

    private static string? At(Job job, string? line) => At($"Job {job.Name}", line);

    /// <summary>A line with the place in front; null where there is none.</summary>
    public static string? At(string where, string? line) => line is null ? null : $"{where}: {char.ToLowerInvariant(line[0])}{line[1..]}";

    /// <summary>Null where a secret is missing or a setting is wrong.</summary>
    public static T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is ConfigurationException or ArgumentException or FormatException)
        {
            return null;
        }
    }
}
