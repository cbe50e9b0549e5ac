using System.Globalization;
using System.Text;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;

namespace Migrator.App.Hosting;

/// <summary>Where files are in the state directory.</summary>
/// <param name="root">The state directory.</param>
/// <param name="workerSpool">The directory of one worker's spools; null where there are no other workers.</param>
public sealed class StatePaths(string root, string? workerSpool = null)
{
    public string Root => root;

    public string Checkpoints => Path.Combine(root, "checkpoints.db");

    public string JobRuns => Path.Combine(root, "job-runs.db");

    /// <summary>What was transferred in the last day with accounts that have a limit.</summary>
    public string Traffic => Path.Combine(root, "traffic.db");

    public string Schedules => Path.Combine(root, "schedules.db");

    /// <summary>Encrypted refresh tokens.</summary>
    public string Logins => Path.Combine(root, "logins");

    /// <summary>What they are encrypted with, where the settings name no other key.</summary>
    public string LoginKey => Path.Combine(root, "logins.key");

    /// <summary>What certificates of migrations are signed with, where no other key is given.</summary>
    public string CertificateKey => Path.Combine(root, "certificate-key.pfx");

    public string Certificates => Path.Combine(root, "certificates");

    public string Reports => Path.Combine(root, "reports");

    /// <summary>Holds the spools of all workers.</summary>
    public string Spools => Path.Combine(root, "spool");

    /// <summary>A spool that no other mailbox uses.</summary>
    public string SpoolOf(Transfer transfer) =>
        Path.Combine(workerSpool ?? Spools, Name($"{transfer.Source}\n{transfer.Target}", length: 32));

    /// <summary>This machine's index of an archive: by its location too, as a copy elsewhere has the same id.</summary>
    /// <param name="id">Of the archive.</param>
    /// <param name="location">Of the store that it is read from.</param>
    public string ArchiveIndex(Guid id, string location) =>
        Path.Combine(root, "archives", id.ToString("n", CultureInfo.InvariantCulture), $"index-{Name(location, length: 16)}.db");

    /// <inheritdoc cref="StatePaths(string, string?)"/>
    public StatePaths ForWorker(string workerSpool) => new(root, workerSpool);

    private static string Name(string text, int length) => ContentId.Of(Encoding.UTF8.GetBytes(text)).ToString()[..length];
}
