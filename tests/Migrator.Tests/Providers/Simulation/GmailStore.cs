using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>One account of a <see cref="GmailServer"/>, as Dovecot keeps it: a folder for each label and one for all mail, with copies that
/// share their GUID. Asked and changed over a session of its own.</summary>
internal sealed partial class GmailStore(RawImap imap, GmailServer gmail) : IAsyncDisposable
{
    /// <summary>Where messages are that the limit of a folder hides: no client sees it.</summary>
    public const string Cellar = "zz-limited/";

    /// <summary>Set and taken away again: the folder has changed, as far as a client can see.</summary>
    public const string Mark = "gmmark";

    private readonly SemaphoreSlim _gate = new(1);

    private GmailNames Names => gmail.Names;

    public async Task<T> AloneAsync<T>(Func<Task<T>> act)
    {
        await _gate.WaitAsync();
        try
        {
            return await act();
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task CreateAsync()
    {
        var there = await FoldersAsync();
        foreach (var (folder, _, _) in Names.System.Where(known => !there.Contains(known.Folder)))
            await imap.RunAsync($"CREATE {ImapToken.Quote(folder)}");
    }

    public async Task<IReadOnlyList<string>> FoldersAsync() =>
        [
            .. from response in await imap.RunAsync("LIST \"\" \"*\"")
            let words = Tokens(response)
            where words.Count > 4 && !words[2].Words.Any(flag => flag is "\\Noselect" or "\\NonExistent")
            select words[4].Text,
        ];

    /// <summary>All copies of all messages.</summary>
    public async Task<List<GmailCopy>> CopiesAsync()
    {
        var copies = new List<GmailCopy>();
        var holding =
            from response in await imap.RunAsync("LIST \"\" \"*\" RETURN (STATUS (MESSAGES))")
            let words = Tokens(response)
            where words[1].Text == "STATUS" && words[3].Words.Last() != "0"
            select words[2].Text;
        foreach (var folder in holding.ToList())
        {
            await imap.RunAsync($"EXAMINE {ImapToken.Quote(folder)}");
            foreach (var response in await imap.RunAsync("UID FETCH 1:* (UID X-GUID FLAGS)"))
            {
                if (Of(response.Text, folder) is { } copy)
                    copies.Add(copy);
            }
        }
        return copies;
    }

    /// <returns>Null for a response that is about something else.</returns>
    public static GmailCopy? Of(string response, string folder) =>
        Guid().Match(response) is { Success: true } guid && Uid().Match(response) is { Success: true } uid
            ? new GmailCopy(guid.Groups[1].Value, folder, uint.Parse(uid.Groups[1].Value, CultureInfo.InvariantCulture), FlagsOf(response))
            : null;

    /// <summary>The labels of a message as seen in a folder, whose own is left out.</summary>
    public IReadOnlyList<string> Labels(IEnumerable<GmailCopy> copies, string seenIn) =>
        [
            .. copies
                .Select(copy => Names.LabelOf(Visible(copy.Folder)))
                .Where(label => label.Length > 0 && label != Names.LabelOf(seenIn))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    /// <returns>UIDVALIDITY and UID of what is in the folder now, whether it was stored or a copy of it was there.</returns>
    public async Task<string> AppendAsync(string folder, string flags, string date, byte[] bytes)
    {
        var home = Names.IsApart(folder) ? folder : Names.All;
        var same = gmail.KeepsOneCopy ? await FindAsync(bytes) : null;
        if (same is null)
        {
            var starred = folder == Names.Stars && !flags.Contains("\\Flagged", StringComparison.Ordinal);
            await imap.RunAsync(
                $"APPEND {ImapToken.Quote(home)} ({(starred ? $"{flags} \\Flagged" : flags).Trim()})"
                    + (date.Length > 0 ? $" \"{date}\"" : ""),
                bytes
            );
            var given = Given().Match(imap.Answer);
            same = new GmailCopy("", home, uint.Parse(given.Groups[2].Value, CultureInfo.InvariantCulture), "");
            if (flags.Contains("\\Flagged", StringComparison.Ordinal) && folder != Names.Stars && home == Names.All)
                await CopyAsync(same, Names.Stars);
        }
        var answer = await PutAsync(same, folder);
        await LimitAsync();
        return answer;
    }

    /// <summary>Gives a label to a message that has it or not.</summary>
    /// <returns>UIDVALIDITY and UID of its copy there.</returns>
    public async Task<string> PutAsync(GmailCopy copy, string folder)
    {
        if (!(await FoldersAsync()).Contains(folder))
            await imap.RunAsync($"CREATE {ImapToken.Quote(folder)}");
        var message = copy.Message.Length > 0 ? copy.Message : (await ReadAsync(copy)).Message;
        var there = (await CopiesAsync()).Find(other => other.Message == message && Visible(other.Folder) == Visible(folder));
        if (there is null || there.Folder != folder)
            return await CopyAsync(copy, folder);
        var status = string.Join(' ', (await imap.RunAsync($"STATUS {ImapToken.Quote(folder)} (UIDVALIDITY)")).Select(said => said.Text));
        return $"{Validity().Match(status).Groups[1].Value} {there.Uid}";
    }

    public async Task RemoveAsync(IEnumerable<GmailCopy> copies)
    {
        foreach (var folder in copies.GroupBy(copy => copy.Folder))
        {
            await imap.RunAsync($"SELECT {ImapToken.Quote(folder.Key)}");
            var uids = string.Join(',', folder.Select(copy => copy.Uid));
            await imap.RunAsync($"UID STORE {uids} +FLAGS.SILENT (\\Deleted)");
            await imap.RunAsync($"UID EXPUNGE {uids}");
        }
    }

    /// <summary>Flags belong to a message, not to its place.</summary>
    /// <param name="flags">Of each message.</param>
    public async Task SpreadFlagsAsync(IReadOnlyDictionary<string, string> flags)
    {
        var copies = await CopiesAsync();
        foreach (var copy in copies.Where(copy => flags.TryGetValue(copy.Message, out var now) && now != copy.Flags))
        {
            await imap.RunAsync($"SELECT {ImapToken.Quote(copy.Folder)}");
            await imap.RunAsync($"UID STORE {copy.Uid} FLAGS.SILENT ({flags[copy.Message]})");
        }
        foreach (var message in copies.Where(copy => flags.ContainsKey(copy.Message)).GroupBy(copy => copy.Message))
        {
            var starred = flags[message.Key].Contains("\\Flagged", StringComparison.Ordinal);
            if (!starred)
                await RemoveAsync(message.Where(copy => Visible(copy.Folder) == Names.Stars));
            else if (!message.Any(copy => Visible(copy.Folder) == Names.Stars) && message.FirstOrDefault(InAllMail) is { } copy)
                await CopyAsync(copy, Names.Stars);
        }
    }

    /// <summary>Folders of messages whose labels changed look changed themselves.</summary>
    public async Task TouchAsync(IReadOnlySet<string> messages)
    {
        foreach (var folder in (await CopiesAsync()).Where(copy => messages.Contains(copy.Message)).GroupBy(copy => copy.Folder))
        {
            await imap.RunAsync($"SELECT {ImapToken.Quote(folder.Key)}");
            var uids = string.Join(',', folder.Select(copy => copy.Uid));
            await imap.RunAsync($"UID STORE {uids} +FLAGS.SILENT ({Mark})");
            await imap.RunAsync($"UID STORE {uids} -FLAGS.SILENT ({Mark})");
        }
    }

    /// <summary>Hides what a folder has more than the account's setting shows.</summary>
    public async Task LimitAsync()
    {
        if (gmail.FolderLimit is not { } most)
            return;
        foreach (
            var folder in (await CopiesAsync())
                .Where(copy => copy.Folder != Names.All && Visible(copy.Folder) == copy.Folder)
                .GroupBy(copy => copy.Folder)
                .Where(folder => folder.Count() > most)
        )
        {
            var hidden = folder.OrderBy(copy => copy.Uid).SkipLast(most).ToList();
            foreach (var copy in hidden)
                await PutInCellarAsync(copy);
            await RemoveAsync(hidden);
            gmail.Had(nameof(gmail.FolderLimit));
        }
    }

    public bool InAllMail(GmailCopy copy) => copy.Folder == Names.All;

    public static string Visible(string folder) => folder.StartsWith(Cellar, StringComparison.Ordinal) ? folder[Cellar.Length..] : folder;

    public async ValueTask DisposeAsync()
    {
        await imap.DisposeAsync();
        _gate.Dispose();
    }

    private async Task PutInCellarAsync(GmailCopy copy)
    {
        var cellar = Cellar + copy.Folder;
        if (!(await FoldersAsync()).Contains(cellar))
            await imap.RunAsync($"CREATE {ImapToken.Quote(cellar)}");
        await CopyAsync(copy, cellar);
    }

    private async Task<string> CopyAsync(GmailCopy copy, string folder)
    {
        await imap.RunAsync($"SELECT {ImapToken.Quote(copy.Folder)}");
        if (copy.Folder == folder)
        {
            var said = string.Join(' ', (await imap.RunAsync($"STATUS {ImapToken.Quote(folder)} (UIDVALIDITY)")).Select(line => line.Text));
            return $"{Validity().Match(said).Groups[1].Value} {copy.Uid}";
        }
        await imap.RunAsync($"UID COPY {copy.Uid} {ImapToken.Quote(folder)}");
        var given = Copied().Match(imap.Answer);
        return $"{given.Groups[1].Value} {given.Groups[2].Value}";
    }

    private async Task<GmailCopy> ReadAsync(GmailCopy copy)
    {
        await imap.RunAsync($"EXAMINE {ImapToken.Quote(copy.Folder)}");
        return (await imap.RunAsync($"UID FETCH {copy.Uid} (UID X-GUID FLAGS)"))
            .Select(response => Of(response.Text, copy.Folder))
            .OfType<GmailCopy>()
            .Single();
    }

    /// <summary>The message with the same Message-ID, wherever it lies.</summary>
    private async Task<GmailCopy?> FindAsync(byte[] bytes)
    {
        if (MessageId().Match(Encoding.Latin1.GetString(bytes)) is not { Success: true } id)
            return null;
        foreach (var folder in new[] { Names.All, Names.Bin, Names.Junk })
        {
            await imap.RunAsync($"EXAMINE {ImapToken.Quote(folder)}");
            var found = (await imap.RunAsync($"UID SEARCH HEADER Message-ID \"{id.Groups[1].Value}\""))
                .SelectMany(response => response.Text.Split(' '))
                .Select(word => uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : 0)
                .FirstOrDefault(uid => uid > 0);
            if (found > 0)
                return await ReadAsync(new GmailCopy("", folder, found, ""));
        }
        return null;
    }

    private static List<ImapToken> Tokens(RawImap.Response response) =>
        ImapToken.Read(new ImapUnit(response.Text.Split("{}"), response.Literals));

    private static string FlagsOf(string response) =>
        string.Join(
            ' ',
            Flags()
                .Match(response)
                .Groups[1]
                .Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Where(flag => flag is not ("\\Recent" or "\\Deleted" or Mark))
                .Order(StringComparer.Ordinal)
        );

    [GeneratedRegex(@"X-GUID ""?([0-9a-f]+)")]
    private static partial Regex Guid();

    [GeneratedRegex(@"\bUID (\d+)")]
    private static partial Regex Uid();

    [GeneratedRegex(@"\bFLAGS \(([^)]*)\)")]
    private static partial Regex Flags();

    [GeneratedRegex(@"\[APPENDUID (\d+) (\d+)\]")]
    private static partial Regex Given();

    [GeneratedRegex(@"\[COPYUID (\d+) \d+ (\d+)\]")]
    private static partial Regex Copied();

    [GeneratedRegex(@"UIDVALIDITY (\d+)")]
    private static partial Regex Validity();

    [GeneratedRegex(@"\A(?:[^\r\n]+\r?\n)*?Message-ID:\s*(<[^>\r\n]+>)", RegexOptions.IgnoreCase)]
    private static partial Regex MessageId();
}
