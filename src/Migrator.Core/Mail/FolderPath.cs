using System.Text;
using Migrator.Core.Migrations;

namespace Migrator.Core.Mail;

/// <summary>A folder's place in a mailbox, free of any server's delimiter, namespace prefix and name encoding: the
/// names from the root down. Its text form joins them with <c>/</c>; a <c>/</c> or <c>\</c> that is part of a name is
/// written with a <c>\</c> before it, so that no two paths share a text.</summary>
/// <remarks>INBOX is case-insensitive (RFC 9051, section 5.1): as a first name it is always upper case here. All other
/// names are compared exactly, although some servers merge case; the folder plan looks for that.</remarks>
public sealed record FolderPath
{
    public static readonly FolderPath Inbox = new(["INBOX"]);

    /// <summary>No mailbox that people use is nearly so deep. What is kept of the folders above a folder grows with the square of its
    /// depth.</summary>
    public const int Deepest = 100;

    private readonly string _text;

    public FolderPath(IReadOnlyList<string> names)
    {
        if (names.Count == 0 || names.Any(string.IsNullOrEmpty))
            throw new ArgumentException("A folder path needs at least one name, and no name may be empty.", nameof(names));
        Names = names[0].Equals("INBOX", StringComparison.OrdinalIgnoreCase) ? ["INBOX", .. names.Skip(1)] : [.. names];
        _text = string.Join('/', Names.Select(Escape));
    }

    public IReadOnlyList<string> Names { get; }

    public string Name => Names[^1];

    public FolderPath? Parent => Names.Count == 1 ? null : new FolderPath([.. Names.Take(Names.Count - 1)]);

    public bool IsInbox => Names is ["INBOX"];

    public FolderPath Child(string name) => new([.. Names, name]);

    public bool IsAtOrBelow(FolderPath above) =>
        Names.Count >= above.Names.Count && Names.Take(above.Names.Count).SequenceEqual(above.Names, StringComparer.Ordinal);

    public FolderPath Concat(IEnumerable<string> names) => new([.. Names, .. names]);

    /// <summary>Reads the text form; the opposite of <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">A name is empty, or it is deeper than <see cref="Deepest"/>.</exception>
    public static FolderPath Parse(string text)
    {
        var names = new List<string>();
        var name = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is '/' or '\\')
                name.Append(text[++i]);
            else if (text[i] == '/')
                Take();
            else
                name.Append(text[i]);
        }
        Take();
        return names.Count <= Deepest
            ? new FolderPath(names)
            : throw new FormatException($"This is not a folder path: it has {names.Count:N0} levels, and at most {Deepest} are accepted.");

        void Take()
        {
            if (name.Length == 0)
                throw new FormatException($"'{text}' is not a folder path: a name in it is empty.");
            names.Add(name.ToString());
            name.Clear();
        }
    }

    public bool Equals(FolderPath? other) => other is not null && _text == other._text;

    public override int GetHashCode() => _text.GetHashCode();

    public override string ToString() => _text;

    private static string Escape(string name) => name.Replace("\\", "\\\\").Replace("/", "\\/");
}
