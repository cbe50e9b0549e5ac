using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Properties;

/// <summary>A mailbox with folders.</summary>
/// <param name="once">A message is in one folder at a time.</param>
internal sealed class RandomFolders(
    RawImap imap,
    RandomLetters letters,
    Random random,
    IReadOnlyList<string> flags,
    IReadOnlyList<string> folders,
    bool once
) : RandomMailbox(imap, letters, random, flags)
{
    public override async Task CreateAsync()
    {
        var there = await ShownAsync();
        foreach (var folder in folders.Where(folder => !there.ContainsKey(folder)))
            await Imap.CreateAsync(folder);
    }

    public override async Task<IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>>> ShownAsync() =>
        // Exchange writes it otherwise, which means the same (RFC 9051, section 5.1).
        (await MailboxContent.ReadAsync(Imap)).Folders.ToDictionary(
            folder => folder.Key == "Inbox" ? "INBOX" : folder.Key,
            folder => folder.Value
        );

    protected override async Task ChangeAsync()
    {
        var (folder, other, act) = (Of(folders), Of(folders), Chance.Next(10));
        if (act < 4 || await PickAsync(folder) is not { } uid)
            await AppendAsync(folder);
        else if (act < 6)
            await FlagAsync(uid);
        else if (act == 6 && !once)
            await Imap.RunAsync($"UID COPY {uid} {RawImap.Name(other)}");
        else if (act < 9)
            await Imap.RunAsync($"UID MOVE {uid} {RawImap.Name(other)}");
        else
        {
            await Imap.RunAsync($"UID STORE {uid} +FLAGS (\\Deleted)");
            await Imap.RunAsync($"UID EXPUNGE {uid}");
        }
    }
}
