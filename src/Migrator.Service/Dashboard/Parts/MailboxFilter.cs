using Migrator.Core.JobRuns;
using Migrator.Service.Dashboard.Feed;

namespace Migrator.Service.Dashboard.Parts;

/// <summary>Which mailboxes of a job are shown, and in which order.</summary>
internal sealed record MailboxFilter(string Search, string State, string Sort, bool Down)
{
    public static readonly MailboxFilter All = new("", "", "state", false);

    public static readonly IReadOnlyList<(string Key, string Word, Func<MailboxView, bool> Takes)> States =
    [
        ("attention", "Need attention", mailbox => mailbox.NeedsAttention),
        ("invalid", "Error in its row", mailbox => mailbox.Wrong is not null),
        ("running", "Running", mailbox => mailbox.State == MailboxRunState.Running),
        ("waiting", "Waiting", mailbox => mailbox.State == MailboxRunState.Waiting),
        ("complete", "Complete", mailbox => mailbox.State == MailboxRunState.Complete),
        ("partial", "Incomplete", mailbox => mailbox.State == MailboxRunState.Partial),
        ("failed", "Failed", mailbox => mailbox.State == MailboxRunState.Failed),
        ("cancelled", "Cancelled", mailbox => mailbox.State == MailboxRunState.Cancelled),
        ("never", "Not yet run", mailbox => mailbox.State is null),
        ("overdue", "Overdue", mailbox => mailbox.Overdue),
    ];

    public List<MailboxView> Apply(IEnumerable<MailboxView> mailboxes)
    {
        var takes = States.FirstOrDefault(state => state.Key == State).Takes;
        var shown = mailboxes.Where(mailbox => (takes is null || takes(mailbox)) && Matches(mailbox)).ToList();
        Comparison<MailboxView> order = Sort switch
        {
            "state" => (a, b) => Rank(a).CompareTo(Rank(b)),
            "progress" => (a, b) => (a.Done ?? -1).CompareTo(b.Done ?? -1),
            "rate" => (a, b) => (a.Status?.Progress?.MessagesPerSecond ?? -1).CompareTo(b.Status?.Progress?.MessagesPerSecond ?? -1),
            "left" => (a, b) => (a.Status?.Progress?.Eta ?? double.MaxValue).CompareTo(b.Status?.Progress?.Eta ?? double.MaxValue),
            "good" => (a, b) =>
                (a.Status?.LastSuccess ?? DateTimeOffset.MinValue).CompareTo(b.Status?.LastSuccess ?? DateTimeOffset.MinValue),
            "proved" => (a, b) => (a.Proof?.Proved ?? DateTimeOffset.MinValue).CompareTo(b.Proof?.Proved ?? DateTimeOffset.MinValue),
            _ => (a, b) => string.CompareOrdinal(a.Name, b.Name),
        };
        shown.Sort(
            (a, b) =>
                order(a, b) is not 0 and var by
                    ? Down
                        ? -by
                        : by
                    : string.CompareOrdinal(a.Name, b.Name)
        );
        return shown;
    }

    private bool Matches(MailboxView mailbox) =>
        Search.Length == 0
        || mailbox.Name.Contains(Search, StringComparison.OrdinalIgnoreCase)
        || (
            mailbox.Status is { } status
            && (
                status.Source.Contains(Search, StringComparison.OrdinalIgnoreCase)
                || status.Target.Contains(Search, StringComparison.OrdinalIgnoreCase)
                || (
                    status.Failure is { } failure
                    && (
                        failure.Code.Contains(Search, StringComparison.OrdinalIgnoreCase)
                        || failure.Detail.Contains(Search, StringComparison.OrdinalIgnoreCase)
                    )
                )
            )
        );

    // What wants a person first.
    private static int Rank(MailboxView mailbox) =>
        mailbox.State switch
        {
            _ when mailbox.Wrong is not null => 0,
            MailboxRunState.Failed => 1,
            MailboxRunState.Partial => 2,
            _ when mailbox.Overdue => 3,
            MailboxRunState.Running => 4,
            MailboxRunState.Waiting => 5,
            MailboxRunState.Cancelled => 6,
            null => 7,
            _ => 8,
        };
}
