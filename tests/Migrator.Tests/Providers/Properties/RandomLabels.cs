using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Properties;

/// <summary>A mailbox of Gmail, whose messages have labels.</summary>
internal sealed class RandomLabels(
    GmailServer gmail,
    string user,
    RawImap imap,
    RandomLetters letters,
    Random random,
    IReadOnlyList<string> flags
) : RandomMailbox(imap, letters, random, flags)
{
    private const string All = "[Gmail]/All Mail",
        Trash = "[Gmail]/Trash",
        Spam = "[Gmail]/Spam";

    private static readonly string[] s_own = ["Work", "Body/Bücher"];

    private static readonly string[] s_folders = ["INBOX", .. s_own, "[Gmail]/Sent Mail", "[Gmail]/Drafts", All, Spam, Trash];

    private static readonly string[] s_labels = ["\\Inbox", "Work", "Body/B&APw-cher", "\\Important", "\\Starred", "\\Sent"];

    public override async Task CreateAsync()
    {
        foreach (var folder in s_own)
            await Imap.CreateAsync(folder);
    }

    /// <summary>Each label is a folder; of all mail, what no other folder shows. Starred and Important only show mail of others.</summary>
    public override async Task<IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>>> ShownAsync()
    {
        var copies = await MessagesAsync(gmail, user);
        var labelled = copies
            .Where(folder => folder.Key is not (All or "[Gmail]/Starred" or "[Gmail]/Important"))
            .ToDictionary(folder => folder.Key, folder => folder.Value);
        var elsewhere = labelled.Values.SelectMany(folder => folder).Select(copy => copy.Id).ToHashSet();
        labelled[All] = [.. copies[All].Where(copy => !elsewhere.Contains(copy.Id))];
        return labelled.ToDictionary(
            folder => folder.Key,
            folder => (IReadOnlyList<MailboxContent.Message>)[.. folder.Value.Select(copy => copy.Message)]
        );
    }

    /// <summary>What an account holds, as the server behind the simulation says, and which message each copy is one of.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<(string Id, MailboxContent.Message Message)>>> MessagesAsync(
        GmailServer gmail,
        string user
    )
    {
        var store = await gmail.StoreOfAsync(user);
        var copies = (await store.AloneAsync(store.CopiesAsync)).ToLookup(copy => ModifiedUtf7.Decode(copy.Folder));
        return (await MailboxContent.ReadAsync(gmail.Server, user)).Folders.ToDictionary(
            folder => folder.Key,
            folder =>
                (IReadOnlyList<(string, MailboxContent.Message)>)[.. copies[folder.Key].Select(copy => copy.Message).Zip(folder.Value)]
        );
    }

    protected override async Task ChangeAsync()
    {
        var (folder, act) = (Of(s_folders), Chance.Next(20));
        if (act < 7 || await PickAsync(folder) is not { } uid)
            await AppendAsync(folder);
        else if (act < 10)
            await FlagAsync(uid);
        else if (folder is Trash or Spam)
            await Imap.RunAsync(act < 16 ? $"UID MOVE {uid} INBOX" : $"UID STORE {uid} +FLAGS (\\Deleted)");
        else if (act < 14)
            await Imap.RunAsync($"UID STORE {uid} +X-GM-LABELS ({Of(s_labels)})");
        else if (act < 16)
            await Imap.RunAsync($"UID STORE {uid} -X-GM-LABELS ({Of(s_labels)})");
        else if (act == 16)
            await Imap.RunAsync($"UID STORE {uid} X-GM-LABELS ()");
        else if (act == 17)
            await Imap.RunAsync($"UID MOVE {uid} \"{Of([Trash, Spam])}\"");
        else if (act == 18)
            await Imap.RunAsync($"UID MOVE {uid} Work");
        else if (folder != All)
            // The folder's label is taken away.
            await Imap.RunAsync($"UID STORE {uid} +FLAGS (\\Deleted)");
    }
}
