namespace Migrator.Tests.Terminal;

/// <summary>One command of a session, and what its screen is called.</summary>
/// <param name="Name">Of the file of the screen.</param>
/// <param name="Line">As a shell reads it; words in braces are replaced by values of the <see cref="ScreenWorld"/>.</param>
internal sealed record Scene(string Name, string Line)
{
    /// <summary>What happens before it; null for nothing.</summary>
    public Func<ScreenWorld, Task>? Before { get; init; }

    /// <summary>What is typed while it runs: the text that the screen shows then, and the keys.</summary>
    public IReadOnlyList<(string Shown, string Keys)> Typed { get; init; } = [];

    /// <summary>So many lines of the screen are recorded; 0 for all.</summary>
    public int Head { get; init; }

    /// <summary>What is shown is for a program, or somebody else's: nothing of it is Migrator's to lay out.</summary>
    public bool IsVerbatim { get; init; }

    /// <summary>Variables that this command does not have.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];
}
