namespace Migrator.Cli.Help;

/// <summary>A command, an argument or an option, as help and man pages show it.</summary>
/// <param name="Label">Such as <c>-q, --quiet</c> or <c>--state DIR</c>.</param>
/// <param name="Text">What it does, with its default.</param>
public sealed record HelpRow(string Label, string Text);
