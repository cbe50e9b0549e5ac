using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Providers;
using Migrator.Core.Reports;
using Migrator.Core.Secrets;
using Migrator.Mail.Imap;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Migrations;

/// <summary>One user's migration between two real servers, with a state directory of its own.</summary>
public sealed class Harness : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("state");

    public Harness(DovecotServer old, DovecotServer @new)
        : this(old.ImapsPort, old.Fingerprint, @new.ImapsPort, @new.Fingerprint) => (Old, New) = (old, @new);

    /// <summary>With plaintext ports, such as those of a proxy.</summary>
    public Harness(DovecotServer old, DovecotServer @new, int sourcePort, int targetPort)
        : this(sourcePort, null, targetPort, null) => (Old, New) = (old, @new);

    public Harness(ScriptedImap source, ScriptedImap target)
        : this(source.Port, null, target.Port, null) { }

    private Harness(int sourcePort, string? sourceFingerprint, int targetPort, string? targetFingerprint)
    {
        SourceUser = DovecotServer.NewUser("old");
        TargetUser = DovecotServer.NewUser("new");
        Job = new MigrateJob(
            "test",
            Server(sourcePort, SourceUser, sourceFingerprint),
            Server(targetPort, TargetUser, targetFingerprint),
            FolderRules.All,
            RunOptions.Default with
            {
                QuietTime = TimeSpan.FromMilliseconds(40),
            },
            SourceDeletionPolicy.Never
        );
    }

    public DovecotServer Old { get; } = null!;

    public DovecotServer New { get; } = null!;

    public string SourceUser { get; }

    public string TargetUser { get; }

    public MigrateJob Job { get; set; }

    public RunProgress Progress { get; private set; } = new();

    /// <summary>Null to let it be found out.</summary>
    public ProviderProfile? SourceProvider { get; init; }

    /// <inheritdoc cref="SourceProvider"/>
    public ProviderProfile? TargetProvider { get; init; }

    public string State => _state.FullName;

    public string SpoolPath => Path.Combine(State, "spool");

    public static MailServer Server(int port, string user, string? fingerprint) =>
        new(
            "localhost",
            port,
            fingerprint is null ? TlsMode.None : TlsMode.Implicit,
            user,
            new SecretReference(SecretSource.Env, "UNUSED"),
            AuthMethod.Auto,
            new CertificateTrust(fingerprint, null)
        );

    public SqliteCheckpointStore OpenStore() => new(Path.Combine(State, "checkpoints.db"));

    private ImapConnector Target => new(Job.Target, DovecotServer.Password) { Provider = TargetProvider };

    public MailboxEndpoints Ends
    {
        get
        {
            var source = new ImapConnector(Job.Source, DovecotServer.Password)
            {
                LabelsAreKeywords = Job.Folders.Labels == LabelRule.Keywords,
                Provider = SourceProvider,
            };
            return new((_, stop) => source.OpenSourceAsync(stop), Target.OpenTargetAsync);
        }
    }

    /// <summary>Nothing can be written to the target.</summary>
    public MailboxEndpoints Examined => Ends with { OpenTarget = Target.ExamineTargetAsync };

    public async Task<RunReport> RunAsync(CancellationToken stop, TimeProvider? time = null, MailboxEndpoints? endpoints = null)
    {
        Progress = new RunProgress();
        await using var store = OpenStore();
        return await new Migration(
            Job.Transfer,
            endpoints ?? Ends,
            store,
            SpoolPath,
            time ?? TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(Progress, stop);
    }

    /// <summary>What a run would do now.</summary>
    public async Task<Preflight> CheckAsync(CancellationToken stop)
    {
        await using var store = OpenStore();
        return await Preflight.RunAsync(
            Job.Transfer,
            Job.SourceDeletionPolicy,
            Examined,
            store,
            new RunProgress(),
            TimeProvider.System,
            NullLogger.Instance,
            stop
        );
    }

    /// <summary>Takes back what runs have delivered.</summary>
    public async Task<UndoReport> UndoAsync(
        CancellationToken stop,
        bool removes = false,
        bool isTrial = false,
        string place = "Undone",
        MailboxEndpoints? endpoints = null
    )
    {
        await using var store = OpenStore();
        return await new Undo(
            Job.Transfer,
            endpoints ?? (isTrial ? Ends with { OpenTarget = Target.ExamineTargetAsync } : Ends),
            store,
            new UndoRequest(FolderPath.Parse(place), removes, isTrial),
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), stop);
    }

    public async Task<VerifyReport> VerifyAsync(CancellationToken stop, TimeProvider? time = null, params Rewrite[] tolerates)
    {
        await using var store = OpenStore();
        return await new Verification(Job.Transfer, Ends, store, time ?? TimeProvider.System, NullLogger.Instance)
        {
            Tolerates = tolerates.ToHashSet(),
        }.RunAsync(new RunProgress(), stop);
    }

    public Task<RawImap> SourceAsync() => Old.LogInAsync(SourceUser);

    public Task<RawImap> TargetAsync() => New.LogInAsync(TargetUser);

    public Task<MailboxContent> SourceContentAsync() => MailboxContent.ReadAsync(Old, SourceUser);

    public Task<MailboxContent> TargetContentAsync() => MailboxContent.ReadAsync(New, TargetUser);

    public ValueTask DisposeAsync()
    {
        _state.Delete(recursive: true);
        return default;
    }
}
