using System.Globalization;
using Migrator.Core.Mail;

namespace Migrator.Core.Selection;

/// <summary><see cref="MessageRules"/> on the day of a run.</summary>
public sealed class MessageSelection
{
    private readonly MessageRules _rules;
    private readonly DateTimeOffset? _receivedAfter,
        _receivedBefore,
        _sentAfter,
        _sentBefore;

    private MessageSelection(MessageRules rules, DateTimeOffset now)
    {
        _rules = rules;
        (_receivedAfter, _receivedBefore) = (rules.ReceivedAfter?.Resolve(now), rules.ReceivedBefore?.Resolve(now));
        (_sentAfter, _sentBefore) = (rules.SentAfter?.Resolve(now), rules.SentBefore?.Resolve(now));
        Mark = string.Join(
            '\n',
            new (string Name, object? Value)[]
            {
                ("receivedAfter", _receivedAfter?.ToUnixTimeSeconds()),
                ("receivedBefore", _receivedBefore?.ToUnixTimeSeconds()),
                ("sentAfter", _sentAfter?.ToUnixTimeSeconds()),
                ("sentBefore", _sentBefore?.ToUnixTimeSeconds()),
                ("largerThan", rules.LargerThan),
                ("smallerThan", rules.SmallerThan),
                ("withFlags", Text(rules.WithFlags)),
                ("withoutFlags", Text(rules.WithoutFlags)),
                ("search", rules.Search),
                // A search may name ages, and what it finds may change while the message does not.
                ("searchedOn", rules.Search is null ? null : now.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            }
                .Where(rule => rule.Value is not null)
                .Select(rule => string.Create(CultureInfo.InvariantCulture, $"{rule.Name} {rule.Value}"))
        );
    }

    /// <returns>Null where the rules leave nothing out.</returns>
    public static MessageSelection? Of(MessageRules rules, DateTimeOffset now) => rules.LeavesOut ? new MessageSelection(rules, now) : null;

    /// <summary>Two runs with the same mark choose alike.</summary>
    public string Mark { get; }

    /// <summary>The search key that a message must match as well; null for none.</summary>
    public string? Search => _rules.Search;

    /// <summary>Whether <see cref="IncludesSent"/> is to be asked.</summary>
    public bool NeedsSentDate => _sentAfter is not null || _sentBefore is not null;

    /// <summary>What the rules say without the date of sending and the search.</summary>
    public bool Includes(MessageSummary message) =>
        IsWithin(message.InternalDate, _receivedAfter, _receivedBefore)
        && !(message.Size <= _rules.LargerThan)
        && !(message.Size >= _rules.SmallerThan)
        && _rules.WithFlags.All(message.Flags.Contains)
        && !_rules.WithoutFlags.Any(message.Flags.Contains);

    /// <param name="sent">Null where the message has no date that can be read: it is not left out for that.</param>
    public bool IncludesSent(DateTimeOffset? sent) => sent is not { } date || IsWithin(date, _sentAfter, _sentBefore);

    private static bool IsWithin(DateTimeOffset date, DateTimeOffset? after, DateTimeOffset? before) =>
        !(date < after) && !(date >= before);

    private static string? Text(IReadOnlyList<string> flags) => flags.Count == 0 ? null : new FlagSet(flags).ToString();
}
