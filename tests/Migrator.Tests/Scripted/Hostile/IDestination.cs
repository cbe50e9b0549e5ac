using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Where the mail of a server that misbehaves is brought.</summary>
internal interface IDestination : IAsyncDisposable
{
    /// <summary>Of the last run.</summary>
    RunProgress Progress { get; }

    /// <summary>What INBOX held before the first run, and keeps.</summary>
    IReadOnlyList<StoredMail> Residents { get; }

    Task<RunReport> RunAsync(
        Func<IUidMap, CancellationToken, Task<IMailSource>> source,
        SourceDeletionPolicy deletion,
        TimeProvider time,
        CancellationToken stop
    );

    /// <summary>Compares what is stored with the source, and changes nothing.</summary>
    Task<IReadOnlyList<Difference>> VerifyAsync(Func<IUidMap, CancellationToken, Task<IMailSource>> source, CancellationToken stop);

    /// <summary>What is stored by now, by folder, named as on the wire.</summary>
    Task<IReadOnlyDictionary<string, IReadOnlyList<StoredMail>>> ReadAsync(CancellationToken stop);

    /// <summary>What the run names to the user of flags and dates that it could not bring as the source has them.</summary>
    IEnumerable<string> Named(RunReport report);
}
