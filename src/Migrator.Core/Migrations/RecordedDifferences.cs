using Migrator.Core.Checkpoints;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>How it is recorded that a delivered message is not as it was sent: every later run reports it again, and none has to
/// read the message again to know.</summary>
internal static class RecordedDifferences
{
    /// <summary>Instead of kinds, of what was delivered and never inspected, once it is <see cref="MessageState.Superseded"/>.</summary>
    public const string Unchecked = "Unchecked";

    private const char BetweenKinds = ',';
    private const char BetweenDetails = '\n';

    /// <summary>As it was found: <see cref="MessageState.Delivered"/> where nothing differs.</summary>
    public static MessageRecord Inspected(MessageRecord record, IReadOnlyList<(DifferenceKind Kind, string Actual)> differences) =>
        differences.Count == 0
            ? record with
            {
                State = MessageState.Delivered,
                Reason = null,
                Detail = null,
            }
            : record with
            {
                State = MessageState.Differs,
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

    /// <summary>The same with one difference more, or another detail of it.</summary>
    public static MessageRecord With(MessageRecord record, DifferenceKind kind, string actual) =>
        Inspected(record, [.. Of(record).Where(known => known.Kind != kind), (kind, actual)]);

    public static MessageRecord Without(MessageRecord record, DifferenceKind kind) =>
        Inspected(record, [.. Of(record).Where(known => known.Kind != kind)]);

    /// <summary>Whether the target does not hold the message once, with the bytes of the source.</summary>
    public static bool IsLasting(DifferenceKind kind) =>
        kind is DifferenceKind.Missing or DifferenceKind.Trashed or DifferenceKind.Content or DifferenceKind.Duplicate;
}
