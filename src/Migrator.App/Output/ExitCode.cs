using Migrator.App.Execution;
using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.App.Output;

/// <summary>What the process tells its caller. Scripts rest on these: never given another meaning.</summary>
public static class ExitCode
{
    /// <summary>Every message is at the target or left out by rule; a verify found nothing missing or altered.</summary>
    public const int Success = 0;

    /// <summary>Some messages are not at the target, or are not as they are at the source.</summary>
    public const int Incomplete = 1;

    /// <summary>The command line or a job file is wrong; no server was asked anything.</summary>
    public const int Configuration = 2;

    /// <summary>A server could not be reached or logged in to, or was lost and did not come back.</summary>
    public const int Connection = 3;

    /// <summary>Stopped by the user: 128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>All was done, but standard output, which was to show it, could not be written: EX_IOERR of sysexits.h.</summary>
    public const int OutputLost = 74;

    /// <summary>A fault in Migrator itself: EX_SOFTWARE of sysexits.h.</summary>
    public const int Internal = 70;

    public static int Of(RunReport report) =>
        report.Outcome switch
        {
            RunOutcome.Complete => Success,
            RunOutcome.Interrupted => Interrupted,
            RunOutcome.Aborted when report.Stopped is { } stopped && IsConnection(stopped.Code) => Connection,
            _ => Incomplete,
        };

    public static int Of(VerifyReport report) =>
        report switch
        {
            { Identical: true } => Success,
            { Stopped: { } stopped } when IsConnection(stopped.Code) => Connection,
            _ => Incomplete,
        };

    public static int Of(UndoReport report) =>
        report switch
        {
            { Outcome: RunOutcome.Complete } => Success,
            { Outcome: RunOutcome.Interrupted } => Interrupted,
            { Stopped: { } stopped } when IsConnection(stopped.Code) => Connection,
            _ => Incomplete,
        };

    /// <summary>Of a command that ended because of this.</summary>
    public static int Of(Reason reason) =>
        reason.Category switch
        {
            FailureCategory.Connection => Connection,
            FailureCategory.Configuration => Configuration,
            FailureCategory.Internal => Internal,
            _ => Incomplete,
        };

    /// <param name="reasonCode">The code of a <see cref="Reason"/>.</param>
    public static bool IsConnection(string reasonCode) => Reason.Find(reasonCode)?.Category == FailureCategory.Connection;
}
