namespace Migrator.Cli.Help;

/// <param name="Title">Such as "Options".</param>
public sealed record HelpSection(string Title, IReadOnlyList<HelpRow> Rows);
