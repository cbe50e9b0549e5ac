using Migrator.App.Execution;
using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.App.Formatting;

/// <summary>Small phrases that terminal and page share.</summary>
public static class Wording
{
    /// <summary>The kinds in the order in which a reader should see them.</summary>
    public static readonly IReadOnlyList<DifferenceKind> Kinds =
    [
        DifferenceKind.Folder, DifferenceKind.Missing, DifferenceKind.Content, DifferenceKind.Duplicate,
        DifferenceKind.Flags, DifferenceKind.InternalDate, DifferenceKind.Extra,
    ];

    public static string Title(DifferenceKind kind) => kind switch
    {
        DifferenceKind.Folder => "Folders missing at the target",
        DifferenceKind.Missing => "Messages missing at the target",
        DifferenceKind.Content => "Messages altered",
        DifferenceKind.Duplicate => "Messages that arrived twice",
        DifferenceKind.Flags => "Messages with other flags",
        DifferenceKind.InternalDate => "Messages with another date",
        DifferenceKind.Extra => "Messages at the target only (no fault)",
        _ => kind.ToString(),
    };

    /// <summary>"ann at mail.example" for <c>imap://ann@mail.example:993</c>; a port that is not IMAP's is shown.</summary>
    public static string Account(string account) =>
        Uri.TryCreate(account, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0
            ? $"{Uri.UnescapeDataString(uri.UserInfo)} at {uri.Host}{(uri.Port is 993 or 143 or -1 ? "" : $":{uri.Port}")}" : account;

    public static string Folder(FolderReport folder) =>
        folder.Target is null || folder.Target == folder.Source ? folder.Source.ToString() : $"{folder.Source} → {folder.Target}";

    public static string Folder(FolderComparison folder) =>
        folder.Source.Count == 0 || folder.Source is [var only] && only == folder.Target
            ? folder.Target.ToString() : $"{string.Join(" + ", folder.Source)} → {folder.Target}";

    public static string? Note(FolderReport folder) =>
        folder.Failure is { } failure ? $"failed: {failure.Code}" : folder.Target is null ? "left out by rule" : null;

    public static string? Note(FolderComparison folder) => folder.Failure is { } failure ? $"not compared: {failure.Code}" : folder.TargetExists ? null : "missing at the target";

    /// <summary>Where delivered messages are: "at the target".</summary>
    public static string Place(Operation operation) => operation switch
    {
        Operation.Backup or Operation.Upkeep => "in the archive",
        Operation.Export => "in the files",
        _ => "at the target",
    };

    /// <summary>What was done with them: the title of a column.</summary>
    public static string Done(Operation operation) => operation switch
    {
        Operation.Backup => "Stored",
        Operation.Export => "Written",
        _ => "Delivered",
    };

    /// <summary>What messages are that were found there before: the title of a column.</summary>
    public static string There(Operation operation) => operation == Operation.Upkeep ? "Proved" : "Already there";

    /// <summary>What a row of the report is about.</summary>
    public static string Part(Operation operation) => operation == Operation.Upkeep ? "Mailbox" : "Folder";

    /// <param name="subject">Null where nobody asked or there is none: nothing is said then.</param>
    public static string Subject(string? subject) => subject is null ? "" : string.IsNullOrWhiteSpace(subject) ? "(no subject)" : subject;

    public static string Value(string text) => text.Length == 0 ? "none" : text;

    public static bool NeedsAttention(FolderReport folder) =>
        folder.Failure is not null || folder.Counts is not { Failed: 0, Vanished: 0, Remaining: 0 };

    /// <summary>What to do, each hint once, with the code it belongs to.</summary>
    public static IReadOnlyList<Failure> Hints(RunReport report) =>
        [.. report.Folders.Select(folder => folder.Failure).Prepend(report.Stopped)
            .Concat(report.Problems).Concat(report.Failures.Select(failure => failure.Failure))
            .OfType<Failure>().DistinctBy(failure => (failure.Code, failure.Hint))];

    /// <summary>"Took 3 min 20 s: 12,000 messages, 1.2 GiB; 60/s, 6.1 MiB/s.": <paramref name="octets"/> in all.</summary>
    public static string Speed(TimeSpan took, long messages, long octets)
    {
        var amount = $"Took {Format.Duration(took)}: {Format.Count(messages, "message")}, {Format.Size(octets)}";
        return took.TotalSeconds < 1 || messages == 0 ? amount + "."
            : $"{amount}; {Format.PerSecond(messages / took.TotalSeconds)}, {Format.Size(octets / took.TotalSeconds)}/s.";
    }
}
