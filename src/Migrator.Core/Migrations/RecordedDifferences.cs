using System.Globalization;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>How it is recorded that a delivered message is not as it was sent: every later run reports it again, and none has to
/// read the message again to know.</summary>
internal static class RecordedDifferences
{
    /// <summary>Instead of kinds, of what was delivered and never inspected, once it is <see cref="MessageState.Superseded"/>.</summary>
    public const string Unchecked = "Unchecked";

    /// <summary>What is expected of a <see cref="DifferenceKind.Kept"/>.</summary>
    public const string LeftFolder = "no longer in this folder";

    private const string LateCopyText = "a second copy arrived late, as UID ";

    private const char BetweenKinds = ',';
    private const char BetweenDetails = '\n';

    /// <summary>As it was found: <see cref="MessageState.Delivered"/> where nothing differs.</summary>
    public static MessageRecord Inspected(MessageRecord record, IReadOnlyList<(DifferenceKind Kind, string Actual)> differences) =>
        differences.Count == 0
            ? record with
            {
                State = MessageState.Delivered,
                Intent = null,
                Reason = null,
                Detail = null,
            }
            : record with
            {
                State = MessageState.Differs,
                // Only what is missing may be elsewhere, and there more than once.
                Intent = differences.Any(difference => difference.Kind == DifferenceKind.Missing) ? record.Intent : null,
                Reason = string.Join(BetweenKinds, differences.Select(difference => difference.Kind)),
                Detail = string.Join(BetweenDetails, differences.Select(difference => difference.Actual.ReplaceLineEndings(" "))),
            };

    /// <summary>What a record was before it was <see cref="MessageState.Superseded"/>.</summary>
    public static MessageRecord Revived(MessageRecord record) =>
        record.Reason switch
        {
            null => record with { State = MessageState.Delivered },
            Unchecked => record with { State = MessageState.Unchecked, Reason = null, Detail = null },
            _ => record with { State = MessageState.Differs },
        };

    public static IReadOnlyList<(DifferenceKind Kind, string Actual)> Of(MessageRecord record)
    {
        if (record.State != MessageState.Differs || record.Reason is null)
            return [];
        var details = record.Detail?.Split(BetweenDetails) ?? [];
        return
        [
            .. record
                .Reason.Split(BetweenKinds)
                .Select((kind, index) => (Enum.Parse<DifferenceKind>(kind), details.ElementAtOrDefault(index) ?? "")),
        ];
    }

    /// <summary>Whether it was found to differ so when it was delivered, also of a message that has left its folder since.</summary>
    public static bool Had(MessageRecord record, DifferenceKind kind) =>
        record.Reason?.Split(BetweenKinds).Contains(kind.ToString(), StringComparer.Ordinal) ?? false;

    /// <summary>The same with one difference more, or another detail of it.</summary>
    public static MessageRecord With(MessageRecord record, DifferenceKind kind, string actual) =>
        Inspected(record, [.. Of(record).Where(known => known.Kind != kind), (kind, actual)]);

    public static MessageRecord Without(MessageRecord record, DifferenceKind kind) =>
        Inspected(record, [.. Of(record).Where(known => known.Kind != kind)]);

    /// <summary>A <see cref="DifferenceKind.Duplicate"/> in the folder of the message itself.</summary>
    public static string LateCopy(Uid uid) => string.Create(CultureInfo.InvariantCulture, $"{LateCopyText}{uid}");

    /// <returns>The UID of the second copy; null where both are in another folder.</returns>
    public static TargetUid? LateCopyUid(string actual) =>
        actual.StartsWith(LateCopyText, StringComparison.Ordinal)
            ? uint.Parse(actual.AsSpan(LateCopyText.Length), CultureInfo.InvariantCulture)
            : null;

    /// <summary>A <see cref="DifferenceKind.Duplicate"/> in a folder that the target moves mail to.</summary>
    public static string MovedCopies(FolderPath place, int copies) =>
        string.Create(CultureInfo.InvariantCulture, $"{copies} copies in {place}")
        + ": its append was interrupted, it was sent again, and the target moved it there";

    /// <summary>Whether the target holds it more than once in other folders than its own, by what an earlier run found.</summary>
    public static bool HasMovedCopies(MessageRecord record) =>
        Of(record).Any(known => known.Kind == DifferenceKind.Duplicate && LateCopyUid(known.Actual) is null);

    /// <summary>Whether the target does not hold the message once, with the bytes of the source.</summary>
    public static bool IsLasting(DifferenceKind kind) =>
        kind is DifferenceKind.Missing or DifferenceKind.Trashed or DifferenceKind.Content or DifferenceKind.Duplicate;
}
