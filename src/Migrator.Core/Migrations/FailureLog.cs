using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>What failed in one folder during a run, until it is handed to the report.</summary>
internal sealed class FailureLog(RunContext run, FolderMapping mapping, FolderProgress progress)
{
    private readonly HashSet<Uid> _failed = [];
    private readonly List<MessageFailure> _messages = [];
    private readonly Dictionary<string, int> _countByCode = [];

    /// <summary>Why the folder as a whole was given up; null where it was not.</summary>
    public Failure? Folder { get; private set; }

    public bool Any => _failed.Count > 0 || Folder is not null;

    public bool Contains(Uid uid)
    {
        lock (_failed)
            return _failed.Contains(uid);
    }

    public void Add(IReadOnlyList<(MessageRecord Record, Reason Reason, string Detail)> failures)
    {
        foreach (var (record, reason, detail) in failures)
        {
            lock (_failed)
            {
                _failed.Add(record.Uid);
                if ((_countByCode[reason.Code] = _countByCode.GetValueOrDefault(reason.Code) + 1) > RunIssues.Most)
                    continue;
                _messages.Add(new MessageFailure(mapping.Source.Path, record.Uid, null, record.Size, Failure.Of(reason, detail)));
            }
            run.Log.MessageFailed(record.Uid.Value, mapping.Source.Path, reason.Code, detail);
        }
        foreach (var reason in failures.CountBy(failure => failure.Reason.Code))
            progress.Failed(reason.Value, reason.Key);
    }

    /// <summary>These messages, which were reported as failed, did not fail.</summary>
    public void Withdraw(Reason reason, IReadOnlySet<Uid> uids)
    {
        lock (_failed)
            _failed.ExceptWith(uids);
        run.Findings.Remove(reason.Code, mapping.Source.Path, uids);
        progress.Failed(-uids.Count);
    }

    public void FolderFailed(MailException exception)
    {
        Folder = Failure.Of(exception);
        progress.GivenUp(exception.Reason.Code);
        run.Log.FolderFailed(mapping.Source.Path, exception.Reason.Code, exception.Message);
    }

    /// <summary>Hands the failures to the report, with their subjects where the source gives them.</summary>
    public async Task ReportAsync(IMailSource source, CancellationToken cancellationToken)
    {
        const int mostSubjects = 500;
        // A server that ends the connection when it is asked for a message may do so for its subject too.
        List<Uid> readable =
        [
            .. _messages
                .Where(failure => failure.Failure.Code != Reason.SourceUnreadable.Code)
                .Take(mostSubjects)
                .Select(failure => failure.Uid)
                .Order(),
        ];
        IReadOnlyDictionary<Uid, string> subjects = new Dictionary<Uid, string>();
        try
        {
            if (readable.Count > 0)
                subjects = await source.FetchSubjectsAsync(readable, cancellationToken);
        }
        catch (MailException exception)
        {
            run.Log.NoSubjects(mapping.Source.Path, exception.Message);
        }
        Report(subjects);
    }

    /// <summary>The same without subjects, when the source cannot be asked any more.</summary>
    public void Report() => Report(new Dictionary<Uid, string>());

    private void Report(IReadOnlyDictionary<Uid, string> subjects)
    {
        foreach (var failure in _messages)
            run.Findings.Add(failure with { Subject = subjects.GetValueOrDefault(failure.Uid) });
        _messages.Clear();
        foreach (var (code, count) in _countByCode.Where(kind => kind.Value > RunIssues.Most))
            run.Findings.AddUnlisted(code, count - RunIssues.Most);
        _countByCode.Clear();
    }
}
