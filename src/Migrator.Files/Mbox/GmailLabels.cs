using System.Text;
using Migrator.Core.Mail;
using MimeKit.Utils;

namespace Migrator.Files.Mbox;

/// <summary>What the labels of a message in a Google Takeout mean in a mailbox with folders.</summary>
/// <param name="Folder">The one where it belongs. A message is once in Gmail, however many labels it has: one folder for each would double
/// it.</param>
/// <param name="Others">The user gave it labels besides that one.</param>
internal sealed record GmailLabels(FolderPath Folder, SpecialUse Use, IReadOnlyList<string> Flags, bool Others)
{
    private enum Meaning
    {
        Nothing,
        Inbox,
        Sent,
        Draft,
        Trash,
        Spam,
        Archived,
        Unread,
        Opened,
        Starred,
        Category,
    }

    // Takeout writes them in the user's language. One that is not here becomes a folder of that name: nothing is lost.
    private static readonly Dictionary<string, Meaning> s_known = new Dictionary<Meaning, string>
    {
        [Meaning.Inbox] = "Inbox|Posteingang|Boîte de réception|Recibidos|Posta in arrivo|Postvak IN|Caixa de entrada",
        [Meaning.Sent] = "Sent|Gesendet|Messages envoyés|Envoyés|Enviados|Inviati|Posta inviata|Verzonden|Verzonden berichten",
        [Meaning.Draft] = "Draft|Drafts|Entwurf|Entwürfe|Brouillons|Borradores|Bozze|Concepten|Rascunhos",
        [Meaning.Trash] = "Trash|Bin|Papierkorb|Corbeille|Papelera|Cestino|Prullenbak|Lixeira",
        [Meaning.Spam] = "Spam|Junk",
        [Meaning.Archived] = "Archived|Archiviert|Archivés|Archivé|Archivado|Archiviati|Gearchiveerd|Arquivado",
        [Meaning.Unread] = "Unread|Ungelesen|Non lus|No leídos|No leído|Da leggere|Non letti|Ongelezen|Não lidas|Não lido",
        [Meaning.Opened] = "Opened|Geöffnet|Ouvert|Ouverts|Abierto|Abiertos|Aperti|Letti|Geopend|Aberto",
        [Meaning.Starred] = "Starred|Markiert|Suivis|Destacados|Speciali|Met ster|Com estrela",
        [Meaning.Nothing] = "Important|Wichtig|Importants|Importante|Importanti|Belangrijk|Chat|Muted|Snoozed|Scheduled",
    }
        .SelectMany(entry => entry.Value.Split('|').Select(name => (name, entry.Key)))
        .ToDictionary(pair => pair.name, pair => pair.Key, StringComparer.OrdinalIgnoreCase);

    private static readonly string[] s_categories = ["Category ", "Kategorie ", "Catégorie ", "Categoría ", "Categoria ", "Categorie "];

    /// <param name="header">The value of X-Gmail-Labels, unfolded, as Latin-1.</param>
    public static GmailLabels Parse(string header)
    {
        var labels = Split(Rfc2047.DecodeText(Encoding.Latin1.GetBytes(header)));
        var meanings = labels.ToLookup(MeaningOf);
        var users = labels.Where(label => MeaningOf(label) is null).Select(Path).OfType<FolderPath>().ToList();
        var (folder, use) = true switch
        {
            _ when meanings[Meaning.Trash].Any() => (new FolderPath(["Trash"]), SpecialUse.Trash),
            _ when meanings[Meaning.Spam].Any() => (new FolderPath(["Junk"]), SpecialUse.Junk),
            _ when meanings[Meaning.Draft].Any() => (new FolderPath(["Drafts"]), SpecialUse.Drafts),
            _ when meanings[Meaning.Inbox].Any() => (FolderPath.Inbox, SpecialUse.Inbox),
            _ when meanings[Meaning.Sent].Any() => (new FolderPath(["Sent"]), SpecialUse.Sent),
            _ when users.Count > 0 => (users[0], SpecialUse.None),
            _ => (new FolderPath(["Archive"]), SpecialUse.Archive),
        };
        var flags = new[]
        {
            meanings[Meaning.Unread].Any() ? "" : "\\Seen",
            meanings[Meaning.Starred].Any() ? "\\Flagged" : "",
            meanings[Meaning.Draft].Any() ? "\\Draft" : "",
        };
        return new GmailLabels(folder, use, [.. flags.Where(flag => flag.Length > 0)], users.Exists(label => label != folder));
    }

    private static Meaning? MeaningOf(string label) =>
        s_known.TryGetValue(label, out var meaning) ? meaning
        : s_categories.Any(category => label.StartsWith(category, StringComparison.OrdinalIgnoreCase)) ? Meaning.Category
        : null;

    /// <summary>At Gmail, too, a slash makes a label one below another.</summary>
    private static FolderPath? Path(string label)
    {
        var names = label.Split('/').Select(name => name.Trim()).Where(name => name.Length > 0).ToList();
        // What is deeper becomes part of the last name.
        if (names.Count > FolderPath.Deepest)
            names = [.. names.Take(FolderPath.Deepest - 1), string.Join('/', names.Skip(FolderPath.Deepest - 1))];
        return names.Count == 0 ? null : new FolderPath(names);
    }

    /// <summary>Separated by commas; one with a comma or a quotation mark in it is quoted.</summary>
    private static List<string> Split(string text)
    {
        var (labels, label, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && quoted && i + 1 < text.Length)
                label.Append(text[++i]);
            else if (text[i] == '"' && quoted && i + 1 < text.Length && text[i + 1] == '"')
                label.Append(text[++i]);
            else if (text[i] == '"' && (quoted || label.ToString().Trim().Length == 0))
                quoted = !quoted;
            else if (text[i] == ',' && !quoted)
                Take();
            else
                label.Append(text[i]);
        }
        Take();
        return labels;

        void Take()
        {
            if (label.ToString().Trim() is { Length: > 0 } taken)
                labels.Add(taken);
            label.Clear();
        }
    }
}
