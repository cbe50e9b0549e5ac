namespace Migrator.Tests.Providers.Simulation;

/// <summary>What the folders of an account are called in its language, as on the wire.</summary>
internal sealed record GmailNames(
    string Prefix,
    string AllMail,
    string Drafts,
    string Important,
    string Sent,
    string Spam,
    string Starred,
    string Trash
)
{
    public static readonly GmailNames English = new("[Gmail]", "All Mail", "Drafts", "Important", "Sent Mail", "Spam", "Starred", "Trash");

    public static readonly GmailNames German = new(
        "[Google Mail]",
        "Alle Nachrichten",
        "Entw&APw-rfe",
        "Wichtig",
        "Gesendet",
        "Spam",
        "Markiert",
        "Papierkorb"
    );

    public string All => $"{Prefix}/{AllMail}";

    public string Stars => $"{Prefix}/{Starred}";

    public string Bin => $"{Prefix}/{Trash}";

    public string Junk => $"{Prefix}/{Spam}";

    /// <summary>Folders that are there always, besides INBOX: their use, and the label of what they hold.</summary>
    public IReadOnlyList<(string Folder, string Use, string Label)> System =>
        [
            (All, "\\All", ""),
            ($"{Prefix}/{Drafts}", "\\Drafts", "\\Draft"),
            ($"{Prefix}/{Important}", "\\Important", "\\Important"),
            ($"{Prefix}/{Sent}", "\\Sent", "\\Sent"),
            (Junk, "\\Junk", "\\Spam"),
            (Stars, "\\Flagged", "\\Starred"),
            (Bin, "\\Trash", "\\Trash"),
        ];

    /// <returns>Empty for All Mail.</returns>
    public string LabelOf(string folder) =>
        folder.Equals("INBOX", StringComparison.OrdinalIgnoreCase)
            ? "\\Inbox"
            : System.Where(known => known.Folder == folder).Select(known => known.Label).FirstOrDefault(folder);

    public string FolderOf(string label) =>
        label == "\\Inbox"
            ? "INBOX"
            : System.Where(known => known.Label.Length > 0 && known.Label == label).Select(known => known.Folder).FirstOrDefault(label);

    /// <summary>What is there lies in no other folder, All Mail included.</summary>
    public bool IsApart(string folder) => folder == Bin || folder == Junk;
}
