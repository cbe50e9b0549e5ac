using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;

namespace Migrator.Tests.Servers;

/// <summary>All that a mailbox holds, as a client of no relation to the product sees it: folders in any order, messages of a
/// folder in the order of UIDs.</summary>
public sealed partial record MailboxContent(
    IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> Folders,
    IReadOnlySet<string> Subscribed
)
{
    /// <param name="Hash">Of the exact bytes.</param>
    public sealed record Message(string Hash, int Size, string Flags, string Date);

    public int Count => Folders.Values.Sum(messages => messages.Count);

    public static async Task<MailboxContent> ReadAsync(DovecotServer server, string user)
    {
        await using var imap = await server.LogInAsync(user);
        return await ReadAsync(imap);
    }

    public static async Task<MailboxContent> ReadAsync(RawImap imap)
    {
        var folders = new SortedDictionary<string, IReadOnlyList<Message>>(StringComparer.Ordinal);
        foreach (var response in await imap.RunAsync("LIST \"\" \"*\""))
        {
            if (ListedName(response) is { } name && !Unselectable().IsMatch(response.Text))
                folders[ModifiedUtf7.Decode(name)] = await MessagesAsync(imap, name);
        }
        var subscribed = (await imap.RunAsync("LSUB \"\" \"*\""))
            .Select(ListedName)
            .OfType<string>()
            .Select(ModifiedUtf7.Decode)
            .ToHashSet();
        return new MailboxContent(folders, subscribed);
    }

    /// <summary>Fails with the name of whatever differs.</summary>
    public void ShouldEqual(MailboxContent other)
    {
        ShouldEqual("folders", Folders.Keys, other.Folders.Keys);
        foreach (var (folder, messages) in Folders)
        {
            if (!messages.SequenceEqual(other.Folders[folder]))
                throw new InvalidDataException($"{folder}:\n{Differences(messages, other.Folders[folder])}");
        }
        ShouldEqual("subscriptions", Subscribed.Order(), other.Subscribed.Order());
    }

    // Benchmarks read mailboxes too, and have no test framework.
    private static void ShouldEqual(string what, IEnumerable<string> here, IEnumerable<string> there)
    {
        if (!here.SequenceEqual(there))
            throw new InvalidDataException($"{what}: {string.Join(", ", here)} against {string.Join(", ", there)}");
    }

    private static string Differences(IReadOnlyList<Message> here, IReadOnlyList<Message> there) =>
        $"{here.Count} against {there.Count} messages\nonly here:\n{string.Join('\n', here.Except(there).Take(5))}\nonly "
        + $"there:\n{string.Join('\n', there.Except(here).Take(5))}";

    private static async Task<IReadOnlyList<Message>> MessagesAsync(RawImap imap, string encodedName)
    {
        await imap.RunAsync($"EXAMINE \"{encodedName.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"");
        var messages = new SortedDictionary<Uid, Message>();
        foreach (var response in await imap.RunAsync("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])"))
        {
            if (Fetched().Match(response.Text) is not { Success: true } match)
                continue;
            var bytes = response.Literals.Count > 0 ? response.Literals[0] : [];
            var flags = match
                .Groups["flags"]
                .Value.Split(' ')
                .Where(flag => flag.Length > 0 && flag != "\\Recent")
                .Order(StringComparer.OrdinalIgnoreCase);
            var date = DateTimeOffset.ParseExact(
                match.Groups["date"].Value.Trim(),
                "d-MMM-yyyy HH:mm:ss zzz",
                CultureInfo.InvariantCulture
            );
            messages[uint.Parse(match.Groups["uid"].Value, CultureInfo.InvariantCulture)] = new Message(
                Convert.ToHexStringLower(SHA256.HashData(bytes)),
                bytes.Length,
                string.Join(' ', flags),
                date.ToUniversalTime().ToString("s")
            );
        }
        return [.. messages.Values];
    }

    private static string? ListedName(RawImap.Response response)
    {
        if (Listed().Match(response.Text) is not { Success: true } match)
            return null;
        var name = match.Groups["name"].Value;
        return name == "{}" ? System.Text.Encoding.Latin1.GetString(response.Literals[0])
            : name.StartsWith('"') ? Regex.Replace(name[1..^1], @"\\(.)", "$1")
            : name;
    }

    [GeneratedRegex(@"^\* LIST \([^)]*\\No(?:select|nExistent)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Unselectable();

    [GeneratedRegex(@"^\* (?:LIST|LSUB) \([^)]*\) (?:""(?:\\.|[^""])*""|NIL) (?<name>.*)$")]
    private static partial Regex Listed();

    [GeneratedRegex(@"^\* \d+ FETCH \((?=.*UID (?<uid>\d+))(?=.*FLAGS \((?<flags>[^)]*)\))(?=.*INTERNALDATE ""(?<date>[^""]*)"")")]
    private static partial Regex Fetched();
}
