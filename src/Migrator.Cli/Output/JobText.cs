using Migrator.App.Formatting;
using Migrator.App.Progress;
using Migrator.Core.Reports;

namespace Migrator.Cli.Output;

/// <summary>The words for a job of many mailboxes, while it runs and after it.</summary>
internal static class JobText
{
    /// <summary>"12 of 200 mailboxes", "8 running", "1 not OK".</summary>
    public static IEnumerable<string> Mailboxes(JobState state)
    {
        yield return $"{Format.Count(state.Ended)} of {Format.Count(state.Mailboxes, "mailbox", "mailboxes")}";
        if (state.Running.Count > 0)
            yield return $"{Format.Count(state.Running.Count)} running";
        if (state.Waiting > 0)
            yield return $"{Format.Count(state.Waiting)} waiting";
        if (state.Wrong.Count > 0)
            yield return $"{Format.Count(state.Wrong.Count)} not OK";
    }

    /// <summary>"1,204 messages", "412/s", "3.1 MiB/s", "about 20 min left".</summary>
    public static IEnumerable<string> Messages(JobState state)
    {
        // A check copies nothing: a rate and a time left would be of what it found.
        if (state.Task is JobTask.Check or JobTask.Plan)
        {
            yield return $"{Format.Count(state.Expected, "message")} found";
            yield break;
        }
        // What is taken back is not known before.
        if (state.Task == JobTask.Undo)
            yield break;
        yield return state.Expected > state.Done
            ? $"{Format.Count(state.Done)} of {Format.Count(state.Expected, "message")}"
            : Format.Count(state.Done, "message");
        yield return Format.PerSecond(state.MessagesPerSecond);
        yield return Format.Size(state.BytesPerSecond) + "/s";
        if (state.Eta is { } eta && !state.Final)
            yield return $"about {Format.Duration(eta)} left";
    }

    /// <summary>"authentication-failed: …", and how many more reasons there are; empty where there is none.</summary>
    public static string Why(MailboxResult mailbox) =>
        mailbox.Reasons switch
        {
            [] => "",
            [var only] => $"{only.Code}: {only.Detail}",
            [var first, ..] => $"{first.Code}: {first.Detail} (and {Format.Count(mailbox.Reasons.Count - 1, "other reason")})",
        };
}
