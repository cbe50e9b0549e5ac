using System.Globalization;
using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Plans;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Selection;
using Migrator.Core.Spool;

namespace Migrator.Core.Migrations;

/// <summary>What all parts of one run share.</summary>
/// <param name="Files">Null where nothing is fetched.</param>
internal sealed record RunContext(
    IMailboxCheckpoint Checkpoint,
    SpoolDirectory? Files,
    RunProgress Progress,
    RunIssues Findings,
    Quota Quota,
    RunOptions Options,
    TimeProvider Time,
    ILogger Log
)
{
    public SpoolDirectory Spool => Files ?? throw new InvalidOperationException("Without a spool nothing is fetched.");

    /// <summary>Null where nothing is delivered.</summary>
    public EarlierCopies? Earlier { get; init; }

    /// <summary>Null where no message is left out by rule.</summary>
    public MessageSelection? Selection { get; init; }

    /// <summary>What is moved and deleted at the source is moved and deleted at the target.</summary>
    public bool Follows { get; init; }

    /// <summary>What the run may do; null for all that is to be done.</summary>
    public AppliedPlan? Plan { get; init; }

    /// <summary>The user of the mailbox works at the target: what arrives at the source is brought, and nothing else.</summary>
    public bool IsSwitched { get; init; }

    /// <summary>Copies that somebody else brought get the flags that they lack.</summary>
    public bool AddsFlags { get; init; } = true;
}
