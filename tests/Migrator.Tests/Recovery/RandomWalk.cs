using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Checkpoints;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Secrets;
using Migrator.Mail.Imap;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Tests.Memory;
using Migrator.Tests.Recovery.Steps;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Recovery;

/// <summary>Users of two real mailboxes do what they like at both ends, and runs copy in between; most of them fail at some step. After
/// each, the target holds what the model says.</summary>
/// <param name="directory">For the state; empty.</param>
/// <param name="seed">Decides everything.</param>
/// <param name="say">Receives what was done.</param>
/// <param name="follows">Whether runs follow what is moved, renamed and deleted at the source.</param>
internal sealed class RandomWalk(
    DovecotServer source,
    DovecotServer target,
    string directory,
    int seed,
    Action<string> say,
    bool follows = false
)
{
    private readonly Random _random = new(seed);
    private readonly WalkModel _model = new(follows);
    private readonly List<string> _done = [];
    private readonly string _sourceUser = DovecotServer.NewUser("source"),
        _targetUser = DovecotServer.NewUser("target");
    private readonly Transfer _transfer = new(
        "walk",
        "source",
        "target",
        FolderRules.All,
        RunOptions.Default with
        {
            QuietTime = TimeSpan.FromMilliseconds(40),
            AllowDeletions = true,
        }
    )
    {
        Follow = follows ? new FollowRules { Deletions = DeletionMode.Folder, Folder = new([WalkModel.Deleted]) } : null,
    };
    private int _steps = 100;

    public int Failures { get; private set; }

    public int Complete { get; private set; }

    /// <exception cref="InvalidOperationException">The target is not as the model says; the message has the seed and what was done
    /// last.</exception>
    public async Task RunAsync(int operations, CancellationToken stop)
    {
        var owner = new WalkingUser(source, _sourceUser, "source", _random);
        var mover = new WalkingUser(target, _targetUser, "target", _random);
        try
        {
            for (var done = 0; done < operations; )
            {
                for (var some = 1 + _random.Next(8); some > 0; some--, done++)
                    await (_random.Next(3) > 0 ? ActAtSourceAsync(owner) : ActAtTargetAsync(mover));
                var fails = _random.Next(5) < 3;
                var moment = (FaultMoment)_random.Next(3);
                await RunAsync(
                    fails
                        ? new RunSteps(
                            1 + _random.Next(moment == FaultMoment.Before ? _steps : 1 + (_steps / 10)),
                            moment,
                            (StepFault)_random.Next(2)
                        )
                        : new RunSteps(),
                    stop
                );
                say($"{done} operations, {Failures} failures, {Complete} complete runs");
            }
            await RunAsync(new RunSteps(), stop);
            var report = await RunAsync(new RunSteps(), stop);
            if (report?.Total.Delivered != 0 || report.Followed is { } followed && followed with { Kept = 0 } != default)
                throw new InvalidOperationException($"A run with nothing to do delivered {report?.Total.Delivered}: {report?.Followed}.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new InvalidOperationException($"Seed {seed}: {exception.Message}\n{string.Join('\n', _done.TakeLast(60))}", exception);
        }
    }

    private async Task ActAtSourceAsync(WalkingUser user)
    {
        var before = await SourceAsync();
        var act = await user.ActAsync();
        _done.Add($"source: {act}");
        _model.SourceChanged(before, await SourceAsync());
        // A name that other messages had before.
        var words = act.Split(' ');
        if (words is ["create" or "recreate", var made])
            _model.FolderChanged(made, before);
        if (words is ["rename", _, "to", var name])
            _model.FolderChanged(name, before);
    }

    private async Task ActAtTargetAsync(WalkingUser user)
    {
        var before = await TargetAsync();
        var act = await user.ActAsync();
        _done.Add($"target: {act}");
        _model.TargetChanged(before, await TargetAsync());
        if (act.Split(' ') is ["delete" or "recreate", _] or ["rename", _, "to", _])
            _model.FolderChanged(act.Split(' ')[1], before);
    }

    /// <returns>Null where the run was killed, or could not begin.</returns>
    private async Task<RunReport?> RunAsync(RunSteps steps, CancellationToken stop)
    {
        var (here, before) = (await SourceAsync(), await TargetAsync());
        _model.RunBegins(here);
        RunReport? report = null;
        try
        {
            await using var store = new SteppedStore(new SqliteCheckpointStore(Path.Combine(directory, "checkpoints.db")), steps);
            report = await new Migration(
                _transfer,
                Ends(steps),
                store,
                Path.Combine(directory, "spool"),
                new ImmediateClock(),
                NullLogger.Instance
            ).RunAsync(new RunProgress(), stop);
        }
        catch (ProcessKilledException) { }
        catch (CheckpointException) when (steps.Hit == "checkpoint: open") { }
        _done.Add($"run: {steps.Hit ?? "no failure"}, {report?.Outcome} {report?.Followed}");
        Failures += steps.Hit is null ? 0 : 1;
        _steps = steps.Hit is null ? steps.Count : _steps;
        var after = await TargetAsync();
        var wrongs = _model.Wrongs(before, after).ToList();
        var complete = report is { Outcome: RunOutcome.Complete };
        Complete += complete ? 1 : 0;
        if (complete || (report is not null && NamesCopiesOfTheUser(report, after)))
        {
            wrongs.AddRange(_model.Lacks(here, after));
            if (follows)
                wrongs.AddRange(_model.Unfollowed(here, after, report!.Followed!.Value.Kept));
        }
        else if (steps.Hit is null)
            wrongs.Add($"The run did not fail, and says {Words(report!)}");
        if (report is { Total.AddsUp: false })
            wrongs.Add($"{report.Total} does not add up");
        return wrongs.Count == 0
            ? report
            : throw new InvalidOperationException(
                $"{string.Join('\n', wrongs)}\n{(report is null ? "killed" : Words(report))} at {steps.Hit}"
            );
    }

    /// <summary>After a session that was lost, nobody can tell a copy that the target's user made from one that arrived late: the run names
    /// it, and is not complete.</summary>
    private bool NamesCopiesOfTheUser(RunReport report, MailboxContent target)
    {
        // Flags that the target's user changed, and copies that stay for that, are named by a complete run, too.
        var others = report.Differences.Where(difference => difference.Kind is not (DifferenceKind.Flags or DifferenceKind.Kept)).ToList();
        return report is { Outcome: RunOutcome.Partial, Failures: [], Total.Remaining: 0 }
            && others.Count > 0
            && others.TrueForAll(difference => difference.Kind == DifferenceKind.Duplicate)
            && others
                .CountBy(difference => difference.TargetFolder)
                .All(folder => folder.Value <= _model.CopiesOfTheUser(target, folder.Key.ToString()));
    }

    private MailboxEndpoints Ends(RunSteps steps) =>
        new(
            (_, stop) =>
                steps.ReadAsync<IMailSource>(
                    "source: connect",
                    async () => new SteppedSource(await Connector(source, _sourceUser).OpenSourceAsync(stop), "source", steps)
                ),
            (lease, stop) =>
                steps.ReadAsync<IMailTarget>(
                    "target: connect",
                    async () =>
                        new SteppedTarget(
                            await Connector(target, _targetUser).OpenTargetAsync(lease, stop),
                            "target",
                            steps,
                            isPipelined: false
                        )
                )
        );

    private static ImapConnector Connector(DovecotServer server, string user) =>
        new(
            new MailServer(
                "localhost",
                server.ImapPort,
                TlsMode.None,
                user,
                new SecretReference(SecretSource.Env, "UNUSED"),
                AuthMethod.Auto,
                new CertificateTrust(null, null)
            ),
            DovecotServer.Password
        );

    private Task<MailboxContent> SourceAsync() => MailboxContent.ReadAsync(source, _sourceUser);

    private Task<MailboxContent> TargetAsync() => MailboxContent.ReadAsync(target, _targetUser);

    private static string Words(RunReport report) =>
        $"{report.Outcome} {report.Total} {report.Stopped?.Detail}\n{string.Join('\n', report.Failures)}\n"
        + $"{string.Join('\n', report.Differences)}\n{string.Join('\n', report.Notices)}";
}
