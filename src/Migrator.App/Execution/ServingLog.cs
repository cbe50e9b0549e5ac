using Microsoft.Extensions.Logging;
using Migrator.Core.JobRuns;

namespace Migrator.App.Execution;

/// <summary>What the worker logs. Event ids are stable.</summary>
public static partial class ServingLog
{
    [LoggerMessage(2001, LogLevel.Information, "Worker {Worker} is ready; jobs: {Jobs}, concurrent mailboxes: {MaxConcurrency}")]
    public static partial void Serving(this ILogger log, string worker, int jobs, int maxConcurrency);

    [LoggerMessage(2002, LogLevel.Information, "Run {Run} of {Job}, mailbox {Mailbox}: attempt {Attempt} begins")]
    public static partial void RunBegins(this ILogger log, long run, string job, string mailbox, int attempt);

    [LoggerMessage(2003, LogLevel.Warning, "Run {Run} of {Job}, mailbox {Mailbox}: taken over from a worker whose heartbeat timed out")]
    public static partial void RunTakenOver(this ILogger log, long run, string job, string mailbox);

    [LoggerMessage(
        2004,
        LogLevel.Information,
        "Run {Run} of {Job}, mailbox {Mailbox}: {State}; {Found} messages, {Delivered} of them new, {Failed} " + "failed"
    )]
    public static partial void RunEnded(
        this ILogger log,
        long run,
        string job,
        string mailbox,
        MailboxRunState state,
        long delivered,
        long found,
        long failed
    );

    [LoggerMessage(2005, LogLevel.Warning, "Run {Run} of {Job}, mailbox {Mailbox}: {State}: {Code}: {Detail}")]
    public static partial void RunFailed(
        this ILogger log,
        long run,
        string job,
        string mailbox,
        MailboxRunState state,
        string code,
        string detail
    );

    [LoggerMessage(2006, LogLevel.Error, "Run {Run} of {Job}, mailbox {Mailbox}: internal error in Migrator")]
    public static partial void RunFault(this ILogger log, Exception exception, long run, string job, string mailbox);

    [LoggerMessage(2007, LogLevel.Information, "Run {Run} of {Job}, mailbox {Mailbox}: stops at its next safe point ({Reason})")]
    public static partial void RunStops(this ILogger log, long run, string job, string mailbox, StopReason reason);

    [LoggerMessage(2008, LogLevel.Error, "The run database is unavailable: {Detail} Retrying")]
    public static partial void StoreFails(this ILogger log, string detail);

    [LoggerMessage(2009, LogLevel.Information, "Shutting down; running mailboxes stop at their next safe point: {Running}")]
    public static partial void GoingDown(this ILogger log, int running);

    [LoggerMessage(
        2010,
        LogLevel.Warning,
        "Shutting down although {Running} mailboxes have not reached a safe point; they resume from their " + "last checkpoint"
    )]
    public static partial void NotSafe(this ILogger log, int running);

    [LoggerMessage(2011, LogLevel.Warning, "Run {Run} of {Job}, mailbox {Mailbox} is no longer in the job file; it is cancelled")]
    public static partial void MailboxGone(this ILogger log, long run, string job, string mailbox);

    [LoggerMessage(2012, LogLevel.Information, "The dashboard is at {Url}")]
    public static partial void DashboardAt(this ILogger log, string url);

    [LoggerMessage(2013, LogLevel.Information, "Worker {Worker} has stopped")]
    public static partial void Stopped(this ILogger log, string worker);

    [LoggerMessage(2014, LogLevel.Warning, "Not protected: {What}")]
    public static partial void Unprotected(this ILogger log, string what);

    [LoggerMessage(
        2015,
        LogLevel.Warning,
        "Run {Run} of {Job}, mailbox {Mailbox}: no progress for {Minutes} minutes ({Phase}); a server that "
            + "sends next to nothing for 10 minutes is given up, others may be slow"
    )]
    public static partial void RunStalled(this ILogger log, long run, string job, string mailbox, string phase, long minutes);
}
