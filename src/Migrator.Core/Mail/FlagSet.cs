namespace Migrator.Core.Mail;

/// <summary>The flags of one message: system flags (<c>\Seen</c> …) and keywords, in one canonical order, each once.
/// Case does not count (RFC 9051, section 2.3.2). <c>\Recent</c> belongs to a session, not to a message, and is left
/// out.</summary>
public readonly record struct FlagSet
{
    private static readonly string[] s_system = ["\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen"];

    public static readonly FlagSet None = new([]);

    private readonly string? _text;

    public FlagSet(IEnumerable<string> flags) =>
        _text = string.Join(
            ' ',
            flags
                .Where(flag => flag.Length > 0 && !flag.Equals("\\Recent", StringComparison.OrdinalIgnoreCase))
                .Select(flag => Array.Find(s_system, known => known.Equals(flag, StringComparison.OrdinalIgnoreCase)) ?? flag)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Order(StringComparer.OrdinalIgnoreCase)
        );

    public IEnumerable<string> Flags => Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public IEnumerable<string> Keywords => Flags.Where(flag => flag[0] != '\\');

    /// <summary>The flags that are not keywords.</summary>
    public FlagSet System => new(Flags.Where(flag => flag[0] == '\\'));

    public bool IsEmpty => Text.Length == 0;

    private string Text => _text ?? "";

    public static FlagSet Parse(string text) => new(text.Split(' '));

    public bool Contains(string flag) => Flags.Contains(flag, StringComparer.OrdinalIgnoreCase);

    public FlagSet Except(FlagSet other) => new(Flags.Except(other.Flags, StringComparer.OrdinalIgnoreCase));

    public bool Equals(FlagSet other) => Text.Equals(other.Text, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.OrdinalIgnoreCase);

    /// <returns>The flags with a blank between them, as IMAP writes them; empty for none.</returns>
    public override string ToString() => Text;
}
