namespace Migrator.Tests.Terminal;

/// <summary>What a terminal shows of a command, with what differs from run to run replaced by something as wide.</summary>
/// <param name="Line">The command.</param>
/// <param name="Lines">As the program wrote them: one that is wider than the terminal is broken by it.</param>
/// <param name="Width">Of the terminal.</param>
internal sealed record Screen(string Line, IReadOnlyList<string> Lines, int Width, int Code)
{
    /// <inheritdoc cref="Scene.IsVerbatim"/>
    public bool IsVerbatim { get; init; }

    /// <summary>As a person sees them.</summary>
    public IEnumerable<string> Rows => Lines.SelectMany(line => TerminalRows.Of(line, Width));

    /// <summary>The file of the screen.</summary>
    public override string ToString() => string.Concat(Rows.Prepend($"$ {Line}").Append($"[exit code {Code}]").Select(row => row + "\n"));
}
