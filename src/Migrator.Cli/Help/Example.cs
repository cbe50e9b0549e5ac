namespace Migrator.Cli.Help;

/// <param name="What">What it does, in a few words.</param>
/// <param name="Line">As it is typed.</param>
public sealed record Example(string What, string Line);
