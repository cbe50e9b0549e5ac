using Migrator.Core.Failures;
using Migrator.Files.Findings;
using Migrator.Files.Mbox;

namespace Migrator.Files.Reading;

/// <summary>Says what a directory holds in which no mail of the format asked for was found.</summary>
internal static class FileSurvey
{
    // Enough to tell; a whole disk need not be walked.
    private const int MostLookedAt = 20_000;

    public static string Words(string root, string? single, FileFormat format)
    {
        var looked = format switch
        {
            FileFormat.Mbox => "no mbox with a message in it, which begins with a line \"From \"",
            FileFormat.Maildir => "no message in a Maildir, which has directories \"cur\" and \"new\"",
            _ => "no file that ends with .eml or .emlx",
        };
        var (messages, maildirs, mboxes, files) = (0, 0, 0, 0);
        if (single is null)
            Walk("", 0);
        else
            files = 1;
        List<string> there = [];
        if (maildirs > 0)
            there.Add($"{maildirs:N0} like a Maildir (--format maildir)");
        if (mboxes > 0)
            there.Add($"{mboxes:N0} like an mbox (--format mbox)");
        if (messages > 0)
            there.Add($"{messages:N0} with one message (--format eml)");
        if (files > 0)
            there.Add($"{files:N0} other file{(files == 1 ? "" : "s")}");
        return $"found {looked}; {(there.Count == 0 ? "it is empty" : $"there are {string.Join(", ", there)}")}";

        void Walk(string place, int depth)
        {
            IReadOnlyList<FileEntry> entries;
            try
            {
                entries = LooseFiles.Entries(root, place, depth, new FileFindings());
            }
            catch (MailException)
            {
                return;
            }
            if (entries.Any(entry => entry.IsDirectory && entry.Name is "cur" or "new"))
                maildirs++;
            foreach (var entry in entries)
            {
                if (messages + maildirs + mboxes + files >= MostLookedAt)
                    return;
                if (entry.IsDirectory && entry.Name is not ("cur" or "new" or "tmp"))
                    Walk($"{place}{entry.Name}/", depth + 1);
                else if (entry.IsDirectory)
                    continue;
                else if (
                    entry.Name.EndsWith(".eml", StringComparison.OrdinalIgnoreCase)
                    || entry.Name.EndsWith(".emlx", StringComparison.OrdinalIgnoreCase)
                )
                    messages++;
                else if (entry.Stamp.Size > 0 && MboxFile.Begins(Path.Combine(root, place, entry.Name), out _) is not null)
                    mboxes++;
                else
                    files++;
            }
        }
    }
}
