using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.Core.JobRuns;

/// <summary>What became of a run.</summary>
/// <param name="State">Over; or <see cref="MailboxRunState.Waiting"/> to be taken up again.</param>
/// <param name="Counts">Of what was done.</param>
/// <param name="Failure">What it ended with; null where it ended well.</param>
/// <param name="Report">As JSON, in the shape of the report file; null where there is none.</param>
/// <param name="Wait">With Waiting: not before so long from now.</param>
/// <param name="Spent">With Waiting: whether an attempt was used up. Being stopped uses up none.</param>
public sealed record RunEnd(
    long Run,
    long FencingToken,
    MailboxRunState State,
    MessageCounts Counts,
    Failure? Failure,
    string? Report,
    TimeSpan Wait,
    bool Spent
);
