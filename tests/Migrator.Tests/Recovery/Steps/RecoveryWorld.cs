using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Checkpoints;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Selection;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>Two mailboxes in memory between which runs copy, and a checkpoint: on disk in a long proof.</summary>
internal sealed class RecoveryWorld : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("state");
    private readonly MemoryCheckpointStore _memory = new();
    private readonly List<(FolderPath Folder, MemoryMailSource.Message Message)> _strangers = [];
    private readonly List<(FolderPath Folder, string Line)> _kept = [];

    public RecoveryWorld()
    {
        OpenSource = _ => Task.FromResult<IMailSource>(Source.Session());
        Wanted = () => Source.Folders.SelectMany(folder => folder.Messages.Values.Select(message => (folder.Path, message)));
        Run = MigrateAsync;
    }

    public MemoryMailSource Source { get; set; } = new();

    public MemoryMailSource Target { get; } = new();

    /// <summary>Given the UID map of the run.</summary>
    public Func<IUidMap, Task<IMailSource>> OpenSource { get; set; }

    public Func<MemoryMailSource, MemoryMailTarget> OpenTarget { get; set; } = mailbox => new MemoryMailTarget(mailbox);

    public FolderRules Folders { get; set; } = FolderRules.All;

    public MessageRules Messages { get; set; } = MessageRules.All;

    public FollowRules? Follow { get; set; }

    public RunOptions Options { get; set; } = RunOptions.Default with { Connections = 1, QuietTime = TimeSpan.FromMilliseconds(4) };

    /// <summary>One run; a copy by default.</summary>
    public Func<RunSteps, Task<RunReport>> Run { get; set; }

    /// <summary>What happens to the mailboxes between the run that failed and the next one.</summary>
    public Action AfterFailure { get; set; } = () => { };

    /// <summary>Where the mail of a source folder is to be.</summary>
    public Func<FolderPath, FolderPath> PlaceOf { get; set; } = folder => folder;

    /// <summary>A rule of the target's user: where a message of the source is to be, if not in the place of its folder.</summary>
    public Func<byte[], FolderPath?> Rule { get; set; } = _ => null;

    /// <summary>What has to be at the target; all that the source has, by default.</summary>
    public Func<IEnumerable<(FolderPath Folder, MemoryMailSource.Message Message)>> Wanted { get; set; }

    /// <summary>The target has by another name what a run names by the time of day.</summary>
    public Func<FolderPath, FolderPath> NameOf { get; set; } = folder => folder;

    /// <summary>A message that the target moves away as it arrives cannot be found again: a run that sends it a second time says
    /// so.</summary>
    public bool MayDouble { get; set; }

    /// <summary>What must hold after every run, whether it failed or not.</summary>
    public Action Invariant { get; set; } = () => { };

    /// <summary>A run that finds nothing new writes records of messages all the same: a restore starts over each time.</summary>
    public bool KeepsRecording { get; set; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static byte[] Letter(int number) =>
        Encoding.ASCII.GetBytes($"Message-ID: <{number}@x>\r\nSubject: {number}\r\n\r\nText {number}\r\n");

    public static DateTimeOffset Day(int number) => new DateTimeOffset(2020, 1, 1, 7, 8, 9, TimeSpan.FromHours(2)).AddDays(number);

    public Transfer Transfer => new("test", "memory:source", "memory:target", Folders, Options) { Messages = Messages, Follow = Follow };

    private string State => _state.FullName;

    public string SpoolPath => Path.Combine(State, "spool");

    public ICheckpointStore OpenStore(RunSteps steps) =>
        new SteppedStore(Proof.IsLong ? new SqliteCheckpointStore(Path.Combine(State, "checkpoints.db")) : _memory, steps);

    public MailboxEndpoints Ends(RunSteps steps) =>
        new(
            (map, _) =>
                steps.ReadAsync(
                    "source: connect",
                    async () =>
                        await OpenSource(map) switch
                        {
                            IDeletableSource removable => (IMailSource)new SteppedPop3(removable, "source", steps),
                            var session => new SteppedSource(session, "source", steps),
                        }
                ),
            (_, _) =>
                steps.ReadAsync(
                    "target: connect",
                    () =>
                    {
                        var session = OpenTarget(Target);
                        return Task.FromResult<IMailTarget>(new SteppedTarget(session, "target", steps, session.IsPipelined));
                    }
                )
        );

    /// <summary>A run in which nothing fails.</summary>
    public async Task CopyAsync() => Assert.Equal(RunOutcome.Complete, (await Run(new RunSteps())).Outcome);

    /// <summary>Mail at the target that no run brought, and none may touch.</summary>
    public void AddStranger(string folder, byte[] bytes, string flags, DateTimeOffset date)
    {
        var there = Find(Target, folder) ?? Target.Add(folder, uidValidity: 50 + (uint)Target.Folders.Count);
        var uid = there.Add(bytes, flags, date);
        _strangers.Add((there.Path, there.Messages[uid]));
    }

    /// <summary>Whatever the target holds is not the mail of others.</summary>
    public void Forget() => _strangers.Clear();

    /// <summary>What was delivered stays at the target although the source has it no longer, or not there.</summary>
    public void Keep(string folder, byte[] bytes, string flags, DateTimeOffset date) =>
        _kept.Add((FolderPath.Parse(folder), Line(bytes, FlagSet.Parse(flags), date)));

    public static MemoryMailSource.Folder? Find(MemoryMailSource mailbox, string folder) =>
        mailbox.Folders.Find(known => known.Path == FolderPath.Parse(folder));

    /// <summary>Gives the messages of a folder new numbers, and maybe it a new name.</summary>
    /// <param name="uidValidity">Of then.</param>
    /// <param name="first">UID of the first message then.</param>
    /// <param name="keeps">Which messages are still there.</param>
    public static void Renumber(
        MemoryMailSource mailbox,
        string folder,
        uint uidValidity,
        uint first,
        Func<MemoryMailSource.Message, bool>? keeps = null,
        string? name = null
    )
    {
        var before = Find(mailbox, folder)!;
        var after = new MemoryMailSource.Folder(
            FolderPath.Parse(name ?? folder),
            before.Use,
            before.Selectable,
            before.Subscribed,
            uidValidity
        )
        {
            HighestModSeq = before.HighestModSeq,
            LastUid = first - 1,
        };
        foreach (var message in before.Messages.Values.Where(keeps ?? (_ => true)))
            after.Add(message.Bytes, message.Flags.ToString(), message.InternalDate);
        mailbox.Folders[mailbox.Folders.IndexOf(before)] = after;
    }

    /// <summary>The target holds each message exactly once, as the source has it, and what it had besides.</summary>
    /// <returns>How many it holds more than once, where this is inevitable.</returns>
    public int ShouldBeWhole()
    {
        var wanted = Wanted()
            .Select(pair => (Folder: Rule(pair.Message.Bytes) ?? PlaceOf(pair.Folder), Line: Line(pair.Message)))
            .Concat(_strangers.Select(pair => (pair.Folder, Line: Line(pair.Message))))
            .Concat(_kept)
            .Select(pair => $"{pair.Folder} {pair.Line}")
            .Order(StringComparer.Ordinal)
            .ToList();
        var there = Target
            .Folders.SelectMany(folder => folder.Messages.Values.Select(message => $"{NameOf(folder.Path)} {Line(message)}"))
            .Order(StringComparer.Ordinal)
            .ToList();
        ShouldHaveStrangers();
        var left = there.ToList();
        Assert.True(
            wanted.All(left.Remove) && (MayDouble ? left.All(wanted.Contains) : left.Count == 0),
            $"Wanted:\n{string.Join('\n', wanted)}\nThere:\n{string.Join('\n', there)}"
        );
        return left.Distinct().Count();
    }

    /// <summary>No message that no run brought was touched.</summary>
    public void ShouldHaveStrangers()
    {
        foreach (var (folder, message) in _strangers)
            Assert.Equal(message, Target.Folders.Find(known => known.Path == folder)?.Messages.GetValueOrDefault(message.Uid));
    }

    /// <summary>Mail that no run brought, a line each.</summary>
    public IEnumerable<string> Strangers => _strangers.Select(pair => Line($"{pair.Folder}", pair.Message));

    public bool IsStranger(MemoryMailSource.Message message) => _strangers.Exists(pair => pair.Message == message);

    public static string Line(string folder, MemoryMailSource.Message message) => $"{folder}|{Line(message)}";

    public ValueTask DisposeAsync()
    {
        _state.Delete(recursive: true);
        return default;
    }

    private async Task<RunReport> MigrateAsync(RunSteps steps)
    {
        await using var store = OpenStore(steps);
        return await MigrateAsync(steps, store);
    }

    /// <summary>And then deletes at the source.</summary>
    public async Task<RunReport> MigrateAndDeleteAsync(RunSteps steps)
    {
        await using var store = OpenStore(steps);
        var report = await MigrateAsync(steps, store);
        return report.Outcome is RunOutcome.Interrupted or RunOutcome.Aborted
            ? report
            : await new DeliveredDeletion(Transfer, Ends(steps), store, TimeProvider.System).RunAsync(report, 0, new RunProgress(), Stop);
    }

    private async Task<RunReport> MigrateAsync(RunSteps steps, ICheckpointStore store) =>
        await new Migration(Transfer, Ends(steps), store, SpoolPath, new ImmediateClock(), NullLogger.Instance).RunAsync(
            new RunProgress(),
            Stop
        );

    private static string Line(MemoryMailSource.Message message) => Line(message.Bytes, message.Flags, message.InternalDate);

    private static string Line(byte[] bytes, FlagSet flags, DateTimeOffset date) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{MemoryMailSource.Field(bytes, MimeKit.HeaderId.Subject)} {ContentId.Of(bytes)} ({flags}) {date.UtcDateTime:s}"
        );
}
