namespace Migrator.Tests.Fuzzing;

/// <summary>An input at which a reader failed in a way that it must not.</summary>
public sealed class FuzzFinding(string message, string file, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Where the input was written.</summary>
    public string File => file;
}
