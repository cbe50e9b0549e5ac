namespace Migrator.Tests.Providers.Simulation;

/// <summary>What a client asks for.</summary>
/// <param name="Name">In capitals; with <c>UID</c> before it where it was given.</param>
/// <param name="Rest">All after the name.</param>
internal sealed record ImapCommand(string Tag, string Name, ImapUnit Rest)
{
    public IReadOnlyList<ImapToken> Arguments { get; } = ImapToken.Read(Rest);

    public string Folder => Arguments.Count > 0 ? Arguments[0].Text : "";

    public static ImapCommand Of(ImapUnit unit)
    {
        var words = unit.First.Split(' ', 4);
        var name = words.ElementAtOrDefault(1)?.ToUpperInvariant() ?? "";
        var taken = 2;
        if (name == "UID" && words.Length > 2)
        {
            name += " " + words[2].ToUpperInvariant();
            taken = 3;
        }
        return new ImapCommand(words[0], name, unit.WithFirst(string.Join(' ', words.Skip(taken))));
    }

    public ImapUnit Unit => Rest.WithFirst($"{Tag} {Name} {Rest.First}".TrimEnd());

    public override string ToString() => $"{Name} {Rest.Text}";
}
