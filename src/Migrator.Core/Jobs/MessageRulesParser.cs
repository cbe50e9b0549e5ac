using Migrator.Core.Mail;
using Migrator.Core.Selection;

namespace Migrator.Core.Jobs;

/// <summary>Reads which messages are copied, and which of them first.</summary>
internal static class MessageRulesParser
{
    public static MessageRules Read(JsonObjectReader? messages)
    {
        if (messages is null)
            return MessageRules.All;
        var (unreadOnly, skipDeleted) = (messages.Flag("unreadOnly") ?? false, messages.Flag("skipDeleted") ?? false);
        var most = messages.Object("atMost");
        var rules = new MessageRules
        {
            ReceivedAfter = Date(messages, "receivedAfter"),
            ReceivedBefore = Date(messages, "receivedBefore"),
            SentAfter = Date(messages, "sentAfter"),
            SentBefore = Date(messages, "sentBefore"),
            LargerThan = Size(messages, "largerThan"),
            SmallerThan = Size(messages, "smallerThan"),
            WithFlags = Flags(messages, "withFlags"),
            WithoutFlags =
            [
                .. Flags(messages, "withoutFlags"),
                .. unreadOnly ? ["\\Seen"] : Array.Empty<string>(),
                .. skipDeleted ? ["\\Deleted"] : Array.Empty<string>(),
            ],
            Search = Search(messages),
            NewestFirst = messages.Flag("newestFirst") ?? false,
            KeepsOrder = messages.Flag("keepOrder") ?? false,
            MostMessages = most?.Number("messages", 1, int.MaxValue),
            MostBytes = most is null ? null : Size(most, "size"),
        };
        most?.NothingElse();
        messages.NothingElse();
        if (rules is { KeepsOrder: true, NewestFirst: false })
            messages.Wrong(
                messages.At("keepOrder"),
                "is for \"newestFirst\": without it, messages are delivered in the order of arrival anyway."
            );
        else if (rules is { KeepsOrder: true, IsLimited: false })
            messages.Wrong(
                messages.At("keepOrder"),
                "needs \"atMost\": a run that delivers all of them in the order of arrival has no newest first."
            );
        Compare(messages, "receivedAfter", rules.ReceivedAfter, "receivedBefore", rules.ReceivedBefore);
        Compare(messages, "sentAfter", rules.SentAfter, "sentBefore", rules.SentBefore);
        if (rules.LargerThan + 1 >= rules.SmallerThan)
            messages.Wrong(messages.At("smallerThan"), "leaves out every message, together with \"largerThan\".");
        foreach (var flag in rules.WithFlags.Intersect(rules.WithoutFlags, StringComparer.OrdinalIgnoreCase))
            messages.Wrong(messages.At("withFlags"), $"requires {flag}, which another rule leaves out.");
        return rules;
    }

    private static DateLimit? Date(JsonObjectReader messages, string name)
    {
        if (messages.Text(name) is not { } text)
            return null;
        if (DateLimit.Parse(text) is { } limit)
            return limit;
        messages.Wrong(
            messages.At(name),
            $"is \"{text}\"; write a day (\"2026-01-31\"), a time with its offset (\"2026-01-31T08:00:00Z\"), or an age in days (\"90d\"), "
                + "1d to 36500d."
        );
        return null;
    }

    private static long? Size(JsonObjectReader messages, string name)
    {
        if (messages.Text(name) is not { } text)
            return null;
        if (JobFile.ParseSize(text) is { } size and > 0)
            return size;
        messages.Wrong(messages.At(name), $"is \"{text}\"; write a size such as \"500 KiB\", \"25 MiB\" or \"2 GiB\".");
        return null;
    }

    private static IReadOnlyList<string> Flags(JsonObjectReader messages, string name)
    {
        var flags = messages.Texts(name);
        foreach (var (index, flag) in flags.Index())
        {
            if (
                flag.Any(letter => letter is <= ' ' or > '~' or '(' or ')' or '{' or '"' or '%' or '*' or ']')
                || flag.LastIndexOf('\\') > 0
            )
                messages.Wrong(
                    $"{messages.At(name)}[{index}]",
                    $"is \"{flag}\"; write a flag such as \"\\\\Flagged\", or a keyword such as \"$Label1\"."
                );
        }
        return flags;
    }

    private static string? Search(JsonObjectReader messages)
    {
        if (messages.Text("search") is not { } key)
            return null;
        if (SearchKey.Fault(key) is { } fault)
            messages.Wrong(messages.At("search"), fault);
        return key;
    }

    private static void Compare(JsonObjectReader messages, string afterName, DateLimit? after, string beforeName, DateLimit? before)
    {
        // An age and a moment cannot be compared: it depends on the day.
        if (after?.At >= before?.At || after?.Age <= before?.Age)
            messages.Wrong(messages.At(beforeName), $"leaves out every message, together with \"{afterName}\".");
    }
}
